"""Fit the calibration of an exported model on dev documents: Platt scaling of its scores (Platt
1999).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from biopipe.document import Document
from biopipe.document.gold_labels import choose_labels
from biopipe.errors import ConfigError, InputError
from biopipe.ner.tagger import Tagger
from biopipe.relations.readout import scheme_of_gold
from biopipe.runtime.calibration import calibrate
from biopipe.runtime.manifest import Manifest, load_manifest, write_manifest
from biopipe.runtime.opened import open_model
from biopipe.runtime.thresholds import counts_at_thresholds
from biopipe.train.common.platt import FEWEST, fit_platt
from biopipe.train.relations.calibration import calibrate_relations, take_relation_calibration

__all__ = [
    "JudgedMention",
    "calibrate_model",
    "fit_labels",
    "fit_thresholds",
    "judged_mentions",
    "take_calibration",
]

TAGGER_TASK, RELATION_TASK = "token-classification", "relation"
# Predictions of a label below which it shares the curve of all: two parameters from fewer are worse
# than that.
FEW_OF_LABEL = 100
# Thresholds that are tried. With true probabilities the best one is half of the best F1 (Lipton et
# al. 2014), so none is above it by more than chance.
TRIED_THRESHOLDS = np.round(np.arange(12) * 0.05, 2)
# F1 that a lower threshold may cost: less than chance is worth (the intervals of the usual sets are
# three to ten times as wide), and on other texts scores are lower.
PLATEAU = 0.003


@dataclass(frozen=True, slots=True)
class JudgedMention:
    """A predicted mention's label and score before calibration, and whether the gold has it."""

    label: str
    score: float
    right: bool


def calibrate_model(directory: Path, *corpora: Sequence[Document]) -> Manifest:
    """Fit on gold `corpora` and write the calibration into the manifest; returns the new manifest.

    A tagger's score becomes the probability that span and label are right, by a curve for each
    label for which all corpora count alike, and a label's threshold the lowest whose mean F1 over
    them is about the best; a relation's score becomes the probability that its pair is related, by
    a curve for each scheme of the corpora.
    """
    manifest = load_manifest(directory)
    if manifest.task == RELATION_TASK:
        by_scheme: dict[str, list[Document]] = {}
        for documents in corpora:
            by_scheme.setdefault(scheme_of_gold(manifest, documents), []).extend(documents)
        for documents in by_scheme.values():
            manifest = calibrate_relations(directory, documents)
        return manifest
    judged = [judged_mentions(directory, documents) for documents in corpora]
    calibration = fit_labels(judged)
    thresholds = fit_thresholds(judged, [_wanted(documents) for documents in corpora], calibration)
    settings = {**manifest.settings, "thresholds": thresholds}
    return write_manifest(
        directory,
        replace(manifest, calibration=calibration, settings=settings),
        list(manifest.files),
    )


def take_calibration(directory: Path, source: str | Path) -> Manifest:
    """Write the calibration and thresholds of the tagger or relation model `source` into the
    manifest of another of the same labels; returns the new manifest.

    For a model that learned from every annotated document there is: what it says of them tells
    nothing of others, and one that was trained alike on fewer stands for it. ConfigError where one
    is no such model or their labels differ.
    """
    manifest, other = load_manifest(directory), open_model(source).manifest
    tasks = {manifest.task, other.task}
    if tasks not in ({TAGGER_TASK}, {RELATION_TASK}) or manifest.labels != other.labels:
        raise ConfigError(
            f"The calibration of {other.name} ({other.task}: {', '.join(other.labels)}) does not "
            f"fit {manifest.name} ({manifest.task}: {', '.join(manifest.labels)}); give a model of "
            "the same task and labels, a tagger or a relation model."
        )
    if tasks == {RELATION_TASK}:
        return take_relation_calibration(directory, other)
    settings = {**manifest.settings, "thresholds": other.settings.get("thresholds", {})}
    calibrated = replace(manifest, calibration=other.calibration, settings=settings)
    return write_manifest(directory, calibrated, list(manifest.files))


