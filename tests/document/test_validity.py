from dataclasses import replace
from typing import Any

import pytest

from biopipe.document import Abbreviation, Candidate, Document, Mention, Passage, Relation
from biopipe.document.validity import valid_document
from biopipe.errors import InputError

WHOLE = Document(
    "1",
    "Aspirin (ASA) helps.",
    mentions=(
        Mention(0, 7, "Chemical", 0.5, ("MESH:D1",), (Candidate("MESH:D1", "aspirin", 0.5),)),
        Mention(9, 12, "Chemical", assertion=frozenset({"negated"}), sources=("model",)),
    ),
    relations=(Relation("a", "b", "Bind", novel=True, novel_score=0.1, evidence=((0, 5),)),),
    passages=(Passage("title", 0, 20),),
    abbreviations=(Abbreviation(9, 12, 0, 7),),
    meta={"date": "2020", "journal": "J"},
    windows=1,
)


def checked(**changes: Any) -> tuple[Document, list[str]]:
    told: list[str] = []
    return valid_document(replace(WHOLE, **changes), told.append), told


def test_what_is_valid_stays_the_same_object() -> None:
    told: list[str] = []
    assert valid_document(WHOLE, told.append) is WHOLE
    assert told == []


@pytest.mark.parametrize("empty", ["", " ", "\u2028"])
def test_an_id_has_a_sign(empty: str) -> None:
    with pytest.raises(InputError, match="the id is empty"):
        checked(id=empty)


@pytest.mark.parametrize("field", ["id", "text"])
def test_the_id_and_the_text_are_the_document(field: str) -> None:
    with pytest.raises(InputError, match=f"the {field} has a lone surrogate"):
        checked(**{field: "a\ud800"})


@pytest.mark.parametrize(
    "change",
    [
        {"start": -1},
        {"end": 21},
        {"start": 8},
        {"start": True},
        {"start": "0"},
        {"end": 7.0},
        {"label": None},
        {"label": "\udfff"},
        {"label": 5},
        {"score": float("nan")},
        {"score": float("inf")},
        {"score": "0.5"},
        {"score": True},
        {"concept_ids": ("x", "\ud800")},
        {"concept_ids": (1,)},
        {"candidates": (Candidate("x", "\ud800", 0.5),)},
        {"candidates": (Candidate("x", "y", float("nan")),)},
        {"assertion": frozenset({"\ud800"})},
        {"sources": (None,)},
        {"dictionary": 5},
    ],
)
def test_a_mention_that_cannot_be_costs_that_mention(change: dict[str, Any]) -> None:
    good, bad = WHOLE.mentions[1], replace(WHOLE.mentions[0], **change)
    document, told = checked(mentions=(good, bad, good))
    assert document == replace(WHOLE, mentions=(good, good))
    assert len(told) == 1
    assert told[0].startswith("number 1 of the mentions is left out, it")


@pytest.mark.parametrize(
    ("field", "value", "left"),
    [
        ("relations", (Relation("a", "\ud800", "x"),), ()),
        ("relations", (replace(WHOLE.relations[0], novel="No"),), ()),
        ("relations", (replace(WHOLE.relations[0], evidence=((0, 99),)),), ()),
        ("passages", (Passage("t", 0, 1), Passage("\ud800", 0, 1)), (Passage("t", 0, 1),)),
        ("abbreviations", (Abbreviation(9, 12, 0, 700),), ()),
        ("meta", {"date": "\ud800", "journal": "J"}, {"journal": "J"}),
        ("meta", {"\ud800": "x"}, {}),
        ("meta", {"date": 2020}, {}),
        ("windows", 2**31, 0),
        ("windows", True, 0),
        ("windows", -1, 0),
        ("pairs_left_out", 2**63, 0),
        ("pairs_left_out", 2**40, 2**40),
    ],
)
def test_a_part_that_cannot_be_costs_that_part(field: str, value: Any, left: Any) -> None:
    document, told = checked(**{field: value})
    assert document == replace(WHOLE, **{field: left})
    assert bool(told) == (value != left)
