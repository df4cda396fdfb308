"""Documents per second of reading and writing Parquet with a pipeline that does nothing, beside
plain pyarrow.

    python benchmarks/streaming.py [--documents 200000] [--rounds 3]

Abstracts are repeated under new ids and written to Parquet in row groups. `biopipe run` reads them
with a pipeline of no components and writes documents, mentions, relations and errors; pyarrow reads
the same columns and writes id and length of the text, batch by batch, to one file. In turns, in
this process. The rate to compare with is that of the whole chain: about 13 documents a second on
two cores.
"""

import gc
import itertools
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from record import options, record

ROWS_PER_GROUP = 50_000


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--documents", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    source = arguments.data / "text" / "easyner-autophagy-999.json"
    if not source.is_file():
        raise SystemExit(
            f"There is no {source}; give the folder of the texts with --data or $BIOPIPE_DATA."
        )
    result = measure(source, arguments.documents, arguments.rounds)
    record("streaming", result, arguments.results)


def measure(source: Path, count: int, rounds: int) -> dict[str, Any]:
    """Documents per second of both ways, medians over the rounds."""
    from biopipe import io

    texts = [document.text for document in io.read(source)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_inputs(folder, texts, count)
        ways: dict[str, Callable[[], float]] = {
            "pyarrow": lambda: plain(folder),
            "biopipe": lambda: run(folder),
        }
        seconds: dict[str, list[float]] = {way: [] for way in ways}
        for _, (way, work) in itertools.product(range(rounds), ways.items()):
            gc.collect()
            seconds[way].append(work())
        parts = len(list((folder / "out" / "documents").glob("*.parquet")))
        size = (folder / "in.parquet").stat().st_size
    median = {way: statistics.median(times) for way, times in seconds.items()}
    return {
        "documents": count,
        "input_mb": round(size / 2**20, 1),
        "parts": parts,
        "documents_per_second": {way: round(count / value) for way, value in median.items()},
        "microseconds_a_document": {
            way: round(1e6 * value / count, 1) for way, value in median.items()
        },
        "seconds": {way: [round(value, 3) for value in times] for way, times in seconds.items()},
        "ratio_to_pyarrow": round(median["pyarrow"] / median["biopipe"], 3),
    }


def write_inputs(folder: Path, texts: Sequence[str], count: int) -> None:
    """The Parquet file, as other programs write one, and the pipeline without components."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema({"id": pa.string(), "text": pa.string()})
    with pq.ParquetWriter(folder / "in.parquet", schema, compression="zstd") as writer:
        for start in range(0, count, ROWS_PER_GROUP):
            rows = range(start, min(count, start + ROWS_PER_GROUP))
            columns = [[str(row) for row in rows], [texts[row % len(texts)] for row in rows]]
            writer.write_table(pa.table(columns, schema=schema))
    (folder / "nothing.json").write_text(json.dumps({"components": {}}), encoding="utf-8")


def plain(folder: Path) -> float:
    """Seconds of pyarrow for the least that the work is: read both columns, measure the text, write
    id and length.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    schema = pa.schema({"id": pa.string(), "text_length": pa.int32()})
    started = time.perf_counter()
    with (
        pq.ParquetFile(folder / "in.parquet") as file,
        pq.ParquetWriter(folder / "plain.parquet", schema, compression="zstd") as writer,
    ):
        for batch in file.iter_batches(columns=["id", "text"]):
            writer.write_batch(
                pa.record_batch(
                    [batch.column("id"), pc.utf8_length(batch.column("text"))], schema=schema
                )
            )
    return time.perf_counter() - started


def run(folder: Path) -> float:
    """Seconds of `biopipe run` after its pipeline is loaded."""
    from biopipe.bulk import run as run_files

    summary = run_files(
        [str(folder / "in.parquet")],
        folder / "out",
        pipeline=str(folder / "nothing.json"),
        restart=True,
    )
    return summary.seconds - summary.loading_seconds


if __name__ == "__main__":
    main()
