"""Trigger words: the verbs and nouns that say how two concepts are related, by class, and where
they stand.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from biopipe.document import Document

__all__ = ["ZONES", "TriggerWords", "default_triggers", "stem"]

# Shared sentences, the words between the nearest two mentions, the first sentence, and the whole
# text.
ZONES = 4
MOST_BETWEEN = 300  # characters; mentions farther apart have nothing between them that relates them
REMEMBERED_WORDS = 65_536  # a few megabytes; more than the vocabulary of a thousand abstracts
WORD = re.compile(r"[A-Za-z]+")
SUFFIXES = (
    "ations",
    "ation",
    "ition",
    "ings",
    "ing",
    "ions",
    "ion",
    "ated",
    "ates",
    "ate",
    "ive",
    "ed",
    "es",
    "s",
    "e",
)


def default_triggers() -> dict[str, tuple[str, ...]]:
    """The English lists that come with biopipe: class to words in any form."""
    raw = json.loads((files("biopipe.relations") / "triggers.json").read_text(encoding="utf-8"))
    return {name: tuple(words) for name, words in raw.items()}


def stem(word: str) -> str:
    """Lower case without a common suffix; at least four letters stay."""
    word = word.lower()
    for suffix in SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 4:
            return word[: -len(suffix)]
    return word


class TriggerWords:
    """The trigger words of one document outside its mentions, counted by sentence and by stretch of
    text.
    """

    def __init__(
        self,
        document: Document,
        sentence_starts: NDArray[np.int64],
        triggers: Mapping[str, Sequence[str]],
    ) -> None:
        classes = _classes(tuple((name, tuple(words)) for name, words in triggers.items()))
        rows = [
            (match.start(), number)
            for match in WORD.finditer(document.text)
            for number in classes[match[0]]
        ]
        found = np.array(rows, dtype=np.int64).reshape(-1, 2)
        in_mention = np.zeros(len(document.text) + 1, dtype=bool)
        for mention in document.mentions:
            in_mention[mention.start : mention.end] = True
        found = found[~in_mention[found[:, 0]]]
        self.starts = found[:, 0]
        hits = np.zeros((len(found), len(triggers)), dtype=np.float32)
        hits[np.arange(len(found)), found[:, 1]] = 1.0
        self.until = np.concatenate(
            [np.zeros((1, len(triggers)), dtype=np.float32), hits.cumsum(axis=0)]
        )
        edges = np.searchsorted(self.starts, np.append(sentence_starts, len(document.text)))
        self.by_sentence = np.diff(self.until[edges], axis=0)

    def between(self, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.float32]:
        """Counts (stretches, classes) of the text from `starts` to `ends`; none where that is long
        or empty.
        """
        ends = np.where((ends - starts <= MOST_BETWEEN) & (ends > starts), ends, starts)
        first, last = np.searchsorted(self.starts, starts), np.searchsorted(self.starts, ends)
        counts: NDArray[np.float32] = self.until[last] - self.until[first]
        return counts


class _WordClasses(dict[str, tuple[int, ...]]):
    """Class numbers by word in any form, looked up by its stem once."""

    def __init__(self, by_stem: Mapping[str, tuple[int, ...]]) -> None:
        super().__init__()
        self._by_stem = by_stem

    def __missing__(self, word: str) -> tuple[int, ...]:
        if len(self) >= REMEMBERED_WORDS:
            self.clear()
        numbers = self[word] = self._by_stem.get(stem(word), ())
        return numbers


@lru_cache(maxsize=16)
def _classes(triggers: tuple[tuple[str, tuple[str, ...]], ...]) -> _WordClasses:
    by_stem: dict[str, tuple[int, ...]] = {}
    for number, (_, words) in enumerate(triggers):
        for word_stem in dict.fromkeys(stem(word) for word in words):
            by_stem[word_stem] = (*by_stem.get(word_stem, ()), number)
    return _WordClasses(by_stem)
