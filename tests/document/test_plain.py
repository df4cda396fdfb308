import json

import pytest

from biopipe.document import Abbreviation, Candidate, Document, Mention, Passage, Relation
from biopipe.document.plain import FORMAT, from_record, to_record
from biopipe.errors import InputError

FULL = Document(
    "d",
    "aspirin treats pain",
    (
        Mention(
            0,
            7,
            "Chemical",
            0.5,
            ("a", "b"),
            (Candidate("a", "n", 0.1),),
            frozenset({"Negated"}),
            ("s",),
        ),
    ),
    (Relation("a", "b", "Bind", 0.5, False, None, ((0, 7),), frozenset({"negated", "possible"})),),
    (Passage("title", 0, 19),),
    (Abbreviation(0, 1, 2, 3),),
    {"k": "v"},
)


def test_survives_json_and_tuples() -> None:
    record = to_record(FULL)
    assert from_record(record, FULL.text) == FULL
    assert from_record(json.loads(json.dumps(record)), FULL.text) == FULL
    tuples = {
        key: tuple(value) if isinstance(value, list) else value for key, value in record.items()
    }
    assert from_record(tuples, FULL.text) == FULL


def test_assertions_are_written_in_order() -> None:
    mention = Mention(0, 1, "x", assertion=frozenset({"c", "a", "b"}))
    assert to_record(Document("", "x", (mention,)))["mentions"][0]["assertion"] == ["a", "b", "c"]


def test_relations_from_before_they_had_assertions() -> None:
    record = to_record(FULL)
    del record["relations"][0]["assertion"]
    assert from_record(record, FULL.text).relations[0].assertion == frozenset()


def test_empty_record() -> None:
    assert from_record({}, "text") == Document("", "text")


def test_newer_format() -> None:
    with pytest.raises(
        InputError, match=f"format {FORMAT + 1} and this biopipe reads up to {FORMAT}; upgrade"
    ):
        from_record({"format": FORMAT + 1}, "text")
