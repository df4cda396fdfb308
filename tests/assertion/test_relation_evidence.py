import re
from dataclasses import replace

import pytest

from biopipe.assertion.relation_evidence import with_assertions
from biopipe.document import Document, Mention, Relation
from biopipe.text.concepts import concept_mentions

NEGATED, POSSIBLE = frozenset({"negated"}), frozenset({"possible"})
PAST = frozenset({"historical"})
DENIED = frozenset({"negated relation"})


def document(text: str, *evidence: tuple[int, int]) -> Document:
    """Every A and B is a mention of a concept of that name, and the two are related."""
    mentions = tuple(
        Mention(m.start(), m.end(), "Gene", concept_ids=(m[0],)) for m in re.finditer("[AB]", text)
    )
    spans = evidence or tuple(m.span() for m in re.finditer(r"[^.]+\.", text))
    return Document("d", text, mentions, (Relation("A", "B", "Bind", evidence=spans),))


@pytest.mark.parametrize(
    ("text", "said", "expected"),
    [
        ("A B.", {}, set()),
        ("A B.", {0: NEGATED}, {"negated"}),
        ("A B.", {0: frozenset({"hypothetical", "possible"})}, {"possible"}),
        ("A B.", {0: PAST, 1: PAST}, {"historical"}),
        ("A B.", {1: PAST}, set()),
        ("A B.", {0: NEGATED, 1: POSSIBLE}, {"negated", "possible"}),
        ("A B A.", {0: NEGATED}, set()),
        ("A B A.", {0: NEGATED, 2: NEGATED | POSSIBLE}, {"negated"}),
        ("A B. A B.", {0: NEGATED}, set()),
        ("A B. A B.", {0: NEGATED, 3: NEGATED}, {"negated"}),
        ("A B. A B.", {0: NEGATED, 3: POSSIBLE}, set()),
        ("A B.", {1: DENIED}, {"negated"}),
        ("A B.", {0: DENIED}, set()),
        ("B A.", {1: DENIED}, {"negated"}),
        ("A B    A.", {1: DENIED}, {"negated"}),
        ("A B    A.", {2: DENIED}, set()),
        ("A. B.", {0: POSSIBLE}, {"possible"}),
        ("A. B.", {0: POSSIBLE, 1: NEGATED}, {"possible", "negated"}),
        ("A. B.", {1: DENIED}, set()),
        ("A B. A.", {2: NEGATED}, set()),
    ],
)
def test_what_evidence_says(text: str, said: dict[int, frozenset[str]], expected: set[str]) -> None:
    (relation,) = with_assertions(document(text), said).relations
    assert relation.assertion == expected


def test_mentions_get_what_is_said_of_them_and_not_of_their_relations() -> None:
    read = with_assertions(document("A B."), {0: NEGATED | DENIED, 1: DENIED})
    assert [mention.assertion for mention in read.mentions] == [NEGATED, frozenset()]


def test_what_was_there_before_goes() -> None:
    old = document("A B.")
    stale = replace(
        old,
        mentions=tuple(replace(mention, assertion=POSSIBLE) for mention in old.mentions),
        relations=(replace(old.relations[0], assertion=POSSIBLE),),
    )
    assert with_assertions(stale, {}) == old


def test_concepts_without_an_id_take_part() -> None:
    text = "abc binds def."
    mentions = (Mention(0, 3, "Gene"), Mention(10, 13, "Gene"))
    head, tail = (c.id for c in concept_mentions(Document("d", text, mentions)))
    relation = Relation(head, tail, "Bind", evidence=((0, 14),))
    (read,) = with_assertions(Document("d", text, mentions, (relation,)), {1: NEGATED}).relations
    assert read.assertion == NEGATED


def test_relations_without_evidence_or_mentions_are_plain() -> None:
    bare = replace(
        document("A B."),
        relations=(Relation("A", "B", "Bind"), Relation("x", "y", "Bind", evidence=((0, 4),))),
    )
    assert [each.assertion for each in with_assertions(bare, {0: NEGATED}).relations] == [
        frozenset()
    ] * 2
