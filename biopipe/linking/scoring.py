"""From what the retrievers found to a probability for each candidate, and for none of them.

A conditional logit: every candidate has features, NIL has its own, and a softmax over all of them
is the answer. So candidates compete, and the probability of NIL is what they leave. The weights
were fitted on linked mentions with the answer taken out of the knowledge base for half of the
concepts (`biopipe train linker`). All mentions of a batch are scored in one pass over arrays.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from biopipe.document.labels import GENE, SPECIES
from biopipe.linking.evidence import CandidateEvidence
from biopipe.linking.weights import CANDIDATE_FEATURES, NIL_FEATURES, LinkerWeights

__all__ = ["candidate_features", "candidate_scores", "nil_features"]

# A surface of at most this many characters is often an abbreviation, whose spelling tells little.
_SHORT = 5
Floats = NDArray[np.float64]


def candidate_scores(
    surfaces: Sequence[str],
    labels: Sequence[str],
    evidence: CandidateEvidence,
    weights: Sequence[LinkerWeights | None],
) -> Floats:
    """The probability of every candidate, (candidates,) float64.

    `surfaces`, `labels` and `weights` are those of the mentions of `evidence`; without weights the
    score of the exact name stands.
    """
    if not len(evidence.concepts):
        return np.zeros(0)
    used = list({id(given): given for given in weights if given is not None}.values())
    scores = evidence.exact.copy()
    if not used:
        return scores
    place = {id(given): index for index, given in enumerate(used)}
    weighted = np.array([given is not None for given in weights])
    which = np.array([place.get(id(given), 0) for given in weights])
    own, none, temperatures = _matrices(used)
    owners = evidence.owners
    features = candidate_features(surfaces, labels, evidence)
    logits = np.einsum("cf,cf->c", features, own[which[owners]]) / temperatures[which[owners]]
    nil = np.einsum("mf,mf->m", nil_features(surfaces, labels, evidence), none[which])
    nil /= temperatures[which]
    highest = np.maximum(_highest(logits, evidence.starts, -np.inf), nil)
    exponents = np.exp(logits - highest[owners])
    total = np.bincount(owners, exponents, minlength=len(evidence)) + np.exp(nil - highest)
    return np.where(weighted[owners], exponents / total[owners], scores)


def _matrices(weights: Sequence[LinkerWeights]) -> tuple[Floats, Floats, Floats]:
    """Weights of candidates (n, 22), of NIL (n, 7), and temperatures (n,)."""
    return (
        np.array([[w.candidate.get(name, 0.0) for name in CANDIDATE_FEATURES] for w in weights]),
        np.array([[w.nil.get(name, 0.0) for name in NIL_FEATURES] for w in weights]),
        np.array([w.temperature for w in weights]),
    )


def candidate_features(
    surfaces: Sequence[str], labels: Sequence[str], evidence: CandidateEvidence
) -> Floats:
    """The features of all candidates, (candidates, `CANDIDATE_FEATURES`) float64."""
    owners, starts = evidence.owners, evidence.starts
    dense, ngram = _filled(evidence.dense, owners, starts), _filled(evidence.ngram, owners, starts)
    dense_lead, ngram_lead = _lead(dense, owners, starts), _lead(ngram, owners, starts)
    short = np.array([len(surface) <= _SHORT for surface in surfaces], np.float64)[owners]
    gene = np.array([label == GENE for label in labels], np.bool_)[owners]
    exact, prior = evidence.exact, evidence.prior
    # Concepts that are often written about have many names.
    names = np.log(evidence.name_counts)
    columns = (
        exact,
        exact > 0,
        evidence.by_other_name,
        evidence.by_made_name,
        dense,
        np.maximum(dense - 0.7, 0),
        np.maximum(dense - 0.85, 0),
        dense_lead,
        dense_lead > 0,
        ngram,
        np.maximum(ngram - 0.6, 0),
        np.maximum(ngram - 0.85, 0),
        ngram_lead,
        ngram_lead > 0,
        (dense_lead > 0) & (ngram_lead > 0),
        dense * short,
        ngram * short,
        (exact > 0) & gene,
        # What bears the name needs no likelier type: annotators of diseases have no ids of HPO.
        (evidence.type_ranks == 0) | (exact > 0),
        names,
        names * (exact > 0),
        prior,
        prior > 0,
    )
    return np.concatenate([np.stack(columns, axis=1, dtype=np.float64), evidence.words], axis=1)


def nil_features(
    surfaces: Sequence[str], labels: Sequence[str], evidence: CandidateEvidence
) -> Floats:
    """The features of the answer that no candidate is right, (mentions, `NIL_FEATURES`) float64."""
    starts = evidence.starts
    columns = (
        np.ones(len(evidence)),
        [len(surface) <= _SHORT for surface in surfaces],
        [label == GENE for label in labels],
        [label == SPECIES for label in labels],
        _highest(evidence.dense, starts, 0.0),
        _highest(evidence.ngram, starts, 0.0),
        _highest(evidence.exact, starts, 0.0) == 0,
    )
    return np.stack([np.asarray(column, np.float64) for column in columns], axis=1)


def _highest(values: Floats, starts: NDArray[np.int64], default: float) -> Floats:
    """The highest of each mention's values, (mentions,); `default` for one without candidates."""
    highest = np.full(len(starts) - 1, default)
    has_any = starts[1:] > starts[:-1]
    if len(values):
        highest[has_any] = np.maximum.reduceat(values, starts[:-1][has_any])
    return highest


def _filled(scores: Floats, owners: NDArray[np.int64], starts: NDArray[np.int64]) -> Floats:
    """A candidate that a retriever did not return is at most as near as the last one that it did
    return.
    """
    lowest = -_highest(np.where(scores > 0, -scores, -np.inf), starts, -np.inf)
    return np.where(scores > 0, scores, np.where(np.isinf(lowest), 0.0, lowest)[owners])


def _lead(values: Floats, owners: NDArray[np.int64], starts: NDArray[np.int64]) -> Floats:
    """How far each value is above the best of the others of its mention; of a single one, the value
    itself.
    """
    best = _highest(values, starts, 0.0)[owners]
    is_best = values == best
    second = _highest(np.where(is_best, -np.inf, values), starts, 0.0)
    ties = np.bincount(owners, is_best, minlength=len(starts) - 1) > 1
    second[ties] = best[starts[:-1][ties]]
    second[np.isinf(second)] = 0.0  # a single candidate has no rival
    return np.where(is_best, best - second[owners], values - best)
