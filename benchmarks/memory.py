"""Resident memory of `biopipe run` over very many documents: it should stay flat.

    python benchmarks/memory.py [--documents 1000000] [--pipeline light|default] [--workers 1]

The light pipeline finds abbreviations and runs no model; the default one is the whole chain. Two
hundred abstracts are repeated, each time with words of their own at the end, so that whatever keeps
new strings grows with their number. The run is a process of its own; every second its memory is
read, with that of its workers: `anonymous` is what they allocated, `resident` has also the pages of
models and knowledge bases, which the system shares and takes back.
"""

import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from record import options, record

ABSTRACTS = 200
PARTS = 100
LEAST_ROWS = 50
MOST_POINTS = 100
LIGHT: dict[str, Any] = {"components": {"biopipe_abbreviations": {}}}


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--pipeline", choices=["light", "default"], default="light")
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    source = arguments.data / "text" / "easyner-autophagy-999.json"
    if not source.is_file():
        raise SystemExit(
            f"There is no {source}; give the folder of the texts with --data or $BIOPIPE_DATA."
        )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = write_inputs(source, folder, arguments.documents)
        command = [
            sys.executable,
            "-m",
            "biopipe",
            "run",
            str(folder / "in.parquet"),
            "-o",
            str(folder / "out"),
        ]
        command += ["--workers", str(arguments.workers)]
        if arguments.pipeline == "light":
            (folder / "light.json").write_text(json.dumps(LIGHT), encoding="utf-8")
            command += ["--pipeline", str(folder / "light.json")]
        started = time.monotonic()
        points = list(watch(command, folder / "out" / "journal", rows))
        seconds = time.monotonic() - started
    name = "memory" if arguments.pipeline == "light" else "memory_chain"
    record(name, report(points, arguments.documents, seconds), arguments.results)


def write_inputs(source: Path, folder: Path, count: int) -> int:
    """Write the Parquet file in about a hundred row groups; rows of a group."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from biopipe import io

    texts = [document.text for document in itertools.islice(io.read(source), ABSTRACTS)]
    size = max(LEAST_ROWS, count // PARTS)
    schema = pa.schema({"id": pa.string(), "text": pa.string()})
    with pq.ParquetWriter(folder / "in.parquet", schema, compression="zstd") as writer:
        for start in range(0, count, size):
            rows = range(start, min(count, start + size))
            longer = [
                f"{texts[row % len(texts)]} Case{row} had protein X{row}Y ({row}PX)."
                for row in rows
            ]
            writer.write_table(pa.table([[str(row) for row in rows], longer], schema=schema))
    return size


def watch(command: Sequence[str], journal: Path, rows: int) -> Iterator[dict[str, float]]:
    """Run the command and read its memory (MB) every second, with the documents that are done."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while child.poll() is None:
            time.sleep(1)
            parts = len(list(journal.glob("*.json"))) if journal.is_dir() else 0
            memory = [read_memory(process) for process in family(child.pid)]
            yield {
                "documents": parts * rows,
                "anonymous": round(sum(anonymous for anonymous, _ in memory), 1),
                "resident": round(sum(resident for _, resident in memory), 1),
            }
        if child.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {child.returncode}.")
    finally:
        if child.poll() is None:
            child.terminate()


def family(process: int) -> list[int]:
    """A process and all that it started."""
    found = [process]
    for each in found:
        for task in Path(f"/proc/{each}/task").glob("*/children"):
            try:
                found += [int(child) for child in task.read_text().split()]
            except OSError:
                continue  # it has ended
    return found


def read_memory(process: int) -> tuple[float, float]:
    """Anonymous and all resident memory in MB."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0, 0.0
    kilobytes = {
        key: value.split()[0]
        for key, _, value in (line.partition(":") for line in lines)
        if value.split()
    }
    return int(kilobytes.get("RssAnon", 0)) / 1024, int(kilobytes.get("VmRSS", 0)) / 1024


def report(points: Sequence[dict[str, float]], count: int, seconds: float) -> dict[str, Any]:
    """The curve thinned out, and its slope over the second half of the documents, when caches are
    full.
    """
    settled = [point for point in points if count / 2 <= point["documents"] < count]
    thin = max(1, -(-len(points) // MOST_POINTS))
    return {
        "documents": count,
        "seconds": round(seconds, 1),
        "documents_per_second": round(count / seconds, 1),
        "peak_mb": {
            name: max(point[name] for point in points) for name in ("anonymous", "resident")
        },
        "mb_per_100000_documents": {
            name: slope(settled, name) for name in ("anonymous", "resident")
        },
        # spaCy imports torch where it is installed, which is 120 MB a process that no run needs.
        "torch_installed": find_spec("torch") is not None,
        "points": list(points[::thin]),
        "unit": "MB",
    }


def slope(points: Sequence[dict[str, float]], name: str) -> float | None:
    """Least squares, MB for every 100,000 documents; None where there are too few points."""
    import numpy as np

    if len({point["documents"] for point in points}) < 3:
        return None
    documents = np.array([point["documents"] for point in points]) / 100_000
    return round(float(np.polyfit(documents, [point[name] for point in points], 1)[0]), 2)


if __name__ == "__main__":
    main()
