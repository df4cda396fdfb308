"""Trigger words: the verbs and nouns that say how two concepts are related, by class, and where
they stand.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from itertools import compress
from string import ascii_letters

import numpy as np
from numpy.typing import NDArray

from biopipe.document import Document

__all__ = [
    "ZONES",
    "TriggerWords",
    "agent_words",
    "default_triggers",
    "measuring_words",
    "polarity_words",
    "stem",
]

# Shared sentences, the words between the nearest two mentions, the first sentence, and the whole
# text.
ZONES = 4
MOST_BETWEEN = 300  # characters; mentions farther apart have nothing between them that relates them
BESIDE = 20  # characters; two words, or one and an article
REMEMBERED_WORDS = 32_768  # some 3 MB; the vocabulary of a thousand abstracts
WORDS = re.compile(r"[A-Za-z]+")
_LETTERS = frozenset(ascii_letters)
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
    return dict(_word_lists("triggers.json"))


def agent_words() -> dict[str, tuple[str, ...]]:
    """English words that put the one that acts behind them ("induced by"), as grammars list them:
    the prepositions of passives, causes and sources.
    """
    return dict(_word_lists("agents.json"))


def measuring_words() -> dict[str, tuple[str, ...]]:
    """English words that say that things were looked at, or are part of something, and not what they
    do: written for biopipe, any form.
    """
    return dict(_word_lists("measuring.json"))


def polarity_words() -> dict[str, tuple[str, ...]]:
    """English words for what lowers, takes away or eases something, and for what raises or brings
    it: written for biopipe, any form.
    """
    return dict(_word_lists("polarity.json"))


# Every document with relations asks for them.
@cache
def _word_lists(file: str) -> Mapping[str, tuple[str, ...]]:
    raw = json.loads((files("biopipe.relations") / file).read_text(encoding="utf-8"))
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
    text; with `polarity` also the words of `polarity_words`.
    """

    def __init__(
        self,
        document: Document,
        sentence_starts: NDArray[np.int64],
        triggers: Mapping[str, Sequence[str]],
        *,
        polarity: bool = False,
    ) -> None:
        # One look at the words for both.
        lists = [*triggers.items(), *(polarity_words().items() if polarity else ())]
        classes = _classes(tuple((name, tuple(words)) for name, words in lists))
        self.triggers = triggers
        self.starts, numbers = _outside_mentions(document, *_hits(document.text, classes))
        until = np.zeros((len(numbers) + 1, len(lists)), dtype=np.float32)
        until[np.arange(1, len(until)), numbers] = 1.0
        until.cumsum(axis=0, out=until)
        self.until, self._polarity = np.split(until, [len(triggers)], axis=1)
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

    def polarity(self, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.float32]:
        """Counts (stretches, 2) of the words that lower and of those that raise, from `starts` to
        `ends`.
        """
        first, last = self.starts.searchsorted(starts), self.starts.searchsorted(ends)
        counts: NDArray[np.float32] = self._polarity[last] - self._polarity[first]
        return counts

    def beside(self, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.float32]:
        """Whether a word of each class begins right before `starts` and right after `ends`, both
        (stretches,): (stretches, 2, classes), 0 or 1.
        """
        sides = ((starts - BESIDE, starts), (ends, ends + BESIDE))
        counts = [
            self.until[self.starts.searchsorted(last)] - self.until[self.starts.searchsorted(first)]
            for first, last in sides
        ]
        return np.minimum(np.stack(counts, axis=1), 1.0)


def _hits(text: str, classes: "_WordClasses") -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the trigger words of a text start, and the number of the class of each: both (hits,)
    int64, a word of several classes once for each.
    """
    starts: list[int] = []
    classes_of_starts: list[int] = []
    end = 0
    words = WORDS.findall(text)
    of_words = list(map(classes.__getitem__, words))
    # Few words are triggers: to look for those takes half the time of placing every word.
    for word, numbers in zip(compress(words, of_words), filter(None, of_words), strict=True):
        start = _next_place(text, word, end)
        end = start + len(word)
        for number in numbers:
            starts.append(start)
            classes_of_starts.append(number)
    return np.array(starts, dtype=np.int64), np.array(classes_of_starts, dtype=np.int64)


def _next_place(text: str, word: str, begin: int) -> int:
    """Where the next whole word of the text that is `word` starts; there is one."""
    start = text.find(word, begin)
    while (text[start + len(word) : start + len(word) + 1] in _LETTERS) or (
        start and text[start - 1] in _LETTERS
    ):
        start = text.find(word, start + 1)
    return start


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
