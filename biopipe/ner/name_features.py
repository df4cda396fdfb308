"""What knowledge bases say of a text's words, as numbers beside a tagger's tokens.

For every label there are `FEATURES_PER_LABEL` numbers a token: whether it begins a name of a
concept of that label, whether it goes on with one, and how likely such a name is a mention (see
`biopipe.ner.dictionary_rules.name_score`). They are generic: a tagger that learned to weigh them
reads a base that changed, or one of the user's own, without training.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from biopipe.kb.base import KnowledgeBase
from biopipe.kb.default import open_base
from biopipe.kb.prior import Match
from biopipe.kinds.registry import concept_types_of
from biopipe.language.stop_words import common_words
from biopipe.ner.dictionary_rules import is_apart, is_name, is_shouted, name_score
from biopipe.ner.dictionary_scan import NameScan
from biopipe.runtime.tokenizer import Tokens
from biopipe.text.spelling import one_spelling

__all__ = [
    "FEATURES_PER_LABEL",
    "NAMES_INPUT",
    "KnownName",
    "NameFeatures",
    "announce",
    "feature_rows",
    "token_ranges",
]

FEATURES_PER_LABEL = 3
NAMES_INPUT = "names"
"""The graph's input, (batch, tokens, FEATURES_PER_LABEL * labels) float32."""

# Single letters and pairs of them name something nearly everywhere.
_SHORTEST = 2
_REMEMBERED = 1 << 14

_ByLabel = tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class KnownName:
    """Characters `[start, end)` are a name of label number `label`; `likelihood` in [0, 1]."""

    start: int
    end: int
    label: int
    likelihood: float


class NameFeatures:
    """Finds the names of `bases` (directories, open ones, or "default") for `labels`, in their
    order.

    Bases open at first use, so this can be passed to other processes.
    """

    def __init__(self, bases: Sequence[KnowledgeBase | str | Path], labels: Sequence[str]) -> None:
        self._sources, self.labels = tuple(bases), tuple(labels)

    def __getstate__(self) -> dict[str, object]:
        return {"_sources": self._sources, "labels": self.labels}

    @property
    def width(self) -> int:
        """Numbers a token has."""
        return FEATURES_PER_LABEL * len(self.labels)

    @cached_property
    def bases(self) -> tuple[KnowledgeBase, ...]:
        """The bases, open."""
        return tuple(open_base(source) for source in self._sources)

    @cached_property
    def _readers(self) -> tuple["_BaseNames", ...]:
        return tuple(_BaseNames(base, self.labels) for base in self.bases)

    def names(self, text: str) -> list[KnownName]:
        """The names in `text`: of each label the longest first, none of which overlaps another of
        its label; sorted by label and start.
        """
        spans: dict[tuple[int, int, int], float] = {}
        for reader in self._readers:
            for start, end, by_label in reader.spans(text):
                for label, likelihood in by_label:
                    key = (label, start, end)
                    spans[key] = max(likelihood, spans.get(key, 0.0))
        return _longest(spans)

    def rows(self, text: str, tokens: Tokens) -> NDArray[np.float32]:
        """The features (tokens, width) float32 of a text."""
        return feature_rows(self.names(text), tokens, len(self.labels))


def feature_rows(names: Sequence[KnownName], tokens: Tokens, labels: int) -> NDArray[np.float32]:
    """The features (tokens, FEATURES_PER_LABEL * labels) float32 that names give to tokens."""
    rows = np.zeros((len(tokens.ids), FEATURES_PER_LABEL * labels), dtype=np.float32)
    for name, (first, end) in zip(names, token_ranges(names, tokens), strict=True):
        announce(rows, first, end, name.label, name.likelihood)
    return rows


def token_ranges(names: Sequence[KnownName], tokens: Tokens) -> list[tuple[int, int]]:
    """The tokens `[first, end)` that each name covers, at least in part; equal where it covers
    none.
    """
    starts = np.array([name.start for name in names], dtype=np.int64)
    ends = np.array([name.end for name in names], dtype=np.int64)
    first = np.searchsorted(tokens.offsets[:, 1], starts, side="right")
    end = np.searchsorted(tokens.offsets[:, 0], ends, side="left")
    return list(zip(first.tolist(), np.maximum(first, end).tolist(), strict=True))


def announce(
    rows: NDArray[np.float32], first: int, end: int, label: int, likelihood: float
) -> None:
    """Write a name over the tokens `[first, end)` into features (tokens, FEATURES_PER_LABEL *
    labels) float32.
    """
    column = FEATURES_PER_LABEL * label
    rows[first : min(first + 1, end), column] = 1.0
    rows[first + 1 : end, column + 1] = 1.0
    rows[first:end, column + 2] = likelihood


def _longest(spans: dict[tuple[int, int, int], float]) -> list[KnownName]:
    names: list[KnownName] = []
    free_from: dict[int, list[tuple[int, int]]] = {}
    for label, start, end in sorted(spans, key=lambda key: (key[1] - key[2], key)):
        taken = free_from.setdefault(label, [])
        if all(end <= one or start >= other for one, other in taken):
            taken.append((start, end))
            names.append(KnownName(start, end, label, spans[label, start, end]))
    return sorted(names, key=lambda name: (name.label, name.start))


class _BaseNames:
    """The names of one open base by label; answers are remembered."""

    def __init__(self, kb: KnowledgeBase, labels: Sequence[str]) -> None:
        self._kb, self._scan = kb, NameScan(kb.path)
        self._by_type: dict[str, list[int]] = {}
        for number, label in enumerate(labels):
            for type_ in concept_types_of(label):
                self._by_type.setdefault(type_, []).append(number)
        self._stop_words = frozenset(one_spelling(word.lower()) for word in common_words())
        self._answers: OrderedDict[tuple[str, bool], _ByLabel] = OrderedDict()
        self._lock = threading.Lock()

    def spans(self, text: str) -> list[tuple[int, int, _ByLabel]]:
        """Spans that name something, with the labels they may have."""
        spans = []
        for start, end in self._scan.spans(text):
            surface = text[start:end]
            if len(surface) < _SHORTEST or not is_apart(text, start, end):
                continue
            by_label = self._labels(surface, shouted=is_shouted(text, start, end))
            if by_label:
                spans.append((start, end, by_label))
        return spans

    def _labels(self, surface: str, *, shouted: bool) -> _ByLabel:
        key = (surface, shouted)
        answer = self._answers.get(key)
        if answer is None:
            answer = self._find(surface, shouted)
            with self._lock:
                self._answers[key] = answer
                if len(self._answers) > _REMEMBERED:
                    self._answers.popitem(last=False)
        return answer

    def _find(self, surface: str, shouted: bool) -> _ByLabel:
        likelihoods: dict[int, float] = {}
        for match in self._kb.matches(surface):
            if match.match == Match.ORDER or not is_name(
                surface, match, self._stop_words, shouted=shouted
            ):
                continue
            likelihood = name_score(surface, match)
            for type_ in self._kb.types_of(match.concept):
                for label in self._by_type.get(type_, ()):
                    likelihoods[label] = max(likelihood, likelihoods.get(label, 0.0))
        return tuple(sorted(likelihoods.items()))
