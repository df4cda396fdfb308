"""The measure: ranges, symmetry, what is stated against what is denied, and numbers by hand."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from biopipe.errors import ConfigError
from biopipe.similarity.concept_sets import ConceptSet
from biopipe.similarity.measure import ConceptSimilarity

IDS = (
    "D:root",
    "D:disease",
    "D:infection",
    "D:cardiac",
    "D:myocarditis",
    "D:infarction",
    "D:flu",
    "C:aspirin",
    "L:1",
    "L:2",
    "D:MI",
    "X:unknown",
    "NIL:Disease/odd",
)
SETS = st.builds(
    ConceptSet,
    st.frozensets(st.sampled_from(IDS), max_size=5),
    st.frozensets(st.sampled_from(IDS), max_size=3),
)
FULL = SETS.filter(bool)


@pytest.fixture(scope="module")
def similarity(kb) -> ConceptSimilarity:
    return ConceptSimilarity(kb)


def stated(*ids: str) -> ConceptSet:
    return ConceptSet(frozenset(ids))


QUICK = settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUICK
@given(first=SETS, second=SETS)
def test_it_is_in_range_and_symmetric(similarity, first, second):
    assert 0.0 <= similarity(first, second) <= 1.0
    assert similarity(first, second) == pytest.approx(similarity(second, first), abs=1e-12)


@QUICK
@given(each=FULL)
def test_a_set_is_like_itself(similarity, each):
    assert similarity(each, each) == pytest.approx(1.0, abs=1e-12)


@QUICK
@given(first=SETS, second=SETS, concept=st.sampled_from(IDS), negated=st.booleans())
def test_a_concept_added_to_both_never_makes_them_less_alike(
    similarity, first, second, concept, negated
):
    def more(each: ConceptSet) -> ConceptSet:
        if negated:
            return ConceptSet(each.stated, each.denied | {concept})
        return ConceptSet(each.stated | {concept}, each.denied)

    assert similarity(more(first), more(second)) >= similarity(first, second) - 1e-12


@QUICK
@given(
    ids=st.frozensets(st.sampled_from(IDS), max_size=5),
    others=st.frozensets(st.sampled_from(IDS), max_size=5),
)
def test_what_is_stated_and_what_is_denied_do_not_match(similarity, ids, others):
    assert similarity(ConceptSet(stated=ids), ConceptSet(denied=others)) == 0.0


@settings(QUICK, max_examples=20)
@given(first=SETS, second=SETS, alpha=st.floats(0, 3), beta=st.floats(0.01, 3))
def test_alpha_and_beta_change_places_with_the_sets(kb, first, second, alpha, beta):
    one, other = (
        ConceptSimilarity(kb, alpha=alpha, beta=beta),
        ConceptSimilarity(kb, alpha=beta, beta=alpha),
    )
    assert one(first, second) == pytest.approx(other(second, first), abs=1e-12)


def test_disjoint_and_empty_sets_have_nothing_in_common(similarity):
    assert similarity(stated("D:flu"), stated("C:aspirin", "X:unknown")) == 0.0
    assert similarity(stated(), stated()) == 0.0
    assert similarity(stated(), stated("D:flu")) == 0.0


def test_replaced_ids_are_the_concept_that_replaced_them(similarity):
    assert similarity(stated("D:MI"), stated("D:infarction")) == 1.0
    assert similarity.concepts("D:MI", "D:older") == 1.0
    assert similarity.weight("D:MI") == similarity.weight("D:infarction") == 1.0


def test_near_concepts_are_more_alike_than_far_ones(similarity):
    near, far = (
        similarity.concepts("D:myocarditis", "D:infarction"),
        similarity.concepts("D:flu", "D:infarction"),
    )
    assert 1.0 > near > far > 0.0
    assert similarity.concepts("D:flu", "D:infection") > similarity.concepts("D:flu", "D:disease")


def test_lin_by_hand(similarity):
    from math import log

    # 10 concepts and the one whose replacement is not there; below cardiac lie two, and both ends
    # are leaves.
    cardiac = 1 - log(3) / log(11)
    assert similarity.concepts("D:myocarditis", "D:infarction") == pytest.approx(cardiac)
    assert similarity.weight("D:cardiac") == pytest.approx(cardiac)
    assert similarity.weight("D:root") == pytest.approx(1 - log(7) / log(11))
    weights = cardiac + 1.0
    expected = 2 * cardiac / weights
    assert similarity(stated("D:cardiac"), stated("D:infarction")) == pytest.approx(
        (weights * expected / 2) / (weights * expected / 2 + 0.5 * weights * (1 - expected))
    )


def test_without_hierarchy_only_equal_concepts_count(kb):
    flat = ConceptSimilarity(kb, hierarchy=0.0)
    assert flat(stated("D:myocarditis"), stated("D:infarction")) == 0.0
    assert flat(stated("D:flu", "C:aspirin"), stated("D:flu")) == pytest.approx(1 / 1.5)


def test_denied_concepts_match_denied_ones(similarity):
    first = ConceptSet(frozenset({"C:aspirin"}), frozenset({"D:flu"}))
    assert similarity(first, ConceptSet(frozenset({"C:aspirin"}), frozenset({"D:flu"}))) == 1.0
    assert similarity(first, stated("C:aspirin", "D:flu")) < 0.6


@pytest.mark.parametrize(
    "options",
    [{"alpha": -1.0}, {"alpha": 0.0, "beta": 0.0}, {"alpha": float("nan")}, {"hierarchy": 1.5}],
)
def test_weights_out_of_range_are_refused(kb, options):
    with pytest.raises(ConfigError):
        ConceptSimilarity(kb, **options)
