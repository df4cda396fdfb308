"""`biopipe report` over 2,000 and 100,000 documents: seconds, peak memory, size of the page, and how
soon Chromium has it open.

    python benchmarks/report.py

300 autophagy abstracts are annotated once by `biopipe run`. Its tables are then repeated in rounds;
ten rounds differ, with ids of documents of their own, and with ids of their own for concepts in fewer
than three of the abstracts; further ones are these again. `--annotated OUT` takes the output of an
earlier run.
Needs Chromium and its driver. Milliseconds of an opening are of the browser's own clock, from the
start of the navigation to the end of the page's scripts, which a busy machine stretches; processor
milliseconds are those of the page's main thread. The least and the middle of several.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from record import PROJECT, options, record

TEXTS = "easyner-autophagy-999.json"
ABSTRACTS = 300
SIZES = (2_000, 100_000)
OPENINGS = 7
DIFFERENT = 10


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--annotated", type=Path, help="output of biopipe run to repeat")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="numbers of documents")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = measure(arguments, Path(folder))
    record("report", result, arguments.results)
    small = result[str(arguments.sizes[0])]
    if (
        small["page_bytes"] >= 15_000_000
        or small["opening"]["ready_processor_ms"]["least"] >= 2_000
    ):
        raise SystemExit(1)


def measure(arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    annotated = arguments.annotated or annotate(arguments.data, folder)
    result: dict[str, Any] = {"load_average": [round(load, 1) for load in os.getloadavg()]}
    for documents in arguments.sizes:
        output, page = folder / f"out{documents}", folder / f"page{documents}.html"
        repeat(annotated, output, documents)
        built = build(output, page)
        result[str(documents)] = built | {"opening": opening(page, folder / f"profile{documents}")}
    return result


def annotate(data: Path, folder: Path) -> Path:
    """The output of `biopipe run` over the first abstracts."""
    records = json.loads((data / "text" / TEXTS).read_text(encoding="utf-8"))
    source = folder / "autophagy.json"
    source.write_text(json.dumps(dict(list(records.items())[:ABSTRACTS])), encoding="utf-8")
    output = folder / "annotated"
    command = [sys.executable, "-m", "biopipe", "run", str(source), "-o", str(output)]
    subprocess.run(command, check=True, stdout=sys.stderr)
    return output


def repeat(annotated: Path, output: Path, documents: int) -> None:
    """An output folder in which every round is a part, with the texts as a kept column."""
    import pyarrow.dataset as ds

    from biopipe.bulk.output.folder import open_output_folder
    from biopipe.bulk.parts.writer import PartWriter
    from biopipe.bulk.tables import schemas_with
    from biopipe.io.run_output.counts import Counts
    from biopipe.io.run_output.journal import Part

    names, schemas = ("documents", "mentions", "relations"), schemas_with(("text",))
    tables = {name: ds.dataset(annotated / name, format="parquet").to_table() for name in names}
    tables["documents"] = with_texts(annotated, tables["documents"])
    rare = rare_concepts(tables["mentions"])
    mentions = tables["mentions"]["label"].value_counts().to_pylist()
    counted = {row["values"]: row["counts"] for row in mentions}
    made: list[Part] = []
    with open_output_folder(output, {"pipeline": "repeated"}) as target:
        for number in range(math.ceil(documents / tables["documents"].num_rows)):
            left = documents - number * tables["documents"].num_rows
            name, whole = f"round{number}", left >= tables["documents"].num_rows
            if whole and number >= DIFFERENT:
                part = again(made[number % DIFFERENT], name, output)
            else:
                rows = {table: shifted(tables[table], number % DIFFERENT, rare) for table in names}
                rows = {table: first_documents(rows[table], tables, left) for table in names}
                with PartWriter(output, name, keep=("text",)) as writer:
                    for table in names:
                        writer.write(table, with_all_columns(rows[table], schemas[table]))
                    files = writer.publish(documents=rows["documents"].num_rows, errors=0)
                counts = Counts(documents=rows["documents"].num_rows)
                counts.mentions.update(counted)
                part = Part(name, "none", None, (0, 0), counts, files, 0.0)
            part.record(output)
            made.append(part)
        target.write_run({"finished": True})


def again(part: Any, name: str, output: Path) -> Any:
    """The same part under another name, without a copy of its files."""
    from biopipe.io.run_output.folder import part_file

    for table in part.files:
        os.link(part_file(output, table, part.name), part_file(output, table, name))
    return replace(part, name=name)


def with_texts(annotated: Path, documents: Any) -> Any:
    """The table of documents with a column of their texts."""
    import pyarrow as pa

    from biopipe.graph.parts import read_source
    from biopipe.io.run_output.folder import read_run_file
    from biopipe.report.rows import numbered_parts
    from biopipe.report.texts import TextReader

    reader = TextReader(annotated, read_run_file(annotated) or {})
    texts = {}
    for part in numbered_parts(read_source(annotated)):
        read = reader.texts(part, list(range(len(part.documents.ids))))
        texts |= {part.first + number: text for number, text in read.items()}
    column = [texts[number] for number in range(documents.num_rows)]
    return documents.append_column("text", pa.array(column, pa.string()))


def rare_concepts(mentions: Any) -> set[str]:
    """The ids of concepts in fewer than three documents."""
    held: dict[str, set[str]] = {}
    for row in mentions.select(["document_id", "concept_id"]).to_pylist():
        if row["concept_id"]:
            held.setdefault(row["concept_id"], set()).add(row["document_id"])
    return {concept for concept, documents in held.items() if len(documents) < 3}


def shifted(table: Any, number: int, rare: set[str]) -> Any:
    """The rows with ids of their own for this round."""
    import pyarrow as pa
    import pyarrow.compute as pc

    owned = pa.array(sorted(rare), pa.string())

    def own(ids: Any) -> Any:
        renamed = pc.binary_join_element_wise(ids, str(number), "-")
        return pc.if_else(pc.is_in(ids, value_set=owned), renamed, ids)

    column = "id" if "id" in table.column_names else "document_id"
    changed = {column: pc.binary_join_element_wise(table[column], str(number), "-")}
    for name in {"head", "tail", "concept_id"} & set(table.column_names):
        changed[name] = own(table[name])
    if "concept_ids" in table.column_names:
        lists = table["concept_ids"].combine_chunks()
        changed["concept_ids"] = pa.ListArray.from_arrays(lists.offsets, own(lists.values))
    for name, values in changed.items():
        table = table.set_column(table.column_names.index(name), name, values)
    return table


def with_all_columns(table: Any, schema: Any) -> Any:
    """The table as runs write it now: a column that an earlier one lacks is null."""
    import pyarrow as pa

    rows = table.num_rows
    columns = [
        table[field.name] if field.name in table.column_names else pa.nulls(rows, field.type)
        for field in schema
    ]
    return pa.table(columns, names=schema.names).cast(schema)


def first_documents(table: Any, tables: dict[str, Any], documents: int) -> Any:
    """The rows of the first documents of a round."""
    rows = tables["documents"].slice(0, documents)
    if "mentions" in table.column_names:
        return table.slice(0, documents)
    import pyarrow.compute as pc

    name = "mentions" if "concept_id" in table.column_names else "relations"
    return table.slice(0, pc.sum(rows[name]).as_py())


def build(output: Path, page: Path) -> dict[str, Any]:
    """`biopipe report` in a process of its own: its summary, seconds and peak memory."""
    words = [sys.executable, "-m", "biopipe", "report", str(output), "-o", str(page), "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        summary = json.loads(process.stdout.read())
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return {
        "documents": summary["all_documents"],
        "documents_in_page": summary["documents"],
        "concepts": summary["all_concepts"],
        "concepts_listed": summary["concepts"],
        "page_bytes": summary["bytes"],
        "build_processor_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "build_peak_mb": round(usage.ru_maxrss / 1024),
    }


def opening(page: Path, profile: Path) -> dict[str, Any]:
    """Milliseconds until the page and then its graph can be used, and its processor seconds."""
    sys.path.append(str(PROJECT / "tests" / "pages"))
    from browser import open_browser

    profile.mkdir()
    driver = open_browser(profile)
    try:
        # Of the processor, so that other work on the machine does not count.
        driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
        ready, paint, drawn, busy = [], [], [], []
        for _ in range(OPENINGS):
            driver.get("about:blank")
            before = 1000 * metric(driver, "TaskDuration")
            driver.get(page.as_uri())
            if driver.execute_script("return document.documentElement.dataset.ready") != "yes":
                raise SystemExit("The page did not become ready.")
            after = 1000 * metric(driver, "TaskDuration")
            busy.append(after - before if after > before else after)
            ready.append(driver.execute_script(READY))
            paint.append(driver.execute_async_script(PAINT))
            drawn.append(driver.execute_async_script(GRAPH))
        heap = metric(driver, "JSHeapUsedSize")
        version = driver.capabilities["browserVersion"]
    finally:
        driver.quit()
    return {
        "chromium": version,
        "ready_ms": spread(ready),
        "first_paint_ms": spread(paint),
        "graph_ms": spread(drawn),
        "ready_processor_ms": spread(busy),
        "heap_mb": round(heap / 2**20),
    }


def metric(driver: Any, name: str) -> float:
    """A figure of the page's process: seconds of its main thread, or bytes."""
    rows = driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return next(float(row["value"]) for row in rows if row["name"] == name)


READY = "return performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
PAINT = """const done = arguments[0];
new PerformanceObserver((list) => done(list.getEntriesByName('first-contentful-paint')[0].startTime))
  .observe({type: 'paint', buffered: true});"""
GRAPH = """const done = arguments[0]; const start = performance.now(); location.hash = '#/graph';
(function look() { document.querySelector('#network').dataset.drawn
  ? done(performance.now() - start) : setTimeout(look, 5); })();"""


def spread(values: list[float]) -> dict[str, int]:
    return {"least": round(min(values)), "middle": round(statistics.median(values))}


if __name__ == "__main__":
    main()
