"""Fit the calibration of an exported model on dev documents: Platt scaling of its scores (Platt 1999)."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from biopipe.errors import InputError
from biopipe.ner.tagger import Tagger
from biopipe.relations.extractor import RelationExtractor
from biopipe.runtime.manifest import Manifest, load_manifest, write_manifest
from biopipe.types import Document

__all__ = ["calibrate_model", "fit_platt"]

FEWEST = 20


def fit_platt(probabilities: NDArray[np.float64], right: NDArray[np.bool_]) -> dict[str, float]:
    """Slope and intercept of sigmoid(slope * logit(p) + intercept), by Newton's method on the log likelihood.

    Targets are Platt's (n + 1) / (n + 2) and 1 / (n + 2), so that separable scores do not run away.
    """
    clipped = np.clip(probabilities, 1e-6, 1 - 1e-6)
    design = np.stack([np.log(clipped / (1 - clipped)), np.ones_like(clipped)], axis=1)
    yes = int(right.sum())
    target = np.where(right, (yes + 1) / (yes + 2), 1 / (len(right) - yes + 2))

    def loss(weights: NDArray[np.float64]) -> float:
        score = design @ weights
        return float((np.logaddexp(0, score) - target * score).sum())

    weights = np.array([1.0, 0.0])
    for _ in range(100):
        fitted = 1 / (1 + np.exp(-np.clip(design @ weights, -500, 500)))
        gradient = design.T @ (fitted - target)
        curvature = (design * (fitted * (1 - fitted))[:, None]).T @ design + 1e-6 * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        # A full Newton step overshoots where most scores are near 1; halve it until the likelihood grows.
        while loss(weights - step) > loss(weights) and float(np.abs(step).max()) > 1e-10:
            step = step / 2
        weights = weights - step
        if float(np.abs(step).max()) < 1e-8:
            break
    return {"slope": float(weights[0]), "intercept": float(weights[1])}


def calibrate_model(directory: Path, documents: Sequence[Document]) -> Manifest:
    """Fit on gold `documents` and write the calibration into the manifest; returns the new manifest.

    A tagger's score becomes the probability that span and label are right, a relation's that its pair is related.
    """
    manifest = load_manifest(directory)
    write_manifest(directory, replace(manifest, calibration={}), list(manifest.files))
    score: Callable[[Path, Sequence[Document]], list[tuple[float, bool]]]
    score = _mention_scores if manifest.task == "token-classification" else _relation_scores
    rows = score(directory, documents)
    if len(rows) < FEWEST:
        raise InputError(
            f"Only {len(rows)} predictions to calibrate on; give a corpus with at least {FEWEST}."
        )
    probabilities, right = np.array([p for p, _ in rows]), np.array([r for _, r in rows])
    fitted = fit_platt(probabilities, right)
    calibration = {"method": "platt", **{k: round(v, 6) for k, v in fitted.items()}, "predictions": len(rows)}
    return write_manifest(directory, replace(manifest, calibration=calibration), list(manifest.files))


def _mention_scores(directory: Path, documents: Sequence[Document]) -> list[tuple[float, bool]]:
    predicted = Tagger(directory).predict([replace(d, mentions=()) for d in documents])
    rows = []
    for gold, found in zip(documents, predicted, strict=True):
        spans = {(m.start, m.end, m.label) for m in gold.mentions}
        rows += [(m.score, (m.start, m.end, m.label) in spans) for m in found.mentions]
    return rows


def _relation_scores(directory: Path, documents: Sequence[Document]) -> list[tuple[float, bool]]:
    # Below 1 in 100 lie most pairs; they would only pull the fit away from where decisions are made.
    predicted = RelationExtractor(directory, threshold=0.01).predict(documents)
    rows = []
    for gold, found in zip(documents, predicted, strict=True):
        related = {frozenset((r.head, r.tail)) for r in gold.relations}
        rows += [(r.score, frozenset((r.head, r.tail)) in related) for r in found.relations]
    return rows