def judged_mentions(model: str | Path, documents: Sequence[Document]) -> list[JudgedMention]:
    """What a tagger finds of the labels that the gold has; of others the gold says nothing."""
    labels = set(choose_labels(documents, None))
    # Without threshold and curve: a curve is fitted to scores as the network gives them, to low
    # ones too.
    tagger = Tagger(model, threshold=0.0)
    tagger.manifest = replace(tagger.manifest, calibration={})
    predicted = tagger.predict([replace(d, mentions=(), concepts=None) for d in documents])
    rows = []
    for gold, tagged in zip(documents, predicted, strict=True):
        spans = {(m.start, m.end, m.label) for m in gold.mentions}
        kept = [m for m in tagged.mentions if m.label in labels]
        rows += [JudgedMention(m.label, m.score, (m.start, m.end, m.label) in spans) for m in kept]
    return rows


def fit_thresholds(
    corpora: Sequence[Sequence[JudgedMention]],
    wanted: Sequence[Mapping[str, int]],
    calibration: Mapping[str, Any],
) -> dict[str, float]:
    """By label the lowest threshold whose F1, the mean over the corpora with gold of the label, is
    about the best.

    `wanted` counts each corpus' gold mentions by label. Labels with few predictions get none.
    """
    thresholds = {}
    for label in sorted({label for counts in wanted for label in counts}):
        curves = []
        predictions = 0
        for judged, counts in zip(corpora, wanted, strict=True):
            if label not in counts:
                continue
            scored = [
                (calibrate(j.score, calibration, label), j.right)
                for j in judged
                if j.label == label
            ]
            kept, right = counts_at_thresholds(scored, TRIED_THRESHOLDS)
            curves.append(2 * right / np.maximum(1, kept + counts[label]))
            predictions += len(scored)
        if predictions >= FEW_OF_LABEL:
            f1 = np.mean(curves, axis=0)
            # Tried in rising order: argmax of truths gives the first, so the lowest.
            thresholds[label] = float(TRIED_THRESHOLDS[np.argmax(f1 >= f1.max() - PLATEAU)])
    return thresholds


def _wanted(documents: Sequence[Document]) -> Counter[str]:
    return Counter(
        label for d in documents for _, _, label in {(m.start, m.end, m.label) for m in d.mentions}
    )


def fit_labels(corpora: Sequence[Sequence[JudgedMention]]) -> dict[str, Any]:
    """The manifest's calibration: a curve over all mentions, and one for each label that has enough
    of them.
    """
    calibration = {"method": "platt", **_fit(corpora)}
    curves = {}
    for label in sorted({judged.label for corpus in corpora for judged in corpus}):
        own = [[judged for judged in corpus if judged.label == label] for corpus in corpora]
        if sum(map(len, own)) >= FEW_OF_LABEL:
            curves[label] = _fit(own)
    return {**calibration, "labels": curves} if curves else calibration


def _fit(corpora: Sequence[Sequence[JudgedMention]]) -> Mapping[str, float]:
    """One curve; each corpus counts alike, as the largest would otherwise be the only one that is
    calibrated for.
    """
    filled = [corpus for corpus in corpora if corpus]
    rows = [mention for corpus in filled for mention in corpus]
    if len(rows) < FEWEST:
        raise InputError(
            f"Only {len(rows)} predictions to calibrate on; give a corpus with at least {FEWEST}."
        )
    counts = [np.full(len(corpus), len(rows) / len(filled) / len(corpus)) for corpus in filled]
    fitted = fit_platt(
        np.array([mention.score for mention in rows]),
        np.array([mention.right for mention in rows]),
        np.concatenate(counts),
    )
    return {**{key: round(value, 6) for key, value in fitted.items()}, "predictions": len(rows)}
