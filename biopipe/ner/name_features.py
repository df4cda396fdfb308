"""What knowledge bases say of a text's words, as numbers beside a tagger's tokens.

For every label there are `FEATURES_PER_LABEL` numbers a token: whether it begins a name of a
concept of that label, whether it goes on with one, and how likely such a name is a mention (see
`biopipe.ner.dictionary_rules.name_score`). They are generic: a tagger that learned to weigh them
reads a base that changed, or one of the user's own, without training.
"""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from biopipe.errors import ConfigError, ExtraMissing
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.default import DEFAULT, open_base
from biopipe.kb.groups import runs
from biopipe.kb.prior import NameMatch
from biopipe.kinds.registry import concept_types_of
from biopipe.language.stop_words import common_words
from biopipe.ner.dictionary_rules import is_apart, is_name, is_shouted, name_score
from biopipe.ner.dictionary_scan import NameScan
from biopipe.runtime.encoder import TokenFeatures
from biopipe.runtime.manifest import Manifest
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
    "told_names",
]

FEATURES_PER_LABEL = 3
NAMES_INPUT = "names"
"""The graph's input, (batch, tokens, FEATURES_PER_LABEL * labels) float32."""

# Single letters and pairs of them name something nearly everywhere.
_SHORTEST = 2
_REMEMBERED = 1 << 14
_CHARACTERS_AT_ONCE = 1 << 18

_ByLabel = tuple[tuple[int, float], ...]
# What a surface means, and what it means in a line of capitals.
_Meanings = tuple[_ByLabel, _ByLabel]
# Label, start, end.
_Key = tuple[int, int, int]


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

    Bases open at first use, so this can be passed to other processes. Where they are `optional`,
    one that wants a package which is not installed is left out with a warning.
    """

    def __init__(
        self,
        bases: Sequence[KnowledgeBase | str | Path],
        labels: Sequence[str],
        *,
        optional: bool = False,
    ) -> None:
        self._sources, self.labels, self._optional = tuple(bases), tuple(labels), optional

    def __getstate__(self) -> dict[str, object]:
        return {
            "_sources": self._sources,
            "labels": self.labels,
            "_optional": self._optional,
        }

    @property
    def width(self) -> int:
        """Numbers a token has."""
        return FEATURES_PER_LABEL * len(self.labels)

    @cached_property
    def bases(self) -> tuple[KnowledgeBase, ...]:
        """The bases, open."""
        try:
            return tuple(open_base(source) for source in self._sources)
        except ExtraMissing as error:
            if not self._optional:
                raise
            warnings.warn(
                f"The tagger is told no names of a knowledge base and finds fewer mentions: {error}",
                stacklevel=2,
            )
            return ()

    @cached_property
    def _readers(self) -> tuple["_BaseNames", ...]:
        return tuple(_BaseNames(base, self.labels) for base in self.bases)

    def names(self, text: str) -> list[KnownName]:
        """The names in `text`: of each label the longest first, none of which overlaps another of
        its label; sorted by label and start.
        """
        return self.names_of_many([text])[0]

    def names_of_many(self, texts: Sequence[str]) -> list[list[KnownName]]:
        """What `names` gives for each text; many texts take less time together."""
        names = []
        for group in _groups(texts):
            by_text: list[dict[_Key, float]] = [{} for _ in group]
            for reader in self._readers:
                for spans, of_base in zip(by_text, reader.spans_of_many(group), strict=True):
                    for start, end, by_label in of_base:
                        for label, likelihood in by_label:
                            key = (label, start, end)
                            spans[key] = max(likelihood, spans.get(key, 0.0))
            names += [
                _longest(spans, len(text)) for spans, text in zip(by_text, group, strict=True)
            ]
        return names

    def __call__(self, texts: Sequence[str], tokens: Sequence[Tokens]) -> TokenFeatures:
        """The input of a graph that is told the names of texts, for their tokens."""
        return self.told(self.names_of_many(texts), tokens)

    def told(self, names: Sequence[Sequence[KnownName]], tokens: Sequence[Tokens]) -> TokenFeatures:
        """The input of a graph that is told these names of each text, for its tokens."""
        labels = len(self.labels)
        pairs = zip(names, tokens, strict=True)
        return {NAMES_INPUT: [feature_rows(of_text, each, labels) for of_text, each in pairs]}

    def rows(self, text: str, tokens: Tokens) -> NDArray[np.float32]:
        """The features (tokens, width) float32 of a text."""
        return feature_rows(self.names(text), tokens, len(self.labels))


def told_names(
    manifest: Manifest, kb: Sequence[KnowledgeBase | str | Path] | None = None
) -> NameFeatures | None:
    """What tells a tagger's graph the names of `kb`, by default of the default base where its
    packages are installed; None for one that is told none.

    ConfigError where bases are given for a graph that is told none.
    """
    labels = manifest.settings.get("names", ())
    if kb and not labels:
        raise ConfigError(
            f"The tagger {manifest.name} is told no names of knowledge bases; leave kb out."
        )
    bases = [DEFAULT] if kb is None else list(kb)
    return NameFeatures(bases, labels, optional=kb is None) if labels and bases else None


def feature_rows(names: Sequence[KnownName], tokens: Tokens, labels: int) -> NDArray[np.float32]:
    """The features (tokens, FEATURES_PER_LABEL * labels) float32 that names give to tokens."""
    rows = np.zeros((len(tokens.ids), FEATURES_PER_LABEL * labels), dtype=np.float32)
    if not names:
        return rows
    first, end = _token_edges(names, tokens)
    sizes = end - first
    columns = np.array([FEATURES_PER_LABEL * name.label for name in names], dtype=np.int64)
    likelihoods = np.array([name.likelihood for name in names], dtype=np.float32)
    # Every token of every name; the same as `announce` of one name after the other.
    covered = runs(first, sizes)
    is_first = covered == np.repeat(first, sizes)
    columns = np.repeat(columns, sizes)
    rows[covered, columns + ~is_first] = 1.0
    rows[covered, columns + 2] = np.repeat(likelihoods, sizes)
    return rows


def token_ranges(names: Sequence[KnownName], tokens: Tokens) -> list[tuple[int, int]]:
    """The tokens `[first, end)` that each name covers, at least in part; equal where it covers
    none.
    """
    first, end = _token_edges(names, tokens)
    return list(zip(first.tolist(), end.tolist(), strict=True))


def _token_edges(
    names: Sequence[KnownName], tokens: Tokens
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The columns of `token_ranges`: (names,) both."""
    starts = np.array([name.start for name in names], dtype=np.int64)
    ends = np.array([name.end for name in names], dtype=np.int64)
    first = tokens.offsets[:, 1].searchsorted(starts, side="right")
    return first, np.maximum(first, tokens.offsets[:, 0].searchsorted(ends, side="left"))


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


