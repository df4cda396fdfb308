"""Every field of the table goes through every codec, whichever fields there are.

The documents are generated from the table itself, so that a new field is tested without an edit
here.
"""

import dataclasses
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

from biopipe.components.document import annotate_doc, to_document
from biopipe.document import (
    Abbreviation,
    Candidate,
    Document,
    Measurement,
    Medication,
    MedicationAttribute,
    Mention,
    NoteSection,
    Passage,
    Relation,
    TimeExpression,
)
from biopipe.document.arrow import arrow_schema, document_rows
from biopipe.document.fields import (
    ABBREVIATION_FIELDS,
    CANDIDATE_FIELDS,
    DOCUMENT_FIELDS,
    MEASUREMENT_FIELDS,
    MEDICATION_ATTRIBUTE_FIELDS,
    MEDICATION_FIELDS,
    MENTION_FIELDS,
    PASSAGE_FIELDS,
    RELATION_FIELDS,
    SECTION_FIELDS,
    TIME_FIELDS,
    Field,
    FieldTable,
    Kind,
)
from biopipe.document.mapping import decode_record, encode_record
from biopipe.document.plain import from_user_data, to_user_data
from biopipe.io.codecs import jsonl, parquet
from biopipe.io.records import document_from_record

TABLES: Mapping[type, FieldTable[Any]] = {
    Abbreviation: ABBREVIATION_FIELDS,
    Candidate: CANDIDATE_FIELDS,
    Document: DOCUMENT_FIELDS,
    Measurement: MEASUREMENT_FIELDS,
    Medication: MEDICATION_FIELDS,
    MedicationAttribute: MEDICATION_ATTRIBUTE_FIELDS,
    Mention: MENTION_FIELDS,
    NoteSection: SECTION_FIELDS,
    Passage: PASSAGE_FIELDS,
    Relation: RELATION_FIELDS,
    TimeExpression: TIME_FIELDS,
}
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NAME = TEXT.filter(str.strip)
VALUES: Mapping[Kind, st.SearchStrategy[Any]] = {
    Kind.TEXT: NAME,
    Kind.INTEGER: st.integers(0, (1 << 31) - 1),
    Kind.SCORE: st.floats(0, 1),
    Kind.NUMBER: st.floats(allow_nan=False, allow_infinity=False),
    Kind.FLAG: st.booleans(),
    Kind.TEXTS: st.lists(NAME, max_size=3).map(tuple),
    Kind.LABELS: st.frozensets(NAME, max_size=3),
    Kind.TEXT_MAP: st.dictionaries(NAME, TEXT, max_size=2),
}


@st.composite
def records(draw: st.DrawFn, table: FieldTable[Any], text: str) -> Any:
    """A record of the table whose spans lie in `text`; every optional field may be missing."""
    # spaCy has no empty spans.
    span = st.integers(0, len(text) - 1).flatmap(
        lambda start: st.tuples(st.just(start), st.integers(start + 1, len(text)))
    )
    values = {"text": text} if table.record is Document else {}
    for start, end in table.spans:
        values[start], values[end] = draw(span)
    for field in table.fields:
        if field.name in values or (not field.required and draw(st.booleans())):
            continue
        if field.table is not None:
            value = st.lists(records(field.table, text), max_size=2).map(tuple)
        elif field.kind is Kind.SPANS:
            value = st.lists(span, max_size=2).map(tuple)
        else:
            value = VALUES[field.kind]
        values[field.name] = draw(value)
    return table.record(**values)


