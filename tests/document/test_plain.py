import json

import pytest

from biopipe.document import Abbreviation, Candidate, Document, Mention, Passage, Relation
from biopipe.document.plain import USER_DATA_FORMAT, from_user_data, to_user_data
from biopipe.errors import InputError

MENTION = Mention(
    0,
    7,
    "Chemical",
    0.5,
    ("a", "b"),
    (Candidate("a", "n", 0.1),),
    frozenset({"negated"}),
    ("ner", "dictionary:mesh"),
    "mesh",
)
RELATION = Relation(
    "a", "b", "Bind", 0.5, False, None, ((0, 7),), frozenset({"negated"}), "Chemical", "Gene", "A"
)
FULL = Document(
    "d",
    "aspirin treats pain",
    (MENTION,),
    (RELATION,),
    (Passage("title", 0, 19),),
    (Abbreviation(0, 1, 2, 3),),
    {"k": "v"},
    windows=3,
    pairs_left_out=4,
)


def test_survives_json_and_tuples() -> None:
    stored = to_user_data(FULL)
    assert from_user_data(stored, FULL.text) == FULL
    assert from_user_data(json.loads(json.dumps(stored)), FULL.text) == FULL
    tuples = {
        key: tuple(value) if isinstance(value, list) else value for key, value in stored.items()
    }
    assert from_user_data(tuples, FULL.text) == FULL


def test_mentions_are_there_even_if_there_are_none() -> None:
    assert to_user_data(Document("", "x"))["mentions"] == []


def test_docs_of_format_1() -> None:
    mention = {
        "start": 0,
        "end": 7,
        "label": "Chemical",
        "score": 0.5,
        "concept_ids": ["a", "b"],
        "candidates": [["a", "n", 0.1]],
        "assertion": ["negated"],
        "source": "ner|dictionary:mesh",
    }
    relation = {
        "head": "a",
        "tail": "b",
        "label": "Bind",
        "score": 0.5,
        "novel": False,
        "novel_score": None,
        "evidence": [[0, 7]],
    }
    stored = {
        "format": 1,
        "id": "d",
        "mentions": [mention],
        "relations": [relation],
        "passages": [["title", 0, 19]],
        "abbreviations": [[0, 1, 2, 3]],
        "meta": {},
    }
    assert from_user_data(stored, FULL.text) == Document(
        "d",
        FULL.text,
        (MENTION,),
        (Relation("a", "b", "Bind", 0.5, False, None, ((0, 7),)),),
        FULL.passages,
        FULL.abbreviations,
    )


def test_a_doc_that_biopipe_has_not_seen() -> None:
    assert from_user_data({}, "text") == Document("", "text")


def test_newer_format() -> None:
    newer = USER_DATA_FORMAT + 1
    with pytest.raises(
        InputError, match=f"format {newer} and this biopipe reads up to {USER_DATA_FORMAT}; upgrade"
    ):
        from_user_data({"format": newer}, "text")
