"""The gates of the tasks: what they measure, what they refuse, what they name."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra 'train'")

from biopipe.errors import ModelError
from biopipe.ner.labels import TagSet, bio_tags
from biopipe.train.export.linking_parity import check_scores
from biopipe.train.export.parity import check_parity
from biopipe.train.export.tagger_parity import check_tags

RNG = np.random.default_rng(0)


def outputs(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype(np.float32)


def test_the_worst_output_is_named() -> None:
    names = ("relation", "novelty", "relation_cid")
    want = [outputs(20, 3), outputs(20, 2), outputs(20, 2)]
    got = [want[0], want[1], want[2][:, ::-1]]
    with pytest.raises(ModelError, match=r"most in 'relation_cid' and on sample 1"):
        check_parity([want, got], [want, want], precision="int8", names=names)
    with pytest.raises(ModelError, match=r"on sample 1 in 'relation_cid' \(allowed 0.001\)"):
        check_parity([want, got], [want, want], precision="fp32", names=names)


def test_each_output_has_its_own_figures() -> None:
    want = [outputs(200, 3), outputs(200, 2)]
    want[0][:, 0] = np.where(np.arange(200) < 50, -9, 9)
    got = [want[0] + np.float32(0.25), want[1].copy()]
    got[1][60] = -got[1][60]
    parity = check_parity([got], [want], precision="int8", names=("relation", "novelty"))
    assert parity["outputs"]["relation"]["mean_logit_difference"] == pytest.approx(0.25)
    assert parity["outputs"]["novelty"]["rows"] == 50, "nobody asks whether no relation is new"
    assert parity["changed_decisions"] == 0


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_a_logit_that_is_no_number_fails(precision: str) -> None:
    want = outputs(1, 4, 3)
    got = want.copy()
    got[0, 1, 1] = np.nan
    with pytest.raises(ModelError, match="'output 0'"):
        check_parity([[got]], [[want]], precision=precision)


def test_a_tagger_is_judged_by_its_mentions() -> None:
    tags = TagSet.from_tags(bio_tags(["A"]))
    want = np.full((1, 1000, 3), 0, dtype=np.float32)
    want[..., 0] = 5
    want[0, [10, 20], 1] = 9
    got = want.copy()
    got[0, 20, 1] = 0
    assert check_tags([[want]], [[want]], precision="int8", tags=tags)["mention_f1"] == 1
    with pytest.raises(ModelError, match=r"F1 of 0\.667"):
        check_tags([[got]], [[want]], precision="int8", tags=tags)


def test_states_are_compared_by_direction() -> None:
    tags = TagSet.from_tags(bio_tags(["A"]))
    logits, states = outputs(1, 6, 3), outputs(1, 6, 8)
    parity = check_tags([[logits, 2 * states]], [[logits, states]], precision="fp32", tags=tags)
    assert parity["states_mean_cosine"] == pytest.approx(1)
    with pytest.raises(ModelError, match="'states'"):
        check_tags([[logits, -states]], [[logits, states]], precision="int8", tags=tags)


def test_candidates_of_one_mention_keep_their_order() -> None:
    want = [[np.array([score], dtype=np.float32)] for score in (0.0, 1.0, 2.0, 0.0, 1.0, 2.0)]
    near = [[each[0] + np.float32(0.01)] for each in want]
    assert check_scores(near, want, precision="fp16", groups=[3, 3])["same_order"] == 1
    swapped = [near[0], near[1], near[2], [want[3][0]], [want[5][0] - 0.9], [want[5][0] - 0.95]]
    with pytest.raises(ModelError, match=r"order of 8[0-9.]+% of pairs"):
        check_scores(swapped, want, precision="int8", groups=[3, 3])
    assert check_scores(near[::-1], want[::-1], precision="fp16", groups=[6])["rows"] == 6
