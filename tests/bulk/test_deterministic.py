"""The shipped chain gives the same rows whatever the batches, the lanes, the order and the
company.
"""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from spacy.language import Language

import biopipe
from biopipe.bulk.in_memory import annotate_table
from biopipe.bulk.parts import batches as batches_module
from biopipe.bulk.parts.batches import Record, annotated
from biopipe.bulk.parts.pipeline import kb_names
from biopipe.bulk.tables import TABLES
from biopipe.document import Document
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept
from biopipe.linking import linker
from biopipe.pipeline import build

SAMPLE = Path(biopipe.__file__).parent / "sample" / "abstracts.parquet"
# Names that two concepts share, and names that are near each other: links with a tie to break.
NAMES = [
    "chronic myeloid leukaemia",
    "myeloid leukaemia",
    "leukaemia",
    "imatinib",
    "metformin",
    "metformin XR",
]


@pytest.fixture(scope="module")
def nlp(tmp_path_factory: pytest.TempPathFactory) -> Language:
    concepts = [
        Concept(f"T:{number}{twin}", name, types=(kind,))
        for number, name in enumerate(NAMES)
        for twin in "ab"
        for kind in (("Chemical",) if number > 2 else ("Disease",))
    ]
    folder = tmp_path_factory.mktemp("kb") / "twins"
    kb = compile_kb(concepts, folder, name="twins", version="1", licence="CC0-1.0", sources={})
    return build(
        {
            "components": {
                "biopipe_ner": {},
                "biopipe_abbreviations": {},
                "biopipe_linker": {"kb": str(kb)},
                "biopipe_relations": {},
                "biopipe_assertion": {},
            }
        }
    )


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    texts = pq.read_table(SAMPLE)["text"].to_pylist()[:5]
    texts += ["", "CML (chronic myeloid leukaemia) and metformin.", "\n\n".join(texts[:2] * 4)]
    return [Document(f"d{number}", text) for number, text in enumerate(texts)]


@pytest.fixture(scope="module")
def expected(nlp: Language, documents: list[Document]) -> dict[str, dict[str, pa.Table]]:
    """The tables of each document by itself."""
    return {document.id: _tables(nlp, [document], lanes=0) for document in documents}


def _tables(nlp: Language, documents: Sequence[Document], *, lanes: int) -> dict[str, pa.Table]:
    records = [Record(row, document) for row, document in enumerate(documents)]
    found = annotated(records, nlp, source="x", kb_names=kb_names(nlp), lanes=lanes)
    parts = [batch.tables for batch in found]
    return {
        name: _without_places(pa.concat_tables(part[name] for part in parts).combine_chunks())
        for name in TABLES
    }


def _without_places(table: pa.Table) -> pa.Table:
    """What a table says of documents, without where each was read."""
    return table.drop_columns(["input", "row"])


def _joined(
    expected: dict[str, dict[str, pa.Table]], documents: Sequence[Document]
) -> dict[str, pa.Table]:
    parts = [expected[document.id] for document in documents]
    return {
        name: pa.concat_tables(part[name] for part in parts).combine_chunks() for name in TABLES
    }


def test_there_is_something_to_compare(
    expected: dict[str, dict[str, pa.Table]], documents: list[Document]
) -> None:
    tables = _joined(expected, documents)
    assert tables["documents"].num_rows == len(documents)
    assert tables["errors"].num_rows == 0
    assert tables["relations"].num_rows > 10
    assert max(tables["documents"]["windows"].to_pylist()) > 1
    ties = [
        row
        for row in tables["mentions"].to_pylist()
        if len(row["candidates"]) > 1
        and row["candidates"][0]["score"] == row["candidates"][1]["score"]
    ]
    assert ties
    assert all(
        row["candidates"][0]["concept_id"] < row["candidates"][1]["concept_id"] for row in ties
    )


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(("batch", "lanes"), [(64, 0), (64, 2), (3, 2), (1, 3)])
def test_batches_lanes_and_order_change_nothing(
    nlp: Language,
    documents: list[Document],
    expected: dict[str, dict[str, pa.Table]],
    monkeypatch: pytest.MonkeyPatch,
    batch: int,
    lanes: int,
    order: int,
) -> None:
    monkeypatch.setattr(batches_module, "BATCH_DOCUMENTS", batch)
    monkeypatch.setattr(
        linker, "_CACHED_LINKS", 2
    )  # links are forgotten while other lanes ask for them
    asked = documents[::order]
    found, wanted = _tables(nlp, asked, lanes=lanes), _joined(expected, asked)
    for name in TABLES:
        assert found[name].equals(wanted[name], check_metadata=True), name


def test_a_table_in_memory_gives_the_same(
    nlp: Language, documents: list[Document], expected: dict[str, dict[str, pa.Table]]
) -> None:
    table = pa.table({"id": [d.id for d in documents], "text": [d.text for d in documents]})
    found, wanted = annotate_table(table, pipeline=nlp), _joined(expected, documents)
    for name in TABLES:
        own = _without_places(getattr(found, name))
        assert own.equals(wanted[name], check_metadata=True), name
