from dataclasses import replace
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra 'train'")

from biopipe.document import Document, Mention
from biopipe.errors import ConfigError, InputError
from biopipe.ner.tagger import Tagger
from biopipe.runtime.calibration import calibrate
from biopipe.runtime.manifest import load_manifest, write_manifest
from biopipe.train.common.calibration import (
    JudgedMention,
    calibrate_model,
    fit_labels,
    fit_thresholds,
    take_calibration,
)
from biopipe.train.common.platt import fit_platt


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


def test_a_score_counts_as_often_as_said() -> None:
    scores, right = np.array([0.2, 0.6, 0.6, 0.9]), np.array([False, True, False, True])
    counts = np.array([3.0, 1.0, 2.0, 4.0])
    repeated = fit_platt(
        np.repeat(scores, counts.astype(int)), np.repeat(right, counts.astype(int))
    )
    assert fit_platt(scores, right, counts) == pytest.approx(repeated)


def judged(label: str, score: float, right: int, wrong: int) -> list[JudgedMention]:
    return [JudgedMention(label, score, True)] * right + [
        JudgedMention(label, score, False)
    ] * wrong


def test_each_label_has_a_curve_and_rare_ones_that_of_all() -> None:
    rows = [
        *judged("Gene", 0.9, 90, 10),
        *judged("Disease", 0.9, 60, 40),
        *judged("CellLine", 0.9, 5, 5),
    ]
    calibration = fit_labels([rows])
    assert list(calibration["labels"]) == ["Disease", "Gene"]
    assert calibrate(0.9, calibration, "Gene") == pytest.approx(0.9, abs=0.01)
    assert calibrate(0.9, calibration, "Disease") == pytest.approx(0.6, abs=0.01)
    assert calibrate(0.9, calibration, "CellLine") == pytest.approx(155 / 210, abs=0.01)
    assert calibration["labels"]["Gene"]["predictions"] == 100
    assert "labels" not in fit_labels([judged("Gene", 0.9, 20, 10)])


def test_a_small_corpus_counts_as_much_as_a_large_one() -> None:
    large, small = judged("Gene", 0.9, 900, 100), judged("Gene", 0.9, 50, 50)
    calibration = fit_labels([large, small, judged("Disease", 0.9, 90, 10)])
    assert calibrate(0.9, calibration, "Gene") == pytest.approx(0.7, abs=0.01)


def test_a_threshold_is_where_the_mean_f1_of_the_corpora_is_best() -> None:
    identity = {"slope": 1.0, "intercept": 0.0}
    rows = [
        *judged("Gene", 0.9, 90, 10),
        *judged("Gene", 0.32, 2, 40),
        *judged("Disease", 0.1, 60, 60),
    ]
    few = judged("Species", 0.9, 20, 20)
    wanted = {"Gene": 100, "Disease": 60, "Species": 20}
    assert fit_thresholds([[*rows, *few]], [wanted], identity) == {"Gene": 0.35, "Disease": 0.0}
    other = judged("Gene", 0.32, 300, 0)
    assert fit_thresholds([rows, other], [wanted, {"Gene": 300}], identity)["Gene"] == 0.0
    assert fit_thresholds([rows, other], [wanted, {}], identity)["Gene"] == 0.35, (
        "no gold of that label"
    )


def test_where_f1_hardly_changes_the_lower_threshold_is_taken() -> None:
    identity = {"slope": 1.0, "intercept": 0.0}
    rows = [
        *judged("Gene", 0.9, 900, 100),
        *judged("Gene", 0.42, 31, 40),
        *judged("Gene", 0.2, 20, 80),
    ]
    # F1 from 0.45 on 0.8955, from 0.25 on 0.8948, below 0.872.
    assert fit_thresholds([rows], [{"Gene": 1010}], identity) == {"Gene": 0.25}


def test_the_tagger_leaves_out_what_the_manifest_says(tiny_tagger: Path, tmp_path: Path) -> None:
    model = Path(copytree(tiny_tagger, tmp_path / "m"))
    documents = [Document("1", "the gene of cancer in patients, aspirin")]
    every = Tagger(model).predict(documents)[0].mentions
    middle = sorted(m.score for m in every)[len(every) // 2]
    manifest = load_manifest(model)
    thresholds = dict.fromkeys(manifest.labels, middle)
    settings = {**manifest.settings, "thresholds": thresholds}
    write_manifest(model, replace(manifest, settings=settings), list(manifest.files))
    kept = Tagger(model).predict(documents)[0].mentions
    assert kept == tuple(m for m in every if m.score >= middle)
    assert 0 < len(kept) < len(every)
    assert Tagger(model, threshold=0).predict(documents)[0].mentions == every
    assert Tagger(model, threshold=1).predict(documents)[0].mentions == ()


def test_the_manifest_carries_it_and_the_tagger_uses_it(tiny_tagger: Path, tmp_path: Path) -> None:
    model = Path(copytree(tiny_tagger, tmp_path / "m"))
    documents = [
        Document(str(i), f"the gene of cancer {i} in patients, aspirin {i}") for i in range(12)
    ]
    before = Tagger(model).predict(documents)
    half = [replace(d, mentions=d.mentions[::2]) for d in before]
    manifest = calibrate_model(model, half)
    labels = {m.label for d in half for m in d.mentions}
    counted = [m for d in before for m in d.mentions if m.label in labels]
    assert manifest.calibration["predictions"] == len(counted)
    found = Tagger(model, threshold=0).predict(documents)
    after = [m.score for d in found for m in d.mentions]
    other = Path(copytree(tiny_tagger, tmp_path / "other"))
    take_calibration(other, model)
    tagged = Tagger(other, threshold=0).predict(documents)
    assert [d.mentions for d in tagged] == [d.mentions for d in found]
    assert load_manifest(other).settings["thresholds"] == manifest.settings["thresholds"]
    assert after != [m.score for d in before for m in d.mentions]
    assert np.mean(after) == pytest.approx(0.5, abs=0.12)


def test_the_calibration_of_another_kind_of_model_is_refused(
    tiny_tagger: Path, tiny_relations: Path, tmp_path: Path
) -> None:
    model = Path(copytree(tiny_tagger, tmp_path / "m"))
    before = (model / "manifest.json").read_text()
    with pytest.raises(ConfigError, match="give a model of the same task and labels"):
        take_calibration(model, tiny_relations)
    assert (model / "manifest.json").read_text() == before


def test_too_few_predictions_are_refused(tiny_tagger: Path, tmp_path: Path) -> None:
    model = Path(copytree(tiny_tagger, tmp_path / "m"))
    before = (model / "manifest.json").read_text()
    with pytest.raises(InputError, match="Only 0 predictions"):
        calibrate_model(model, [Document("1", " " * 9, mentions=(Mention(0, 4, "Gene"),))])
    assert (model / "manifest.json").read_text() == before
