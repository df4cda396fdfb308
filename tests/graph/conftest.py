"""Output folders of runs, written as a run writes them, without a model."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from biopipe.bulk.output.folder import open_output_folder
from biopipe.bulk.parts.writer import PartWriter
from biopipe.bulk.tables import document_tables
from biopipe.document import Document
from biopipe.io.run_output.counts import Counts
from biopipe.io.run_output.journal import Part

WriteRun = Callable[..., Path]
Rows = list[dict[str, object]]


def write_output(
    folder: Path,
    parts: Mapping[str, Sequence[Document]],
    *,
    assertions: Mapping[tuple[str, int], list[str]] | None = None,
    finished: bool = True,
) -> Path:
    """One part for each entry; `assertions` go into the relations table by document id and number
    of the relation.
    """
    with open_output_folder(folder, {"pipeline": "test"}) as target:
        for name, documents in parts.items():
            counts = Counts()
            counts.add_documents(documents)
            with PartWriter(folder, name) as writer:
                for table, rows in document_tables(documents, {"": "kb"}).items():
                    if table == "relations" and assertions:
                        rows = _asserted(rows, assertions)
                    writer.write(table, rows)
                files = writer.publish(documents=len(documents), errors=0)
            part = Part(name, f"{name}.jsonl", None, (0, 0), counts, files, 0.1)
            part.record(folder)
        target.write_run({"finished": finished})
    return folder


def _asserted(rows, assertions):
    found: dict[str, int] = {}
    plain = rows.to_pylist()
    for row in plain:
        number = found.setdefault(row["document_id"], 0)
        found[row["document_id"]] += 1
        row["assertion"] = assertions.get((row["document_id"], number), [])
    return type(rows).from_pylist(plain, schema=rows.schema)


@pytest.fixture
def write_run(tmp_path: Path) -> WriteRun:
    """Writes tmp_path/NAME: each further argument is a list of documents, one part each."""

    def write(name: str, *parts: Sequence[Document], **options) -> Path:
        return write_output(
            tmp_path / name,
            {f"{name}-{number}": part for number, part in enumerate(parts)},
            **options,
        )

    return write


def table(graph: Path, name: str) -> Rows:
    rows: Rows = pq.read_table(graph / f"{name}.parquet").to_pylist()
    return rows
