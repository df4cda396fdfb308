"""`biopipe graph` over 100,000 documents: seconds, peak memory, and whether adding equals building
from all.

    python benchmarks/graph.py

The real abstracts are annotated once by `biopipe run`. Its tables are then repeated under shifted
document ids until they hold 100,000 documents, so texts repeat but the graph counts every document.
`--annotated OUT` takes the output of an earlier run.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from record import options, record

TEXTS = ("easyner-autophagy-999.json", "pubmedqa-1000.json")
TABLES = ("documents", "mentions", "relations", "errors")
DAYS = 10


def main() -> None:
    arguments = parsed()
    with tempfile.TemporaryDirectory() as folder:
        result = measure(arguments, Path(folder))
    record("graph", result, arguments.results)
    if not result["incremental_equals_full"]:
        raise SystemExit(1)


def parsed() -> argparse.Namespace:
    parser = options(__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--annotated", type=Path, help="output of biopipe run to repeat")
    return parser.parse_args()


def measure(arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Nothing but the standard library is loaded here before the commands: a child's peak starts at
    its parent's.
    """
    annotated = arguments.annotated or annotate(arguments.data, folder / "annotated")
    code = "import graph, sys; graph.repeat(*sys.argv[1:])"
    place = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    subprocess.run(
        [sys.executable, "-c", code, str(annotated), str(folder), str(arguments.documents)],
        check=True,
        env=place,
    )
    days = [folder / f"day{day}" for day in range(DAYS)]
    full = command(days, folder / "full")
    first = command(days[:-1], folder / "added")
    last = command(days[-1:], folder / "added", "--add")
    small = command(days[:1], folder / "tenth")
    return {
        "documents": full["counts"]["documents"],
        "full": full,
        "nine_tenths": first,
        "add_last_tenth": last,
        "one_tenth": small,
        "rows": json.loads((folder / "rows.json").read_text(encoding="utf-8")),
        "documents_per_second": round(full["counts"]["documents"] / full["wall_seconds"]),
        "incremental_equals_full": equal(folder / "full", folder / "added"),
    }


def annotate(data: Path, output: Path) -> Path:
    """The output of `biopipe run` over the abstracts."""
    sources = [str(data / "text" / name) for name in TEXTS]
    subprocess.run(
        [sys.executable, "-m", "biopipe", "run", *sources, "-o", str(output)],
        check=True,
        stdout=sys.stderr,
    )
    return output


def repeat(annotated: str, folder: str, documents: str) -> None:
    """Write `DAYS` output folders that together hold the annotated documents again and again, ids
    shifted.
    """
    import pyarrow.dataset as ds

    source = Path(annotated)
    tables = {name: ds.dataset(source / name, format="parquet").to_table() for name in TABLES}
    each = tables["documents"].num_rows
    if not each:
        raise SystemExit(f"{annotated} holds no documents to repeat.")
    times = math.ceil(int(documents) / each)
    for day in range(DAYS):
        rounds = range(day * times // DAYS, (day + 1) * times // DAYS)
        write_day(tables, rounds, Path(folder) / f"day{day}")
    rows = {name: table.num_rows * times for name, table in tables.items() if name != "errors"}
    (Path(folder) / "rows.json").write_text(json.dumps(rows), encoding="utf-8")


def write_day(tables: dict[str, Any], rounds: range, folder: Path) -> None:
    """One output folder in which every round is a part."""
    from biopipe.bulk.output.folder import open_output_folder
    from biopipe.bulk.parts.writer import PartWriter
    from biopipe.io.run_output.counts import Counts
    from biopipe.io.run_output.journal import Part

    with open_output_folder(folder, {"pipeline": "repeated"}) as target:
        for number in rounds:
            name = f"round{number}"
            documents = tables["documents"].num_rows
            with PartWriter(folder, name) as writer:
                for table in ("documents", "mentions", "relations"):
                    writer.write(table, shifted(tables[table], number))
                files = writer.publish(documents=documents, errors=0)
            counts = Counts(inputs=documents, documents=documents)
            Part(name, name, None, (0, 0), counts, files, 0.0).record(folder)
        target.write_run({"finished": True})


def shifted(table: Any, number: int) -> Any:
    """The rows with ids of their own for this round."""
    import pyarrow.compute as pc

    column = "id" if "id" in table.column_names else "document_id"
    ids = pc.binary_join_element_wise(table[column], str(number), "-")
    return table.set_column(table.column_names.index(column), column, ids)


def command(outputs: list[Path], graph: Path, *more: str) -> dict[str, Any]:
    """One `biopipe graph` in a process of its own: its summary, wall and processor seconds, peak
    memory.
    """
    words = [
        sys.executable,
        "-m",
        "biopipe",
        "graph",
        *map(str, outputs),
        "-o",
        str(graph),
        "--json",
        *more,
    ]
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as printed:
        child = subprocess.Popen(words, stdout=printed)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(child.returncode)
        printed.seek(0)
        summary = json.load(printed)
    kept = {
        name: summary[name] for name in ("nodes", "edges", "contradicted", "parts_added", "counts")
    }
    return {
        **kept,
        "wall_seconds": round(seconds, 2),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 2),
        "peak_rss_mb": round(usage.ru_maxrss / 1024),
    }


def equal(one: Path, other: Path) -> bool:
    """Whether nodes, edges and all evidence are the same."""
    import pyarrow.parquet as pq

    tables = ("nodes.parquet", "edges.parquet")
    names = [
        sorted(path.name for path in (folder / "evidence").iterdir()) for folder in (one, other)
    ]
    if names[0] != names[1]:
        return False
    files = (*tables, *(f"evidence/{name}" for name in names[0]))
    return all(pq.read_table(one / file).equals(pq.read_table(other / file)) for file in files)


if __name__ == "__main__":
    main()
