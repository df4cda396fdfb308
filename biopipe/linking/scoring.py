"""From what the retrievers found to a probability for each candidate, and for none of them.

A conditional logit: every candidate has features, NIL has its own, and a softmax over all of them
is the answer. So candidates compete, and the probability of NIL is what they leave. The weights
were fitted on linked mentions with the answer taken out of the knowledge base for half of the
concepts (`biopipe train linker`).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biopipe.document import Candidate
from biopipe.errors import ConfigError

__all__ = [
    "CANDIDATE_FEATURES",
    "NIL_FEATURES",
    "Found",
    "Weights",
    "candidate_features",
    "nil_features",
    "rank",
    "shipped_weights",
]

CANDIDATE_FEATURES = (
    "exact",
    "has exact",
    "exact through another form",
    "dense",
    "dense over 0.7",
    "dense over 0.85",
    "dense lead",
    "dense first",
    "n-gram",
    "n-gram over 0.6",
    "n-gram over 0.85",
    "n-gram lead",
    "n-gram first",
    "both first",
    "dense, short",
    "n-gram, short",
    "has exact, gene",
    "preferred type",
    "names",
    "names, has exact",
    "prior",
    "has prior",
)
NIL_FEATURES = ("always", "short", "gene", "species", "best dense", "best n-gram", "no exact")

# A surface of at most this many characters is often an abbreviation, whose spelling tells little.
_SHORT = 5
# No answer is certain, and a threshold of 1 leaves every mention NIL.
_MOST = 0.9999
Features = NDArray[np.float64]


@dataclass(slots=True)
class Found:
    """What the retrievers said of one candidate of one mention; 0 where a retriever did not find
    it.

    `place`: of the candidate's type among those that the label may mean. `names`: how many names
    the concept has. `prior`: the share of mentions of this name in annotated text that meant the
    concept.
    """

    concept_id: str
    name: str
    exact: float = 0.0
    through: bool = False
    dense: float = 0.0
    ngram: float = 0.0
    place: int = 0
    names: int = 1
    prior: float = 0.0


@dataclass(frozen=True, slots=True)
class Weights:
    """One number a feature; `temperature` divides all logits (Guo et al. 2017)."""

    candidate: Mapping[str, float]
    nil: Mapping[str, float]
    temperature: float = 1.0
    about: Mapping[str, Any] = field(default_factory=dict)

    def probabilities(self, candidates: Features, nil: Features) -> Features:
        """Probabilities (candidates,) given their features (candidates, features) and those of
        NIL.
        """
        logits = candidates @ np.array(
            [self.candidate.get(name, 0.0) for name in CANDIDATE_FEATURES]
        )
        none = float(nil @ np.array([self.nil.get(name, 0.0) for name in NIL_FEATURES]))
        every = np.append(logits, none) / self.temperature
        exponents = np.exp(every - every.max())
        result: Features = exponents[:-1] / exponents.sum()
        return result


# By mention label; "" is for labels without weights of their own.
WeightsByLabel = Mapping[str, Weights]


def read_weights(path: Path) -> WeightsByLabel:
    """Weights from a JSON file of `biopipe train linker`; ConfigError says what is wrong with
    it.
    """
    try:
        return parse_weights(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ConfigError(
            f"Cannot read the linker's weights {path} ({error!r}); fit them again."
        ) from error


def parse_weights(raw: Mapping[str, Any]) -> WeightsByLabel:
    """Weights from JSON data, `{label: {"candidate", "nil", "temperature"}}`; ValueError where a
    feature is unknown.
    """
    known = {*CANDIDATE_FEATURES, *NIL_FEATURES}
    found = {}
    for label, each in raw.items():
        found[label] = Weights(
            each["candidate"], each["nil"], float(each["temperature"]), each.get("about", {})
        )
        if unknown := sorted({*each["candidate"], *each["nil"]} - known):
            raise ValueError(f"unknown feature '{unknown[0]}'")
    return found


def shipped_weights(*, dense: bool) -> WeightsByLabel:
    """The weights that came with biopipe: for names and vectors (of the default bi-encoder), or for
    names alone.
    """
    return read_weights(
        Path(__file__).with_name("weights_dense.json" if dense else "weights_names.json")
    )


def rank(
    surface: str, label: str, found: Sequence[Found], weights: Weights | None
) -> list[Candidate]:
    """Candidates by falling probability, equal ones as found; without weights the score of the
    exact name stands.
    """
    if weights is None:
        scores = np.array([each.exact for each in found])
    else:
        scores = weights.probabilities(
            candidate_features(surface, label, found), nil_features(surface, label, found)
        )
    candidates = [
        Candidate(each.concept_id, each.name, min(_MOST, round(float(score), 4)))
        for each, score in zip(found, scores, strict=True)
    ]
    return sorted(candidates, key=lambda c: -c.score)


def candidate_features(surface: str, label: str, found: Sequence[Found]) -> Features:
    """The features (candidates, `CANDIDATE_FEATURES`) of all candidates of one mention."""
    dense, ngram = (_filled([getattr(each, name) for each in found]) for name in ("dense", "ngram"))
    dense_lead, ngram_lead = _lead(dense), _lead(ngram)
    exact = np.array([each.exact for each in found])
    short = float(len(surface) <= _SHORT)
    prior = np.array([each.prior for each in found])
    # Concepts that are often written about have many names.
    names = np.log([each.names for each in found])
    columns = [
        exact,
        exact > 0,
        [each.through for each in found],
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
        (exact > 0) & (label == "Gene"),
        [each.place == 0 for each in found],
        names,
        names * (exact > 0),
        prior,
        prior > 0,
    ]
    return np.array(columns, dtype=np.float64).T.reshape(len(found), len(CANDIDATE_FEATURES))


def nil_features(surface: str, label: str, found: Sequence[Found]) -> Features:
    """The features of the answer that no candidate is right."""
    return np.array(
        [
            1.0,
            len(surface) <= _SHORT,
            label == "Gene",
            label == "Species",
            max((each.dense for each in found), default=0.0),
            max((each.ngram for each in found), default=0.0),
            not any(each.exact for each in found),
        ],
        dtype=np.float64,
    )


def _filled(scores: Sequence[float]) -> Features:
    """A candidate that a retriever did not return is at most as near as the last one that it did
    return.
    """
    values = np.array(scores, dtype=np.float64)
    returned = values[values > 0]
    return np.where(values > 0, values, returned.min() if len(returned) else 0.0)


def _lead(values: Features) -> Features:
    """How far each value is above the best of the others; of a single one, the value itself."""
    if len(values) < 2:
        return values
    order = np.argsort(values)
    best, second = values[order[-1]], values[order[-2]]
    lead: Features = values - best
    lead[order[-1]] = best - second
    return lead