@st.composite
def documents(draw: st.DrawFn, table: FieldTable[Any] = DOCUMENT_FIELDS) -> Any:
    text = draw(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
    return draw(records(table, text))


@pytest.mark.parametrize("record", TABLES, ids=lambda record: record.__name__)
def test_every_field_of_a_dataclass_is_in_its_table(record: type) -> None:
    table = TABLES[record]
    names = [field.name for field in table.fields]
    assert sorted([*names, *table.transient]) == sorted(
        field.name for field in dataclasses.fields(record)
    )


def test_what_is_derived_or_transient_is_not_stored() -> None:
    assert DOCUMENT_FIELDS.transient == ("sentences", "concepts", "shared", "concept_basis")
    assert not any(table.transient for record, table in TABLES.items() if record is not Document)


@given(documents())
def test_through_json(document: Document) -> None:
    def refuse(document_id: str, error: str) -> None:
        raise AssertionError(error)

    line = json.dumps(encode_record(DOCUMENT_FIELDS, document))
    assert document_from_record(json.loads(line), refuse) == document


@given(documents())
def test_through_user_data(document: Document) -> None:
    stored = to_user_data(document)
    assert "text" not in stored
    assert from_user_data(stored, document.text) == document
    assert from_user_data(json.loads(json.dumps(stored)), document.text) == document


@given(documents())
def test_through_arrow(document: Document) -> None:
    (row,) = document_rows([document]).to_pylist()
    assert decode_record(DOCUMENT_FIELDS, row) == document


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=st.lists(documents(), min_size=1, max_size=2))
def test_through_files(tmp_path: Path, made: list[Document]) -> None:
    for writer, path in ((jsonl, tmp_path / "a.jsonl"), (parquet, tmp_path / "a.parquet")):
        assert writer.write(made, path) == len(made)
        assert list(writer.read(path)) == made


@settings(max_examples=30)
@given(documents())
def test_through_a_doc_bin(document: Document) -> None:
    # One character a token, as mentions may begin and end anywhere.
    doc = Doc(Vocab(), list(document.text), [False] * len(document.text))
    annotate_doc(doc, document)
    (again,) = DocBin(docs=[doc], store_user_data=True).get_docs(Vocab())
    assert to_document(again) == document


@dataclass(frozen=True, slots=True)
class MentionWithTense(Mention):
    """A mention with one field more than biopipe has."""

    tense: str = ""
    clauses: tuple[tuple[int, int], ...] = ()


TENSE_FIELDS = replace(
    MENTION_FIELDS,
    record=MentionWithTense,
    fields=(
        *MENTION_FIELDS.fields,
        Field("tense", Kind.TEXT, default=""),
        Field("clauses", Kind.SPANS, default=()),
    ),
)
TENSE_DOCUMENT_FIELDS = replace(
    DOCUMENT_FIELDS,
    fields=tuple(
        replace(field, table=TENSE_FIELDS) if field.name == "mentions" else field
        for field in DOCUMENT_FIELDS.fields
    ),
)


@given(documents(TENSE_DOCUMENT_FIELDS))
def test_a_new_field_is_one_line_of_the_table(document: Document) -> None:
    stored = json.loads(json.dumps(encode_record(TENSE_DOCUMENT_FIELDS, document)))
    assert decode_record(TENSE_DOCUMENT_FIELDS, stored) == document
    (row,) = document_rows([document], TENSE_DOCUMENT_FIELDS).to_pylist()
    assert decode_record(TENSE_DOCUMENT_FIELDS, row) == document


def test_a_file_from_before_a_new_field_reads_its_default() -> None:
    stored = encode_record(MENTION_FIELDS, Mention(0, 1, "Gene"))
    assert decode_record(TENSE_FIELDS, stored) == MentionWithTense(0, 1, "Gene")
    with pytest.raises(KeyError, match="label"):
        decode_record(TENSE_FIELDS, {"start": 0, "end": 1})


def test_the_arrow_types_are_those_of_the_kinds() -> None:
    schema = arrow_schema(RELATION_FIELDS)
    span = pa.struct([("start", pa.int64()), ("end", pa.int64())])
    assert schema.field("head_name").type == pa.string()
    assert schema.field("novel").type == pa.bool_()
    assert schema.field("novel_score").type == pa.float64()
    assert schema.field("evidence").type == pa.list_(span)
    assert schema.field("assertion").type == pa.list_(pa.string())


def test_neither_biopipe_nor_the_table_imports_pyarrow() -> None:
    code = (
        "import sys, biopipe, biopipe.document.fields, biopipe.document.mapping, "
        "biopipe.document.plain; sys.exit('pyarrow' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
