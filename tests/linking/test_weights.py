"""Weights as files, and those that ship."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from biopipe.errors import ConfigError
from biopipe.linking.weights import (
    CANDIDATE_FEATURES,
    NIL_FEATURES,
    LinkerWeights,
    read_weights,
    shipped_weights,
)

WEIGHTS = LinkerWeights({"exact": 4.0, "dense": 8.0, "n-gram": 2.0}, {"always": 6.0})


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
def test_shipped_weights_name_every_feature(dense: bool) -> None:
    weights = shipped_weights(dense=dense)
    assert {"", "Disease", "Gene"} <= set(weights)
    for each in weights.values():
        assert set(each.candidate) == set(CANDIDATE_FEATURES)
        assert set(each.nil) == set(NIL_FEATURES)
