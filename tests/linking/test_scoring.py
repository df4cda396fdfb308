"""Features of candidates and the probabilities made of them, of many mentions at once."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.linking.evidence import CandidateEvidence, Channel, EvidenceBuilder
from biopipe.linking.name_comparison import COMPARISON_FEATURES
from biopipe.linking.scoring import candidate_features, candidate_scores, nil_features
from biopipe.linking.weights import (
    CANDIDATE_FEATURES,
    NIL_FEATURES,
    LinkerWeights,
    shipped_weights,
)

WEIGHTS = LinkerWeights({"exact": 4.0, "dense": 8.0, "n-gram": 2.0}, {"always": 6.0})
# exact, by another name, dense, n-gram, prior
Row = tuple[float, float, float, float, float]
scores = st.sampled_from([0.0, 0.0, 0.25, 0.5, 0.95, 1.0]) | st.floats(0, 1)
rows = st.lists(st.tuples(scores, st.sampled_from([0.0, 1.0]), scores, scores, scores), max_size=6)
tables = st.lists(st.tuples(st.sampled_from(["IL-6", "asthma"]), rows), min_size=1, max_size=5)


def evidence_of(*mentions: Sequence[Row]) -> CandidateEvidence:
    builder = EvidenceBuilder(len(mentions))
    for index, candidates in enumerate(mentions):
        for concept, numbers in enumerate(candidates):
            for channel, number in enumerate(numbers):
                builder.add(index, concept, channel, number)
    return builder.build(
        lambda owners, concepts: np.minimum(concepts, 1),
        lambda concepts: concepts + 1,
        lambda owners, concepts, names: np.zeros((len(names), len(COMPARISON_FEATURES))),
    )


def scores_of(candidates: Sequence[Row], weights: LinkerWeights | None) -> list[float]:
    evidence = evidence_of(candidates)
    return candidate_scores(["asthma"], ["Disease"], evidence, [weights]).tolist()


@given(tables)
def test_probabilities_leave_the_rest_to_nil(table: list[tuple[str, list[Row]]]) -> None:
    surfaces, candidates = zip(*table, strict=True)
    evidence = evidence_of(*candidates)
    labels = ["Disease"] * len(surfaces)
    probabilities = candidate_scores(surfaces, labels, evidence, [WEIGHTS] * len(surfaces))
    assert probabilities.shape == evidence.concepts.shape
    assert ((probabilities >= 0) & (probabilities < 1)).all()
    sums = np.bincount(evidence.owners, probabilities, minlength=len(evidence))
    assert (sums < 1).all()


@given(tables)
def test_mentions_do_not_depend_on_their_company(table: list[tuple[str, list[Row]]]) -> None:
    surfaces, candidates = zip(*table, strict=True)
    labels = ["Gene" if surface == "IL-6" else "Disease" for surface in surfaces]
    weights = [WEIGHTS if len(each) % 2 else None for each in candidates]
    together = evidence_of(*candidates)
    together_scores = candidate_scores(surfaces, labels, together, weights)
    features = candidate_features(surfaces, labels, together)
    none = nil_features(surfaces, labels, together)
    assert features.shape == (len(together.concepts), len(CANDIDATE_FEATURES))
    assert none.shape == (len(together), len(NIL_FEATURES))
    for index, (surface, label) in enumerate(zip(surfaces, labels, strict=True)):
        alone = together.of(index)
        own = together.owners == index
        assert np.array_equal(features[own], candidate_features([surface], [label], alone))
        assert np.array_equal(none[index], nil_features([surface], [label], alone)[0])
        scores_alone = candidate_scores([surface], [label], alone, [weights[index]])
        assert np.allclose(together_scores[own], scores_alone, rtol=1e-12)


@given(rows, st.data())
def test_candidates_that_are_left_out_leave_the_others_as_they_are(
    candidates: list[Row], data: st.DataObject
) -> None:
    kept = np.array([data.draw(st.booleans()) for _ in candidates], np.bool_)
    evidence = evidence_of(candidates, candidates[:1]).keep(np.append(kept, kept[:1]))
    plain = [each for each, keep in zip(candidates, kept, strict=True) if keep]
    assert evidence.of(0).dense.tolist() == [numbers[Channel.DENSE] for numbers in plain]
    assert len(evidence) == 2


def test_a_better_match_is_likelier_and_a_rival_makes_it_less_so() -> None:
    (alone,) = scores_of([(0.95, 0, 0.99, 0, 0)], WEIGHTS)
    both = scores_of([(0.95, 0, 0.99, 0, 0), (0.95, 0, 0.98, 0, 0)], WEIGHTS)
    assert alone > both[0] > both[1]
    (far,) = scores_of([(0, 0, 0.4, 0, 0)], WEIGHTS)
    assert far < 0.5 < alone


def column(name: str, candidates: Sequence[Row]) -> list[float]:
    features = candidate_features(["asthma"], ["Disease"], evidence_of(candidates))
    return [round(value, 12) for value in features[:, CANDIDATE_FEATURES.index(name)].tolist()]


def test_a_retriever_that_missed_a_candidate_counts_it_as_far_as_its_last() -> None:
    candidates: list[Row] = [(0, 0, 0.9, 0, 0), (0, 0, 0.6, 0, 0), (0, 0, 0, 0.8, 0)]
    assert column("dense", candidates) == [0.9, 0.6, 0.6]


@pytest.mark.parametrize(
    ("dense", "leads"),
    [
        ((0.9, 0.7, 0.4), [0.2, -0.2, -0.5]),
        ((0.9, 0.9, 0.4), [0.0, 0.0, -0.5]),
        ((0.9,), [0.9]),
        ((0.0, 0.0), [0.0, 0.0]),
    ],
)
def test_leads_are_to_the_best_of_the_others(dense: tuple[float, ...], leads: list[float]) -> None:
    assert column("dense lead", [(0, 0, cosine, 0, 0) for cosine in dense]) == leads


def test_without_weights_the_exact_score_stands() -> None:
    assert scores_of([(0.4, 0, 0, 0, 0), (0.6, 0, 0, 0, 0)], None) == [0.4, 0.6]


def test_temperature_softens() -> None:
    hot = replace(WEIGHTS, temperature=4.0)
    candidates: list[Row] = [(0.95, 0, 0.99, 0, 0)]
    assert scores_of(candidates, hot) < scores_of(candidates, WEIGHTS)


@pytest.mark.parametrize("dense", [False, True])
def test_shipped_weights_prefer_the_exact_name(dense: bool) -> None:
    weights = shipped_weights(dense=dense)["Disease"]
    first, second = scores_of([(0.95, 0, 1.0, 1.0, 0), (0, 0, 0.6, 0.5, 0)], weights)
    assert first > 0.8 > second
