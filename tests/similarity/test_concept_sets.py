"""What a document states and what it denies, by the words of the assertion classifier itself."""

from dataclasses import replace

from biopipe.assertion.classifier import AssertionClassifier
from biopipe.document import Document, Mention
from biopipe.document.labels import FAMILY, HISTORICAL, HYPOTHETICAL, NEGATED, POSSIBLE
from biopipe.similarity.concept_sets import ConceptSet, concept_set


def classified(text: str, **concepts: str) -> Document:
    """The document with a mention of each word, asserted as the pipelines do it."""
    mentions = tuple(
        Mention(text.index(word), text.index(word) + len(word), "Disease", concept_ids=(id_,))
        for word, id_ in concepts.items()
    )
    ordered = tuple(sorted(mentions, key=lambda mention: mention.start))
    return AssertionClassifier().predict([Document("d", text, ordered)])[0]


def test_a_denied_disease_is_not_a_stated_one() -> None:
    document = classified(
        "The patient has asthma but no evidence of myocarditis.", asthma="D:1", myocarditis="D:2"
    )
    assert concept_set(document) == ConceptSet(frozenset({"D:1"}), frozenset({"D:2"}))


def test_a_relatives_disease_is_neither() -> None:
    document = classified("Her mother had diabetes. She has asthma.", diabetes="D:1", asthma="D:2")
    assert document.mentions[0].assertion >= {FAMILY}
    assert concept_set(document) == ConceptSet(frozenset({"D:2"}))


def test_one_plain_mention_states_a_concept() -> None:
    mention = Mention(0, 1, "D", concept_ids=("A", "B"))
    mentions = (
        replace(mention, assertion=frozenset({NEGATED})),
        replace(mention, concept_ids=("A",), assertion=frozenset({POSSIBLE, HISTORICAL})),
        replace(mention, concept_ids=("C",), assertion=frozenset({HYPOTHETICAL})),
        replace(mention, concept_ids=()),
    )
    assert concept_set(Document("d", "a b c", mentions)) == ConceptSet(
        frozenset({"A"}), frozenset({"B"})
    )
    assert not concept_set(Document("d", "a"))
