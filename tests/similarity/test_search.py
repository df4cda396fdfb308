"""The nearest documents, against the measure asked pair by pair."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biopipe.errors import ConfigError
from biopipe.kb.base import KnowledgeBase
from biopipe.similarity.concept_sets import ConceptSet
from biopipe.similarity.corpus import CorpusDocument
from biopipe.similarity.measure import ConceptSimilarity
from biopipe.similarity.search import SharedConcept, nearest_documents

IDS = ("D:root", "D:cardiac", "D:myocarditis", "D:infarction", "D:MI", "D:flu", "C:aspirin", "X:1")
SETS = st.builds(
    ConceptSet,
    st.frozensets(st.sampled_from(IDS), max_size=4),
    st.frozensets(st.sampled_from(IDS), max_size=2),
)


@pytest.fixture(scope="module")
def measure(kb: KnowledgeBase) -> ConceptSimilarity:
    return ConceptSimilarity(kb)


def corpus(*sets: ConceptSet) -> list[CorpusDocument]:
    return [CorpusDocument(f"d{place}", "file", concepts) for place, concepts in enumerate(sets)]


@settings(max_examples=60)
@given(query=SETS, sets=st.lists(SETS, max_size=6), count=st.integers(1, 8))
def test_all_at_once_is_one_by_one(
    measure: ConceptSimilarity, query: ConceptSet, sets: list[ConceptSet], count: int
) -> None:
    nearest = nearest_documents(measure, query, corpus(*sets), count)
    one_by_one = [measure(query, concepts) for concepts in sets]
    expected = sorted((score for score in one_by_one if score > 0), reverse=True)[:count]
    assert [document.score for document in nearest] == pytest.approx(expected, abs=1e-12)
    for document in nearest:
        assert document.score == pytest.approx(one_by_one[int(document.id[1:])], abs=1e-12)


def test_shared_concepts_say_why(measure: ConceptSimilarity) -> None:
    query = ConceptSet(frozenset({"D:MI", "C:aspirin"}), frozenset({"D:flu"}))
    documents = corpus(
        ConceptSet(frozenset({"D:myocarditis", "D:flu"})),
        ConceptSet(frozenset({"D:infarction"}), frozenset({"D:flu"})),
        ConceptSet(frozenset({"X:1"})),
    )
    first, second = nearest_documents(measure, query, documents, 5)
    assert (first.id, second.id) == ("d1", "d0")
    assert first.shared == (
        SharedConcept("D:flu", "D:flu", 1.0, 1.0, True),
        SharedConcept("D:infarction", "D:infarction", 1.0, 1.0, False),
    )
    assert [(shared.query_id, shared.document_id) for shared in second.shared] == [
        ("D:infarction", "D:myocarditis")
    ]


def test_the_query_itself_is_left_out(measure: ConceptSimilarity) -> None:
    documents = corpus(*[ConceptSet(frozenset({"D:flu"}))] * 3)
    nearest = nearest_documents(measure, documents[1].concepts, documents, 5, leave_out=[1])
    assert [document.id for document in nearest] == ["d0", "d2"]


def test_no_documents_at_all_cannot_be_asked_for(measure: ConceptSimilarity) -> None:
    with pytest.raises(ConfigError, match="0 documents were asked for; give 1 or more"):
        nearest_documents(measure, ConceptSet(), [], 0)