def _groups(texts: Sequence[str]) -> Iterator[list[str]]:
    """The texts in their order, few enough at once that their words take little memory."""
    group: list[str] = []
    size = 0
    for text in texts:
        if group and size + len(text) > _CHARACTERS_AT_ONCE:
            yield group
            group, size = [], 0
        group.append(text)
        size += len(text)
    if group:
        yield group


def _longest(spans: Mapping[_Key, float], size: int) -> list[KnownName]:
    """The names of a text of `size` characters."""
    names: list[_Key] = []
    taken: dict[int, bytearray] = {}
    for _, label, start, end in sorted([(s - e, label, s, e) for label, s, e in spans]):
        of_label = taken.get(label)
        if of_label is None:
            of_label = taken[label] = bytearray(size)
        if 1 not in of_label[start:end]:
            of_label[start:end] = b"\1" * (end - start)
            names.append((label, start, end))
    names.sort()
    return [KnownName(s, e, label, spans[label, s, e]) for label, s, e in names]


class _BaseNames:
    """The names of one open base by label; answers are remembered."""

    def __init__(self, kb: KnowledgeBase, labels: Sequence[str]) -> None:
        self._kb, self._scan = kb, NameScan(kb.files.exact_hashes, kb.files.prefixes)
        self._by_type: dict[str, list[int]] = {}
        for number, label in enumerate(labels):
            for type_ in concept_types_of(label):
                self._by_type.setdefault(type_, []).append(number)
        self._stop_words = frozenset(one_spelling(word.lower()) for word in common_words())
        # None where a surface means nothing.
        self._answers: dict[str, _Meanings | None] = {}

    def spans_of_many(self, texts: Sequence[str]) -> list[list[tuple[int, int, _ByLabel]]]:
        """Of each text the spans that name something, with the labels they may have."""
        by_text = self._scan.spans_of_many(texts)
        surfaces = [
            [text[start:end] for start, end in spans]
            for text, spans in zip(texts, by_text, strict=True)
        ]
        answers = self._answers_for(list(chain.from_iterable(surfaces)))
        return [
            list(self._named(text, spans, [answers[surface] for surface in of_text]))
            for text, spans, of_text in zip(texts, by_text, surfaces, strict=True)
        ]

    def _named(
        self, text: str, spans: Sequence[tuple[int, int]], answers: Sequence[_Meanings | None]
    ) -> Iterator[tuple[int, int, _ByLabel]]:
        for (start, end), meanings in zip(spans, answers, strict=True):
            # Most words that are names are everyday words, which mean nothing.
            if meanings is None or not is_apart(text, start, end):
                continue
            usual, shouted = meanings
            by_label = usual
            if usual != shouted and is_shouted(text, start, end):
                by_label = shouted
            if by_label:
                yield start, end, by_label

    def _answers_for(self, surfaces: Sequence[str]) -> Mapping[str, _Meanings | None]:
        """What each surface means; those not asked lately are looked up together."""
        answers = self._answers
        missing = list(dict.fromkeys([s for s in surfaces if s not in answers]))
        if missing:
            if len(answers) + len(missing) > _REMEMBERED:
                answers = self._answers = {s: answers[s] for s in surfaces if s in answers}
            long_enough = [surface for surface in missing if len(surface) >= _SHORTEST]
            matches = self._kb.matches_in_form(long_enough)
            new_meanings: dict[str, _Meanings | None] = dict.fromkeys(missing)
            for surface, of_surface in zip(long_enough, matches, strict=True):
                new_meanings[surface] = self._meanings(surface, of_surface)
            # At once: other threads take a surface that is there for one that was looked up.
            answers.update(new_meanings)
        return answers

    def _meanings(self, surface: str, matches: Sequence[NameMatch]) -> _Meanings | None:
        usual: dict[int, float] = {}
        shouted: dict[int, float] = {}
        for match in matches:
            labels = self._labels_of(match.concept)
            if not labels:
                continue
            likelihood = name_score(surface, match)
            for likelihoods, in_capitals in ((usual, False), (shouted, True)):
                if is_name(surface, match, self._stop_words, shouted=in_capitals):
                    for label in labels:
                        likelihoods[label] = max(likelihood, likelihoods.get(label, 0.0))
        if not (usual or shouted):
            return None
        return tuple(sorted(usual.items())), tuple(sorted(shouted.items()))

    def _labels_of(self, concept: int) -> list[int]:
        types = self._kb.types_of(concept)
        return [label for type_ in types for label in self._by_type.get(type_, ())]
