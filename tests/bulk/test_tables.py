from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from biopipe.bulk.tables import (
    SCHEMAS,
    ErrorRow,
    Origin,
    document_tables,
    error_table,
    schemas_with,
)
from biopipe.document import Candidate, Document, Mention, Passage, Relation
from biopipe.document.fields import (
    DOCUMENT_FIELDS,
    MENTION_FIELDS,
    RELATION_FIELDS,
    FieldTable,
)

COLUMNS = {
    "documents": (
        "id, text_length, passages, date, mentions, relations, windows, limits, sections, medications, "
        "measurements, times, input, row"
    ),
    "mentions": (
        "document_id, mention, start, end, text, label, score, concept_id, concept_ids, concept_name, "
        "concept_score, knowledge_base, candidates, assertion, source, section, long_form, "
        "input, row"
    ),
    "relations": (
        "document_id, head, tail, head_label, tail_label, label, score, novel, novel_score, evidence, "
        "assertion, head_name, tail_name, subject, subject_score, linked, input, row"
    ),
    "errors": "input, row, document_id, stage, error",
}

TEXT = "Café: BRCA1 and breast cancer 🧬 in BRCA1 carriers."
DOCUMENT = Document(
    id="d1",
    text=TEXT,
    mentions=(
        Mention(
            6,
            11,
            "Gene",
            score=0.75,
            concept_ids=("NCBIGene:672", "NCBIGene:12189"),
            candidates=(
                Candidate("NCBIGene:12189", "Brca1", 0.25),
                Candidate("NCBIGene:672", "BRCA1", 0.5),
            ),
            assertion=frozenset({"possible", "historical"}),
            sources=("tagger", "dictionary:genes"),
        ),
        Mention(16, 29, "Disease"),
    ),
    relations=(
        Relation(
            *("NCBIGene:672", "MESH:D001943", "Association", 0.5, True, 0.25),
            evidence=((6, 29), (33, 50)),
            assertion=frozenset({"possible", "negated"}),
            head_label="Gene",
            head_name="BRCA1",
        ),
    ),
    passages=(Passage("title", 0, 5),),
    meta={"date": "2020-05"},
    windows=3,
    pairs_left_out=4,
)


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("documents", DOCUMENT_FIELDS),
        ("mentions", MENTION_FIELDS),
        ("relations", RELATION_FIELDS),
    ],
)
def test_every_field_is_a_column_or_says_that_it_is_none(name: str, table: FieldTable[Any]) -> None:
    columns = {field.name for field in table.fields if field.output_column}
    assert columns <= set(SCHEMAS[name].names)


@pytest.mark.parametrize("table", SCHEMAS)
def test_columns_are_those_of_the_format(table: str) -> None:
    assert SCHEMAS[table].names == COLUMNS[table].split(", ")


def test_a_document_and_its_mentions_and_relations_become_rows() -> None:
    kb_names = {"": "default", "Gene": "genes"}
    tables = document_tables([DOCUMENT], kb_names, origin=Origin("in.csv", [7]))
    assert tables["documents"].to_pylist() == [
        {
            "id": "d1",
            "text_length": len(TEXT),
            "passages": [{"type": "title", "start": 0, "end": 5}],
            "date": "2020-05",
            "mentions": 2,
            "relations": 1,
            "windows": 3,
            "limits": ["relation pairs left out: 4"],
            "sections": [],
            "medications": [],
            "measurements": [],
            "times": [],
            "input": "in.csv",
            "row": 7,
        }
    ]
    gene, disease = tables["mentions"].to_pylist()
    assert gene == {
        "document_id": "d1",
        "mention": 0,
        "start": 6,
        "end": 11,
        "text": "BRCA1",
        "label": "Gene",
        "score": 0.75,
        "concept_id": "NCBIGene:672",
        "concept_ids": ["NCBIGene:672", "NCBIGene:12189"],
        "concept_name": "BRCA1",
        "concept_score": 0.5,
        "knowledge_base": "genes",
        "candidates": [
            {"concept_id": "NCBIGene:12189", "name": "Brca1", "score": 0.25},
            {"concept_id": "NCBIGene:672", "name": "BRCA1", "score": 0.5},
        ],
        "assertion": ["historical", "possible"],
        "source": "tagger|dictionary:genes",
        "section": None,
        "long_form": None,
        "input": "in.csv",
        "row": 7,
    }
    assert disease["text"] == "breast cancer"
    assert disease["mention"] == 1
    assert [
        disease[name] for name in ("concept_id", "concept_name", "concept_score", "knowledge_base")
    ] == [None] * 4
    assert disease["concept_ids"] == disease["candidates"] == []
    assert tables["relations"].to_pylist() == [
        {
            "document_id": "d1",
            "head": "NCBIGene:672",
            "tail": "MESH:D001943",
            "head_label": "Gene",
            "tail_label": None,
            "label": "Association",
            "score": 0.5,
            "novel": True,
            "novel_score": 0.25,
            "evidence": [{"start": 6, "end": 29}, {"start": 33, "end": 50}],
            "assertion": ["negated", "possible"],
            "head_name": "BRCA1",
            "tail_name": None,
            "subject": None,
            "subject_score": None,
            "linked": True,
            "input": "in.csv",
            "row": 7,
        }
    ]


