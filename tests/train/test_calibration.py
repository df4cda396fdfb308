from dataclasses import replace
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra 'train'")

from biopipe.errors import InputError
from biopipe.ner.tagger import Tagger
from biopipe.runtime.calibration import calibrate
from biopipe.train.calibration import calibrate_model, fit_platt
from biopipe.types import Document


def test_overconfident_scores_become_the_share_that_is_right() -> None:
    rng = np.random.default_rng(0)
    shown = rng.uniform(0.5, 0.999, 4000)
    logit = np.log(shown / (1 - shown))
    true = 1 / (1 + np.exp(-(0.5 * logit - 0.3)))
    fitted = fit_platt(shown, rng.uniform(size=4000) < true)
    assert fitted["slope"] == pytest.approx(0.5, abs=0.08)
    assert fitted["intercept"] == pytest.approx(-0.3, abs=0.15)


def test_scores_crowded_near_one_converge() -> None:
    rng = np.random.default_rng(1)
    shown = np.concatenate([np.full(3000, 0.9999995), rng.uniform(0.3, 0.99, 500)])
    right = np.concatenate([rng.uniform(size=3000) < 0.97, rng.uniform(size=500) < 0.5])
    fitted = fit_platt(shown, right)
    assert calibrate(0.9999995, fitted) == pytest.approx(0.97, abs=0.02)
    assert 0 < fitted["slope"] < 2


def test_separable_scores_do_not_run_away() -> None:
    fitted = fit_platt(np.array([0.2, 0.3, 0.8, 0.9]), np.array([False, False, True, True]))
    assert 0.5 < calibrate(0.9, fitted) < 0.95


def test_the_manifest_carries_it_and_the_tagger_uses_it(tiny_tagger: Path, tmp_path: Path) -> None:
    model = Path(copytree(tiny_tagger, tmp_path / "m"))
    documents = [Document(str(i), f"the gene of cancer {i} in patients, aspirin {i}") for i in range(12)]
    before = Tagger(model).predict(documents)
    half = [replace(d, mentions=d.mentions[::2]) for d in before]
    manifest = calibrate_model(model, half)
    assert manifest.calibration["predictions"] == sum(len(d.mentions) for d in before)
    after = [m.score for d in Tagger(model).predict(documents) for m in d.mentions]
    assert after != [m.score for d in before for m in d.mentions]
    assert np.mean(after) == pytest.approx(0.5, abs=0.12)


def test_too_few_predictions_are_refused(tiny_tagger: Path, tmp_path: Path) -> None:
    model = Path(copytree(tiny_tagger, tmp_path / "m"))
    with pytest.raises(InputError, match="Only 0 predictions"):
        calibrate_model(model, [Document("1", "")])
