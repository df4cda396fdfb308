"""Fit what a relation model's scores mean on dev documents: probabilities, and from which one on a
relation is reported.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biopipe.document import Document
from biopipe.errors import ConfigError, InputError
from biopipe.ner.name_features import told_names
from biopipe.relations.extractor import RelationExtractor
from biopipe.relations.readout import MAIN, readout, scheme_names, scheme_of_gold
from biopipe.runtime.calibration import calibrate
from biopipe.runtime.manifest import Manifest, load_manifest, write_manifest
from biopipe.train.common.platt import FEWEST, fit_platt
from biopipe.train.relations.precise import precise_thresholds, typed_scores

__all__ = [
    "ScoredPair",
    "best_typed_threshold",
    "calibrate_relations",
    "calibrated",
    "fit_relation_calibration",
    "score_pairs",
    "take_relation_calibration",
]

# Below 1 in 100 lie most pairs; they would only pull the fit away from where decisions are made.
LOWEST = 0.01
GRID = np.round(np.arange(0.05, 0.95, 0.025), 3)
_FITTED = ("threshold", "thresholds", "precise")


@dataclass(frozen=True, slots=True)
class ScoredPair:
    """A pair the model scored, and what the gold says: `novel` and `subject_right` are None where
    it says nothing. `subject_score` is of the end that likelier acts, `share` the probability of the
    label where the two are related.
    """

    label: str
    score: float
    novel_score: float | None
    related: bool
    label_right: bool
    novel: bool | None
    subject_score: float | None = None
    subject_right: bool | None = None
    share: float = 1.0

    @property
    def typed_score(self) -> float:
        """The probability of the relation with its label, where the score is calibrated."""
        return self.score * self.share


def calibrate_relations(directory: Path, documents: Sequence[Document]) -> Manifest:
    """Fit the scheme that has the relation labels of the gold `documents`; the others stay as they
    are.

    InputError for labels that no scheme has, and for too few predictions.
    """
    manifest = load_manifest(directory)
    scheme = scheme_of_gold(manifest, documents)
    _check_labels(manifest, scheme, documents)
    write_manifest(directory, _with(manifest, scheme, {}), list(manifest.files))
    extractor = RelationExtractor(
        directory,
        scheme=scheme,
        threshold=LOWEST,
        subject_threshold=0.0,
        trunk_features=told_names,
    )
    scored = score_pairs(extractor, documents)
    if len(scored) < FEWEST:
        raise InputError(
            f"Only {len(scored)} predictions to calibrate on; give a corpus with at least {FEWEST}."
        )
    calibration = fit_relation_calibration(scored)
    gold = sum(len({frozenset((r.head, r.tail)) for r in d.relations}) for d in documents)
    threshold = best_typed_threshold([calibrated(answer, calibration) for answer in scored], gold)
    manifest = write_manifest(
        directory, _with(manifest, scheme, calibration, threshold), list(manifest.files)
    )
    extractor = RelationExtractor(directory, scheme=scheme, trunk_features=told_names)
    precise = precise_thresholds(typed_scores(extractor, documents))
    changed = _changed(manifest, scheme, {"precise": precise})
    return write_manifest(directory, changed, list(manifest.files))


def take_relation_calibration(directory: Path, other: Manifest) -> Manifest:
    """Write the calibration and thresholds of another model's schemes; ConfigError where the two
    have other schemes, or these other labels.
    """
    manifest = load_manifest(directory)
    if _labels_of_schemes(manifest) != _labels_of_schemes(other):
        raise ConfigError(f"The schemes of {other.name} are not those of {manifest.name}.")
    for scheme in scheme_names(manifest):
        is_main = scheme == MAIN
        settings = other.settings if is_main else other.settings["schemes"][scheme]
        calibration = other.calibration if is_main else settings["calibration"]
        taken = {name: settings[name] for name in _FITTED if name in settings}
        taken["typed_thresholds"] = bool(settings.get("typed_thresholds"))
        manifest = _with(_changed(manifest, scheme, taken), scheme, calibration)
    return write_manifest(directory, manifest, list(manifest.files))


def _labels_of_schemes(manifest: Manifest) -> dict[str, tuple[str, ...]]:
    return {scheme: readout(manifest, scheme).labels for scheme in scheme_names(manifest)}


def _check_labels(manifest: Manifest, scheme: str, documents: Sequence[Document]) -> None:
    wanted = {relation.label for document in documents for relation in document.relations}
    if unknown := wanted - set(readout(manifest, scheme).labels):
        raise InputError(
            f"No scheme of {manifest.name} has the relation labels {sorted(unknown)}; "
            f"its schemes are: {', '.join(scheme_names(manifest))}."
        )


def score_pairs(extractor: RelationExtractor, documents: Sequence[Document]) -> list[ScoredPair]:
    """What the extractor says of the gold's concepts, beside what the gold says; for subjects its
    `subject_threshold` is to be 0.
    """
    rows = []
    told = any(relation.subject for document in documents for relation in document.relations)
    found = zip(documents, extractor.predict(documents), _shares(extractor, documents), strict=True)
    for gold, predicted, shares in found:
        related = {frozenset((r.head, r.tail)): r for r in gold.relations}
        for relation in predicted.relations:
            pair = frozenset((relation.head, relation.tail))
            truth = related.get(pair)
            rows.append(
                ScoredPair(
                    relation.label,
                    relation.score,
                    relation.novel_score,
                    truth is not None,
                    truth is not None and truth.label == relation.label,
                    None if truth is None else truth.novel,
                    relation.subject_score,
                    None if truth is None or not told else truth.subject == relation.subject,
                    float(shares[pair][extractor.labels.index(relation.label)]),
                )
            )
    return rows


def _shares(
    extractor: RelationExtractor, documents: Sequence[Document]
) -> Iterator[Mapping[frozenset[str], NDArray[np.float64]]]:
    """By document and pair the probability of each label where the two are related."""
    for read, table in extractor.scored(documents):
        edges = np.searchsorted(table.documents, np.arange(len(read) + 1)).tolist()
        for document, (start, end) in zip(read, pairwise(edges), strict=True):
            ids = [concept.id for concept in document.concepts or ()]
            ends = zip(table.heads[start:end], table.tails[start:end], strict=True)
            pairs = [frozenset((ids[head], ids[tail])) for head, tail in ends]
            yield dict(zip(pairs, table.label_shares[start:end], strict=True))


def fit_relation_calibration(scored: Sequence[ScoredPair]) -> dict[str, Any]:
    """Platt scaling of "is related", and of novelty over the pairs that are."""
    scores, related = np.array([a.score for a in scored]), np.array([a.related for a in scored])
    calibration: dict[str, Any] = {"method": "platt", **_rounded(fit_platt(scores, related))}
    judged = [
        (a.novel_score, a.novel)
        for a in scored
        if a.novel is not None and a.novel_score is not None
    ]
    if len(judged) >= FEWEST:
        novel = fit_platt(
            np.array([score for score, _ in judged]), np.array([bool(new) for _, new in judged])
        )
        calibration["novelty"] = {**_rounded(novel), "predictions": len(judged)}
    acting = [
        (a.subject_score, a.subject_right)
        for a in scored
        if a.subject_right is not None and a.subject_score is not None
    ]
    if len(acting) >= FEWEST:
        subject = fit_platt(
            np.array([score for score, _ in acting]), np.array([right for _, right in acting])
        )
        calibration["subject"] = {**_rounded(subject), "predictions": len(acting)}
    return {**calibration, "predictions": len(scored)}


def _rounded(fitted: Mapping[str, float]) -> dict[str, float]:
    return {key: round(value, 6) for key, value in fitted.items()}


def calibrated(answer: ScoredPair, calibration: Mapping[str, Any]) -> ScoredPair:
    """The answer with its scores as probabilities."""
    score = answer.novel_score
    novel = None if score is None else calibrate(score, calibration.get("novelty", {}))
    acts = answer.subject_score
    return replace(
        answer,
        score=calibrate(answer.score, calibration),
        novel_score=novel,
        subject_score=None if acts is None else calibrate(acts, calibration.get("subject", {})),
    )


def best_typed_threshold(scored: Sequence[ScoredPair], gold: int) -> float:
    """The threshold of the score with the label that has the best sum of F1 of pair, label and
    novelty.

    One for all labels: such scores are the probability of being right whatever the label, and one
    for each did no better on documents that it was not chosen on (BioRED).
    """
    scores = np.array([a.typed_score for a in scored])
    hits = np.cumprod([_hits(a) for a in scored], axis=1)

    def total(threshold: float) -> float:
        kept = scores >= threshold
        return float((2 * hits[kept].sum(axis=0) / max(1, int(kept.sum()) + gold)).sum())

    return float(max(GRID, key=total))


def _hits(answer: ScoredPair) -> tuple[bool, bool, bool]:
    judged = answer.novel_score is not None and answer.novel is not None
    novel_right = judged and (answer.novel_score or 0.0) >= 0.5
    return answer.related, answer.label_right, novel_right == bool(answer.novel)


def _with(
    manifest: Manifest,
    scheme: str,
    calibration: Mapping[str, Any],
    threshold: float | None = None,
) -> Manifest:
    """The manifest with another calibration of one scheme, and its threshold unless None."""
    changed: dict[str, Any] = {}
    if threshold is not None:
        changed = {"threshold": threshold, "thresholds": {}, "typed_thresholds": True}
    if scheme == MAIN:
        return replace(_changed(manifest, scheme, changed), calibration=calibration)
    return _changed(manifest, scheme, {**changed, "calibration": calibration})


def _changed(manifest: Manifest, scheme: str, changes: Mapping[str, Any]) -> Manifest:
    """The manifest with other settings of one scheme."""
    settings = dict(manifest.settings)
    if scheme == MAIN:
        return replace(manifest, settings={**settings, **changes})
    about = {**settings["schemes"][scheme], **changes}
    return replace(
        manifest, settings={**settings, "schemes": {**settings["schemes"], scheme: about}}
    )
