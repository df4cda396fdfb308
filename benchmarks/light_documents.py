"""Memory of a run over very many documents of a few words, and of `nlp.pipe` beside it.

    python benchmarks/light_documents.py --documents 1000000

Every text has words that no other has, which is what fills spaCy's vocabulary. Three ways, each in
a process of its own: `biopipe run` with predictors alone, `biopipe run` with a component of spaCy
(whose batches go through memory zones), and `nlp.pipe` without one. The resident memory is noted
at every tenth of the documents; growth is from the fifth tenth to the last, for what is opened and
gathered once is there by then.
"""

import json
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from record import options, record

NOTES = 10
ROWS_PER_GROUP = 50_000


def texts(documents: int) -> Iterator[str]:
    for number in range(documents):
        yield f"Case{number:x} of lung cancer (LC{number:x})."


def resident() -> float:
    """MB of this process."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return round(int(line.split()[1]) / 1024, 1)


class Notes:
    """Resident memory at every tenth of the documents."""

    def __init__(self, documents: int) -> None:
        self.memory: list[float] = []
        self._step = documents / NOTES

    def add(self, done: int) -> None:
        while done >= (len(self.memory) + 1) * self._step:
            self.memory.append(resident())


def write_input(path: Path, documents: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([("id", pa.string()), ("text", pa.string())])
    every = texts(documents)
    with pq.ParquetWriter(path, schema) as writer:
        for first in range(0, documents, ROWS_PER_GROUP):
            numbers = range(first, min(first + ROWS_PER_GROUP, documents))
            columns = [[str(number) for number in numbers], [next(every) for _ in numbers]]
            writer.write_table(pa.table(columns, schema=schema))


def run_bulk(folder: Path, documents: int, components: dict[str, Any]) -> list[float]:
    from biopipe.bulk import run

    pipeline = folder / "pipeline.json"
    pipeline.write_text(json.dumps({"components": components}))
    notes = Notes(documents)
    run(
        [str(folder / "in.parquet")],
        folder / f"out-{len(components)}",
        pipeline=str(pipeline),
        on_progress=lambda progress: notes.add(progress.inputs),
    )
    return notes.memory


def predictors(folder: Path, documents: int) -> list[float]:
    return run_bulk(folder, documents, {"biopipe_abbreviations": {}})


def spacy_component(folder: Path, documents: int) -> list[float]:
    return run_bulk(folder, documents, {"biopipe_abbreviations": {}, "sentencizer": {}})


def nlp_pipe(folder: Path, documents: int) -> list[float]:
    import biopipe

    nlp = biopipe.build({"components": {"biopipe_abbreviations": {}}})
    notes = Notes(documents)
    for number, _ in enumerate(nlp.pipe(texts(documents)), 1):
        notes.add(number)
    return notes.memory


WAYS: dict[str, Callable[[Path, int], list[float]]] = {
    "run, predictors": predictors,
    "run, a component of spaCy": spacy_component,
    "nlp.pipe without a memory zone": nlp_pipe,
}


def measured(way: str, folder: Path, documents: int) -> dict[str, Any]:
    started = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        memory = pool.apply(WAYS[way], (folder, documents))
    later = memory[NOTES // 2 - 1 :]
    grown = (later[-1] - later[0]) * 2**20 / (documents * (len(later) - 1) / NOTES)
    return {
        "documents": documents,
        "resident MB at every tenth": memory,
        "bytes a document, from the fifth tenth": round(grown, 1),
        "seconds": round(time.perf_counter() - started, 1),
    }


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument(
        "--spacy-documents", type=int, default=200_000, help="Of the run with a component of spaCy."
    )
    parser.add_argument("--pipe-documents", type=int, default=20_000, help="Of nlp.pipe.")
    arguments = parser.parse_args()
    documents = dict(
        zip(
            WAYS,
            (arguments.documents, arguments.spacy_documents, arguments.pipe_documents),
            strict=True,
        )
    )
    result = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for way in WAYS:
            write_input(folder / "in.parquet", documents[way])
            result[way] = measured(way, folder, documents[way])
            print(way, result[way], flush=True)
    record("light_documents", result, arguments.results)


if __name__ == "__main__":
    main()