def test_rows_of_documents_with_one_id_are_told_apart() -> None:
    origin = Origin("in/\udce4.csv", [3, 5, 9])
    tables = document_tables([DOCUMENT] * 3, {}, origin=origin)
    for table, count in (("documents", 1), ("mentions", 2), ("relations", 1)):
        assert tables[table]["row"].to_pylist() == [row for row in (3, 5, 9) for _ in range(count)]
        assert set(tables[table]["input"].to_pylist()) == {"in/\\udce4.csv"}


def test_columns_that_are_kept_come_last() -> None:
    keep = ("journal", "meta.source")
    document = replace(DOCUMENT, meta={"journal": "Cell", "date": "2020"})
    table = document_tables([document], {}, keep=keep)["documents"]
    assert table.schema == schemas_with(keep)["documents"]
    assert table.column_names == [*SCHEMAS["documents"].names, *keep]
    (row,) = table.to_pylist()
    assert (row["journal"], row["meta.source"], row["input"], row["row"]) == ("Cell",) + (None,) * 3


def test_a_document_that_was_read_whole_has_no_limits() -> None:
    (row,) = document_tables([Document("d", "x")], {})["documents"].to_pylist()
    assert (row["windows"], row["limits"]) == (0, [])


def test_a_dictionary_names_its_knowledge_base_itself() -> None:
    mention = Mention(0, 7, "Chemical", concept_ids=("lab:1",), dictionary="lab")
    document = Document("d", "aspirin", mentions=(mention,))
    (row,) = document_tables([document], {"": "default"})["mentions"].to_pylist()
    assert row["knowledge_base"] == "lab"


def test_the_knowledge_base_without_a_label_serves_all_others() -> None:
    linked = Document(
        "d", "aspirin", mentions=(Mention(0, 7, "Chemical", concept_ids=("MESH:D001241",)),)
    )
    (row,) = document_tables([linked], {"": "default", "Gene": "genes"})["mentions"].to_pylist()
    assert row["knowledge_base"] == "default"
    assert row["concept_id"] == "MESH:D001241"
    assert row["concept_name"] is None


def test_no_documents_give_empty_tables_of_the_same_schema() -> None:
    tables = document_tables([], {}) | {"errors": error_table([])}
    assert {name: table.schema for name, table in tables.items()} == dict(SCHEMAS)
    assert all(table.num_rows == 0 for table in tables.values())


def test_an_error_may_quote_what_is_not_unicode() -> None:
    rows = error_table(
        [
            ErrorRow("in\udcff.xml", 4, "id\ud800", "read", "bad \udfff"),
            ErrorRow("a", 0, "", "ner", "x"),
        ]
    )
    assert rows.schema == SCHEMAS["errors"]
    first, second = rows.to_pylist()
    assert first == {
        "input": "in\\udcff.xml",
        "row": 4,
        "document_id": "id\\ud800",
        "stage": "read",
        "error": "bad \\udfff",
    }
    assert second["document_id"] is None


def test_tables_can_be_concatenated() -> None:
    once = document_tables([DOCUMENT], {})["mentions"]
    assert pa.concat_tables([once, once]).num_rows == 4
