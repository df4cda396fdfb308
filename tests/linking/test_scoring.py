"""Features of candidates and the probabilities made of them."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.errors import ConfigError
from biopipe.linking.scoring import (
    CANDIDATE_FEATURES,
    NIL_FEATURES,
    Found,
    Weights,
    candidate_features,
    nil_features,
    rank,
    read_weights,
    shipped_weights,
)

WEIGHTS = Weights({"exact": 4.0, "dense": 8.0, "n-gram": 2.0}, {"always": 6.0})
scores = st.floats(0, 1)


@st.composite
def founds(draw: st.DrawFn) -> list[Found]:
    rows = draw(st.lists(st.tuples(scores, scores, scores, st.booleans()), max_size=6))
    return [
        Found(f"X:{i}", f"name {i}", exact=e, dense=d, ngram=n, through=t)
        for i, (e, d, n, t) in enumerate(rows)
    ]


@given(founds())
def test_probabilities_leave_the_rest_to_nil(found: list[Found]) -> None:
    ranked = rank("asthma", "Disease", found, WEIGHTS)
    assert [c.score for c in ranked] == sorted((c.score for c in ranked), reverse=True)
    assert sum(c.score for c in ranked) <= 1.0 + 1e-3 * len(ranked)
    assert {c.concept_id for c in ranked} == {each.concept_id for each in found}
    assert all(0.0 <= c.score < 1.0 for c in ranked)


@given(founds())
def test_features_have_the_shape_that_their_names_say(found: list[Found]) -> None:
    assert candidate_features("IL-6", "Gene", found).shape == (len(found), len(CANDIDATE_FEATURES))
    assert nil_features("IL-6", "Gene", found).shape == (len(NIL_FEATURES),)


def test_a_better_match_is_likelier_and_a_rival_makes_it_less_so() -> None:
    alone = rank("asthma", "Disease", [Found("X:1", "asthma", exact=0.95, dense=0.99)], WEIGHTS)
    rivals = [
        Found("X:1", "asthma", exact=0.95, dense=0.99),
        Found("X:2", "asthma", exact=0.95, dense=0.98),
    ]
    both = rank("asthma", "Disease", rivals, WEIGHTS)
    assert alone[0].score > both[0].score > both[1].score
    far = rank("asthma", "Disease", [Found("X:3", "astigmatism", dense=0.4)], WEIGHTS)
    assert far[0].score < 0.5 < alone[0].score


def test_a_retriever_that_missed_a_candidate_counts_it_as_far_as_its_last() -> None:
    found = [
        Found("X:1", "a", dense=0.9),
        Found("X:2", "b", dense=0.6),
        Found("X:3", "c", ngram=0.8),
    ]
    column = CANDIDATE_FEATURES.index("dense")
    assert candidate_features("asthma", "Disease", found)[:, column].tolist() == [0.9, 0.6, 0.6]


def test_leads_are_to_the_best_of_the_others() -> None:
    found = [
        Found("X:1", "a", dense=0.9),
        Found("X:2", "b", dense=0.7),
        Found("X:3", "c", dense=0.4),
    ]
    column = CANDIDATE_FEATURES.index("dense lead")
    assert np.allclose(candidate_features("asthma", "Disease", found)[:, column], [0.2, -0.2, -0.5])


def test_without_weights_the_exact_score_stands() -> None:
    found = [Found("X:1", "a", exact=0.4), Found("X:2", "b", exact=0.6)]
    assert [(c.concept_id, c.score) for c in rank("a", "Disease", found, None)] == [
        ("X:2", 0.6),
        ("X:1", 0.4),
    ]


def test_temperature_softens() -> None:
    hot = Weights(WEIGHTS.candidate, WEIGHTS.nil, temperature=4.0)
    found = [Found("X:1", "asthma", exact=0.95, dense=0.99)]
    assert (
        rank("asthma", "Disease", found, hot)[0].score
        < rank("asthma", "Disease", found, WEIGHTS)[0].score
    )


def test_weights_round_trip_and_name_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    path.write_text(json.dumps({"": asdict(WEIGHTS), "Gene": asdict(WEIGHTS)}))
    assert read_weights(path) == {"": WEIGHTS, "Gene": WEIGHTS}
    path.write_text(json.dumps({"": asdict(WEIGHTS) | {"candidate": {"luck": 1.0}}}))
    with pytest.raises(ConfigError, match=r"weights\.json.*unknown feature 'luck'"):
        read_weights(path)
    with pytest.raises(ConfigError, match=r"none\.json"):
        read_weights(tmp_path / "none.json")


@pytest.mark.parametrize("dense", [False, True])
def test_shipped_weights_prefer_the_exact_name(dense: bool) -> None:
    found = [
        Found("X:1", "asthma", exact=0.95, dense=1.0, ngram=1.0),
        Found("X:2", "asthenia", dense=0.6, ngram=0.5),
    ]
    weights = shipped_weights(dense=dense)
    assert {"", "Disease", "Gene"} <= set(weights)
    ranked = rank("asthma", "Disease", found, weights["Disease"])
    assert ranked[0].concept_id == "X:1"
    assert ranked[0].score > 0.8
