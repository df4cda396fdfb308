"""Trigger words: the verbs and nouns that say how two concepts are related, by class, and where
they stand.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from biopipe.document import Document

__all__ = ["ZONES", "TriggerWords", "default_triggers", "stem"]

# Shared sentences, the words between the nearest two mentions, the first sentence, and the whole
# text.
ZONES = 4
MOST_BETWEEN = 300  # characters; mentions farther apart have nothing between them that relates them
REMEMBERED_WORDS = 65_536  # a few megabytes; more than the vocabulary of a thousand abstracts
# Words between what is none: every second piece is a word.
PIECES = re.compile(r"([A-Za-z]+)")
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
_SUFFIXES_BY_END = {
    end: tuple(suffix for suffix in SUFFIXES if suffix[-1] == end)
    for end in {suffix[-1] for suffix in SUFFIXES}
}


def default_triggers() -> dict[str, tuple[str, ...]]:
    """The English lists that come with biopipe: class to words in any form."""
    raw = json.loads((files("biopipe.relations") / "triggers.json").read_text(encoding="utf-8"))
    return {name: tuple(words) for name, words in raw.items()}


def stem(word: str) -> str:
    """Lower case without a common suffix; at least four letters stay."""
    word = word.lower()
    for suffix in _SUFFIXES_BY_END.get(word[-1:], ()):
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
        self.triggers = triggers
        self.starts, numbers = _outside_mentions(document, *_hits(document.text, classes))
        self.until = np.zeros((len(numbers) + 1, len(triggers)), dtype=np.float32)
        self.until[np.arange(1, len(self.until)), numbers] = 1.0
        self.until.cumsum(axis=0, out=self.until)
        firsts = self.until[self.starts.searchsorted(sentence_starts)]
        self.by_sentence = np.concatenate([firsts[1:], self.until[-1:]]) - firsts

    def between(self, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.float32]:
        """Counts (stretches, classes) of the text from `starts` to `ends`; none where that is long
        or empty.
        """
        ends = np.where((ends - starts <= MOST_BETWEEN) & (ends > starts), ends, starts)
        first, last = self.starts.searchsorted(starts), self.starts.searchsorted(ends)
        counts: NDArray[np.float32] = self.until[last] - self.until[first]
        return counts


def _hits(text: str, classes: "_WordClasses") -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the trigger words of a text start, and the number of the class of each: both (hits,)
    int64, a word of several classes once for each.
    """
    pieces = PIECES.split(text)
    numbers = list(map(classes.__getitem__, pieces[1::2]))
    starts = list(accumulate(map(len, pieces)))[::2]
    rows = [
        (start, number)
        for start, of_word in zip(starts, numbers, strict=False)
        if of_word
        for number in of_word
    ]
    found = np.array(rows, dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _outside_mentions(
    document: Document, starts: NDArray[np.int64], numbers: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The hits, given by starts and class numbers, that start in no mention."""
    spans = sorted([(mention.start, mention.end) for mention in document.mentions])
    columns = np.array([(-1, 0), *spans], dtype=np.int64)
    covered_until = np.maximum.accumulate(columns[:, 1])
    outside = covered_until[columns[:, 0].searchsorted(starts, side="right") - 1] <= starts
    return starts[outside], numbers[outside]


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
