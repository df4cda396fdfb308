"""Kinds of statement in notes, a row each in tests/data/assertion.

kinds_seen.jsonl and past_seen.jsonl are what the rules were made with; kinds_unseen.jsonl and
past_unseen.jsonl were written before them and first read when they were finished. In a text
{words|C} is a mention: C a chemical, P a procedure, S a species, and a disease where nothing is
said.
"""

import json
import re
from pathlib import Path

import pytest

from biopipe.assertion.classifier import AssertionClassifier
from biopipe.clinical.dates import DateFinder
from biopipe.document import Document, Mention

DATA = Path(__file__).parents[1] / "data" / "assertion"
LABELS = {"C": "Chemical", "P": "Procedure", "S": "Species"}
ENGLISH = AssertionClassifier()


def rows(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


def marked(text: str, meta: dict[str, str] | None = None) -> Document:
    parts = re.split(r"\{(.*?)\}", text)
    at, mentions, plain = 0, [], []
    for index, part in enumerate(parts):
        if index % 2:
            part, _, label = part.partition("|")
            mentions.append(Mention(at, at + len(part), LABELS.get(label, "Disease")))
        plain.append(part)
        at += len(part)
    return Document("d", "".join(plain), tuple(mentions), meta=meta or {})


def said(text: str) -> list[str]:
    (read,) = ENGLISH.predict([marked(text)])
    return [" ".join(sorted(mention.assertion)) for mention in read.mentions]


def said_with_dates(row: dict[str, str]) -> list[str]:
    meta = {"date": row["date"]} if "date" in row else {}
    (read,) = ENGLISH.predict(DateFinder().predict([marked(row["text"], meta)]))
    return [" ".join(sorted(mention.assertion)) for mention in read.mentions]


@pytest.mark.parametrize("row", rows("kinds_seen.jsonl"), ids=lambda row: row["text"][:40])
def test_seen(row: dict[str, object]) -> None:
    assert _is_right(row), said(row["text"])


def test_unseen() -> None:
    """83 of 86 rows were right when they were first read."""
    wrong = [row["text"] for row in rows("kinds_unseen.jsonl") if not _is_right(row)]
    assert len(wrong) <= 3, wrong


@pytest.mark.parametrize("row", rows("past_seen.jsonl"), ids=lambda row: row["text"][:40])
def test_the_past(row: dict[str, str]) -> None:
    assert said_with_dates(row) == row["expected"]


def test_the_past_unseen() -> None:
    """25 of 30 rows were right when they were first read."""
    wrong = [row for row in rows("past_unseen.jsonl") if said_with_dates(row) != row["expected"]]
    assert len(wrong) <= 5, wrong


def _is_right(row: dict[str, object]) -> bool:
    return said(row["text"]) == [" ".join(sorted(each.split())) for each in row["expected"]]
