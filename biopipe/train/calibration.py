"""Fit the calibration of an exported model on dev documents: Platt scaling of its scores (Platt 1999)."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from biopipe.errors import InputError
from biopipe.ner.tagger import Tagger
from biopipe.runtime.manifest import Manifest, load_manifest, write_manifest
from biopipe.train.platt import FEWEST, fit_platt
from biopipe.train.relation_calibration import calibrate_relations
from biopipe.types import Document

__all__ = ["calibrate_model"]


def calibrate_model(directory: Path, documents: Sequence[Document]) -> Manifest:
    """Fit on gold `documents` and write the calibration into the manifest; returns the new manifest.

    A tagger's score becomes the probability that span and label are right, a relation's that its pair is related.
    """
    manifest = load_manifest(directory)
    if manifest.task == "relation":
        return calibrate_relations(directory, documents)
    write_manifest(directory, replace(manifest, calibration={}), list(manifest.files))
    rows = _mention_scores(directory, documents)
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
