"""What stands between the nearest mentions of two concepts, and which other concepts are nearer to
either.

A verb relates what stands on its two sides, and a clause that begins between two names seldom relates
them: marks and conjunctions tell that without a parser.
"""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biopipe.relations.pairs import PairTable
from biopipe.relations.places import ConceptPlaces

__all__ = ["BETWEEN_FEATURES", "Between"]

BETWEEN_FEATURES = 17

# English words that join the items of a list, and those that begin a clause or set one against another.
_CONJUNCTION = re.compile(
    r"(?<![A-Za-z])(?:(and|or)|although|but|however|that|whereas|which|while|who)(?![A-Za-z])",
    re.IGNORECASE,
)
_MARKS = (",", ";:", "(", ")")
_CLOSE = 60  # characters between the starts of two mentions
_SOFT = 5  # characters; distances under it differ little
# They bring logarithms of counts, distances and ratios to about 0 to 1, as in `features`.
_COUNTS, _DISTANCES, _RATIOS = 3, 8, 3
# Of what is not there, below all that is.
_NOWHERE, _NO_RIVAL = -1.0, -2.0

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float32]


class Between:
    """Of the concepts in a group of windows. `labels`: (concepts,) int64, a number for the label of
    each; `text` is the whole text, of which the places are code points.
    """

    def __init__(self, places: ConceptPlaces, labels: IntArray, text: str) -> None:
        self._places, self._labels = places, labels
        self._owners = np.arange(len(places.concepts)).repeat(places.counts)
        # Of an article that many groups of windows read, each looks at its own part.
        self._start = int(places.starts.min())
        text = text[self._start : int(places.ends.max())]
        codes = _codes(text)
        self._hyphens = codes == ord("-")
        self._counts = _counts_before(codes, text)
        together = places.sentences[:, None] == places.sentences[None, :]
        apart = np.abs(places.starts[:, None] - places.starts[None, :])
        self._apart = np.where(together, apart, np.inf)
        self._rivals = self._nearest_of_labels()
        self._in_sentences = self._closeness(together)

    def of(self, pairs: PairTable, head: IntArray, tail: IntArray) -> FloatArray:
        """(pairs, BETWEEN_FEATURES) float32; `head` and `tail` (pairs,) are the nearest mentions of
        each pair.
        """
        places = self._places
        begin = np.minimum(places.ends[head], places.ends[tail]) - self._start
        end = np.maximum(places.starts[head], places.starts[tail]) - self._start
        end = np.maximum(begin, end)
        named = np.isfinite(self._apart[head, tail])
        counts = (
            *(self._counts[end] - self._counts[begin]).T,
            self._between_of_label(begin, end, pairs.heads),
            self._between_of_label(begin, end, pairs.tails),
        )
        columns = (
            *(np.log1p(count) / _COUNTS for count in counts),
            (end > begin) & (self._hyphens[begin] | self._hyphens[end - 1]),
            self._nearer(head, tail, pairs.heads),
            self._nearer(tail, head, pairs.tails),
        )
        told = np.where(named[:, None], np.stack(columns, axis=1), _NOWHERE)
        closeness = self._in_sentences[pairs.heads, pairs.tails]
        return np.concatenate([told, closeness], axis=1, dtype=np.float32)

    def _between_of_label(self, begin: IntArray, end: IntArray, concepts: IntArray) -> IntArray:
        """How many mentions of the label of `concepts` (pairs,) start between, (pairs,)."""
        count = np.zeros(len(concepts), dtype=np.int64)
        labels = self._labels[concepts]
        for label in np.unique(labels):
            own = labels == label
            starts = np.sort(self._places.starts[self._labels[self._owners] == label] - self._start)
            count[own] = starts.searchsorted(end[own]) - starts.searchsorted(begin[own])
        return count

    def _nearer(self, own: IntArray, other: IntArray, concepts: IntArray) -> NDArray[np.float64]:
        """How much nearer another concept of the label of `concepts` (pairs,), whose mentions are
        `own`, is to the mentions `other` in their sentence: the logarithm of the ratio of distances.
        """
        labels = self._labels[concepts]
        nearest, who, second = (table[other, labels] for table in self._rivals)
        rival = np.where(who == concepts, second, nearest)
        away = self._apart[own, other]
        compared = np.isfinite(rival) & np.isfinite(away)
        away, rival = np.where(compared, away, 0), np.where(compared, rival, 0)
        ratio = np.log((away + _SOFT) / (rival + _SOFT)) / _RATIOS
        return np.where(compared, ratio, _NO_RIVAL)

    def _nearest_of_labels(self) -> tuple[NDArray[np.float64], IntArray, NDArray[np.float64]]:
        """For each mention and label, all (mentions, labels): how far the nearest concept of that
        label is in the sentence, which one it is, and how far the next one is; not its own concept.
        """
        places, mentions = self._places, len(self._places.starts)
        by_concept = np.minimum.reduceat(self._apart, places.edges[:-1], axis=1)
        by_concept[np.arange(mentions), self._owners] = np.inf
        labels = self._labels.max(initial=-1) + 1
        nearest, second = np.full((2, mentions, labels), np.inf)
        who = np.full((mentions, labels), -1, dtype=np.int64)
        for label in range(labels):
            members = np.flatnonzero(self._labels == label)
            if not len(members):
                continue
            away = by_concept[:, members]
            first = away.argmin(axis=1)
            rows = np.arange(mentions)
            nearest[:, label], who[:, label] = away[rows, first], members[first]
            away[rows, first] = np.inf
            second[:, label] = away.min(axis=1)
        return nearest, who, second

    def _closeness(self, together: NDArray[np.bool_]) -> FloatArray:
        """For every two concepts (concepts, concepts, 5), over the sentences that name both: the
        fewest mentions between, in how many sentences none is, in how many they are close, how often
        the first one comes first, and the logarithm of the least distance.
        """
        places = self._places
        rank = np.empty(len(places.starts), dtype=np.int64)
        rank[places.starts.argsort(kind="stable")] = np.arange(len(rank))
        away = np.abs(rank[:, None] - rank[None, :]) - 1.0
        before = together & (places.starts[:, None] < places.starts[None, :])
        pairs = self._blocks(np.add, together.astype(np.float64))
        named = pairs > 0
        fewest = self._blocks(np.minimum, np.where(together, away, np.inf))
        least = self._blocks(np.minimum, self._apart)
        columns = (
            np.log1p(np.where(named, np.maximum(fewest, 0), 0)) / _COUNTS,
            np.log1p(self._sentences_with(together & (away <= 0))) / _COUNTS,
            np.log1p(self._sentences_with(self._apart < _CLOSE)) / _COUNTS,
            self._blocks(np.add, before.astype(np.float64)) / np.maximum(pairs, 1),
            np.log1p(np.where(named, least, 0)) / _DISTANCES,
        )
        table = np.where(named[..., None], np.stack(columns, axis=-1), _NOWHERE)
        return table.astype(np.float32)

    def _sentences_with(self, pairs: NDArray[np.bool_]) -> NDArray[np.float64]:
        """In how many sentences any of the marked `pairs` (mentions, mentions) of two concepts stand,
        (concepts, concepts).
        """
        one, other = np.nonzero(pairs)
        owners, concepts = self._owners, len(self._places.concepts)
        sentences = self._places.sentences - self._places.sentences.min()
        pair = owners[one] * concepts + owners[other]
        # One number for each pair and sentence.
        rows = np.unique(pair * (sentences.max() + 1) + sentences[one])
        count = np.bincount(rows // (sentences.max() + 1), minlength=concepts * concepts)
        return count.reshape(concepts, concepts).astype(np.float64)

    def _blocks(self, ufunc: np.ufunc, values: NDArray[Any]) -> NDArray[np.float64]:
        """Each block of two concepts brought to one: (mentions, mentions) to (concepts, concepts)."""
        firsts = self._places.edges[:-1]
        blocks: NDArray[np.float64] = ufunc.reduceat(ufunc.reduceat(values, firsts, 1), firsts, 0)
        return blocks


def _codes(text: str) -> NDArray[np.uint32]:
    """The code points of a text, and 0 behind them."""
    encoded = (text + "\0").encode("utf-32-le", errors="surrogatepass")
    return np.frombuffer(encoded, dtype=np.uint32)


def _counts_before(codes: NDArray[np.uint32], text: str) -> IntArray:
    """How many of each kind of mark, of conjunctions that list, of those that begin a clause, and of
    words begin before each code point: (code points + 1, 7).
    """
    letters = ((codes | 32) - ord("a")) < 26  # what lies before "a" wraps to more
    flags = np.zeros((len(codes), 7), dtype=np.int64)
    for column, marks in enumerate(_MARKS):
        for mark in marks:
            flags[:, column] |= codes == ord(mark)
    for found in _CONJUNCTION.finditer(text):
        flags[found.start(), 4 if found[1] else 5] = 1
    flags[:, 6] = letters
    flags[1:, 6] &= ~letters[:-1]
    counts = np.zeros_like(flags)
    np.cumsum(flags[:-1], axis=0, out=counts[1:])
    return counts
