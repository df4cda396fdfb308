from typing import Any

import pytest

from biopipe.document import Document, Mention, Passage, Relation
from biopipe.io.input_columns import InputColumns
from biopipe.io.records import document_from_record
from biopipe.io.rows import BadRecord


def refuse(document_id: str, error: str) -> None:
    raise AssertionError(error)


def document(record: Any, **options: str) -> Document:
    return document_from_record(record, refuse, **options)


@pytest.mark.parametrize("parts", [{}, {"mentions": [], "passages": [], "windows": 0}])
def test_what_is_empty_is_as_good_as_missing(parts: dict[str, Any]) -> None:
    assert document({"id": "1", "text": "x"} | parts) == Document("1", "x")
    title = (Passage("title", 0, 2),)
    assert document({"id": "1", "title": "T."} | parts) == Document("1", "T.", passages=title)


def test_an_empty_list_of_abbreviations_says_that_there_are_none() -> None:
    assert document({"id": "1", "text": "x", "abbreviations": []}).abbreviations == ()
    assert document({"id": "1", "text": "x"}).abbreviations is None
    assert document({"id": "1", "text": "x", "abbreviations": None}).abbreviations is None


def test_records_of_version_0_1_0() -> None:
    record = {
        "id": "1",
        "text": "BRCA1 (breast)",
        "mentions": [
            {
                "start": 0,
                "end": 5,
                "label": "Gene",
                "score": 0.5,
                "concept_ids": ["NCBIGene:672"],
                "source": "biopipe-ner|dictionary:genes",
            }
        ],
        "relations": [
            {
                "head": "a",
                "tail": "b",
                "label": "Bind",
                "score": 0.5,
                "evidence": [{"start": 0, "end": 5}],
            }
        ],
        "meta": {"date": "2020"},
    }
    mention = Mention(
        *(0, 5, "Gene", 0.5, ("NCBIGene:672",)),
        sources=("biopipe-ner", "dictionary:genes"),
        dictionary="genes",
    )
    relation = Relation("a", "b", "Bind", 0.5, evidence=((0, 5),))
    assert document(record) == Document(
        "1", "BRCA1 (breast)", (mention,), (relation,), meta={"date": "2020"}
    )


def test_title_and_abstract_of_other_tools() -> None:
    record = {
        "pmid": 12,
        "title": "T.",
        "abstract": "A\nb.",
        "pubdate": "2020",
        "journal": "J",
        "doi": "",
        "pmc": None,
    }
    read = document(record)
    assert (read.id, read.text) == ("12", "T. A\nb.")
    assert read.passages == (Passage("title", 0, 2), Passage("abstract", 3, 7))
    assert read.meta == {"date": "2020", "journal": "J"}


@pytest.mark.parametrize("abstract", ["", None])
def test_without_abstract_the_text_is_the_title(abstract: str | None) -> None:
    assert document({"id": "1", "title": "T.", "abstract": abstract}).text == "T."


def test_pubmedqa() -> None:
    record = {
        "QUESTION": "Q?",
        "CONTEXTS": ["One.", "Two."],
        "LABELS": ["AIMS", "RESULTS"],
        "LONG_ANSWER": "Yes.",
    }
    read = document(record | {"YEAR": "2011"}, key="7")
    assert (read.id, read.text, read.meta) == ("7", "Q? One. Two. Yes.", {"date": "2011"})
    assert [(p.type, read.text[p.start : p.end]) for p in read.passages] == [
        ("title", "Q?"),
        ("abstract", "One. Two. Yes."),
        ("aims", "One."),
        ("results", "Two."),
        ("conclusions", "Yes."),
    ]


def test_a_title_beside_the_text_is_meta_and_does_not_move_offsets() -> None:
    read = document({"id": "1", "title": "T", "text": "x"})
    assert (read.text, read.meta) == ("x", {"title": "T"})


def test_other_field_names() -> None:
    assert document({"key": 5, "body": "x"}, columns=InputColumns("body", "key")) == Document(
        "5", "x"
    )


@pytest.mark.parametrize(
    ("record", "error"),
    [
        (7, "the record is a number, not an object"),
        ({"id": "1"}, "there is no field 'text' for the text; the fields are: id"),
        ({"text": "x"}, "there is no field 'id' for the id; the fields are: text"),
        ({"id": None, "text": "x"}, "the id is null"),
        ({"id": " ", "text": "x"}, "the id is empty"),
        ({"id": 1.5, "text": "x"}, "the id is 1.5, not text or a whole number"),
        ({"id": True, "text": "x"}, "the id is true or false, not text or a whole number"),
        ({"id": "1", "text": None}, "text is null"),
        ({"id": "1", "text": 7}, "text is a number, not text"),
        ({"id": "1", "text": ["x"]}, "text is a list, not text"),
        (
            {"id": "1", "text": "ab\udc80"},
            "text has a lone surrogate (U+DC80) at character 2; repair its encoding",
        ),
        (
            {"id": "\ud800", "text": "ab"},
            "the id has a lone surrogate (U+D800) at character 0; repair its encoding",
        ),
        ({"id": "1", "title": None, "abstract": None}, "text is null"),
        ({"id": "1", "title": 3}, "title is a number, not text"),
    ],
)
def test_a_bad_record_says_why(record: Any, error: str) -> None:
    with pytest.raises(BadRecord) as caught:
        document(record)
    assert str(caught.value) == error


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        (
            {"mentions": [{"start": 0, "end": 9, "label": "Gene"}]},
            "0:9 is not a span of the text, which has 3",
        ),
        ({"mentions": [{"start": 0, "end": 1}]}, "no 'label'"),
        ({"mentions": [["aspirin", 0, 3]]}, "the mentions are left out"),
        ({"relations": "many"}, "the relations are left out"),
        ({"passages": [{"type": "title", "start": "0", "end": 1}]}, "0:1 is not a span"),
        ({"mentions": 7}, "the mentions are left out"),
        ({"windows": ["3"]}, "the windows are left out"),
    ],
)
def test_parts_in_another_shape_are_told_and_the_text_is_read(
    parts: dict[str, Any], error: str
) -> None:
    told: list[tuple[str, str]] = []
    read = document_from_record(
        {"id": "1", "text": "abc"} | parts, lambda *complaint: told.append(complaint)
    )
    assert read == Document("1", "abc")
    assert [name for name, _ in told] == ["1"]
    assert error in told[0][1]
