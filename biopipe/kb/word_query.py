"""One search among the names of a large base by their 3-grams: the best cosines, exactly, from words.

Every word of the vocabulary gets the weight of the 3-grams that it shares with the name asked for.
A stored name shares at most the sum of its words' weights; so one that is good enough has a word
with its n-th part at least, where it has n words. Only those parts of the posting lists are read
that such words can be in, each posting tells enough of its name to leave most out (prefix filter:
Chaudhuri, Ganti and Kaushik, ICDE 2006), and what is left is scored exactly.

Of names with more than LOOKED_FOR_WORDS words one that has no word with that part may be left out:
benchmarks/umls_scale.py measures how few are.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from biopipe.kb.grams import distinct
from biopipe.kb.groups import Mask, runs
from biopipe.kb.word_postings import OTHER_WORDS, WordPostings
from biopipe.kb.word_weights import WordWeights

__all__ = ["FEW_ENTRIES", "FewEntries", "WordQuery"]

FEW_ENTRIES = 1 << 17
"""Of at most so many entries that a filter allows all are looked at."""

# Postings of the words most like the query's, among which the score to beat is found; so many times
# more where they name too few concepts.
_POOL, _LARGER_POOL = 1 << 15, 8
# Of one word, which many short names may have.
_POOL_OF_WORD = 1 << 9
# The words most like the query's, which may be its own, and so many postings of each.
_OWN_WORDS, _POOL_OF_OWN_WORD = 4, 1 << 12
# Entries with that part of the greatest share are read first, for they are likelier.
_SHORTER = 0.5
# A name of more words than LOOKED_FOR_WORDS is found where one of them gives that part of this
# cosine, or of the floor where that is lower.
_SURE_FLOOR = 0.55
# Entries that are scored to raise the score to beat.
_SCORED, _SCORED_PER_CONCEPT = 256, 8
# Words with this part of the best word's weight are looked at first.
_LIKE_BEST = (0.5, 0.25, 0.1)
# What is read at a time stays in the cache of a processor core.
_READ_AT_ONCE = 1 << 16
# Postings of one word are read whole where there are so few.
_FEW_POSTINGS = 8
# Sums of float32 are kept that far below the score to beat.
_TOLERANCE = 1e-5

_Entries = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float32]
_Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FewEntries:
    """Entries all of which are looked at: their numbers, (n,) int64, their words one entry after
    the other, and where those of each begin, (n,) int64.
    """

    numbers: _Entries
    words: npt.NDArray[np.intp]
    starts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, index: WordPostings, numbers: _Entries) -> "FewEntries":
        words, lengths = index.words_of(numbers)
        return cls(numbers, words.astype(np.intp), np.cumsum(lengths) - lengths)


class WordQuery:
    """A normal form, asked for in an index.

    `k`: how many concepts are wanted. `last_score` gets sorted scores and the entries that have
    them, by their numbers in the groups of names, and says which score the last of those concepts
    has; 0.0 where they are of too few.
    """

    def __init__(
        self,
        index: WordPostings,
        form: str,
        k: int,
        last_score: Callable[[_Entries, _Scores], float],
    ) -> None:
        self._index, self._last_score = index, last_score
        self._weights = WordWeights(index, form)
        self._scored = max(_SCORED, _SCORED_PER_CONCEPT * k)
        self._floor = 0.0

    def nearest(self, mask: Mask | None, few: FewEntries | None) -> tuple[_Entries, _Scores]:
        """The entries that reach the last score wanted, by their numbers in the groups of names,
        and their cosines, the best first, equal ones by number.

        `mask`: (entries,) bool, which entries of the index are allowed; None for all. `few`:
        those where they are at most FEW_ENTRIES, else None.
        """
        if few is not None:
            entries = few.numbers
            sums = np.add.reduceat(self._weights.of_words.take(few.words), few.starts)
            self._raise_floor(entries, sums)
        else:
            self._raise_floor_from_pool(mask)
            entries, sums = self._candidates(mask)
        entries = entries[sums >= np.maximum(self._needed(self._index.norms[entries]), _TOLERANCE)]
        return self._ordered(entries)

    def _raise_floor_from_pool(self, mask: Mask | None) -> None:
        """Make the floor what the last of the concepts wanted reaches among the likely entries."""
        size = _POOL
        while self._floor == 0.0:
            words, lengths, whole = self._likely_words(size)
            entries, sums, _ = self._read(words, self._index.offsets[words], lengths, mask)
            self._raise_floor(entries, sums)
            if whole:
                return
            size *= _LARGER_POOL

    def _likely_words(self, size: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], bool]:
        """Words with most weight, how many postings of each make about `size`, and whether those
        are all there are.
        """
        offsets, weights = self._index.offsets, self._weights.of_sharing
        best = float(weights.max(initial=0.0))
        words = lengths = taken = np.empty(0, np.int64)
        for part in (*_LIKE_BEST, 0.0):
            words = self._weights.sharing[weights > part * best]
            lengths = offsets[words + 1] - offsets[words]
            taken = np.minimum(lengths, _POOL_OF_WORD * (size // _POOL))
            if int(taken.sum()) >= size:
                break
        order = np.argsort(-self._weights.of_words[words], kind="stable")
        # The query's own words, if any, are first: a name that has them is not to be overlooked.
        own = order[:_OWN_WORDS]
        taken[own] = np.minimum(lengths[own], _POOL_OF_OWN_WORD * (size // _POOL))
        kept = order[: int(np.searchsorted(np.cumsum(taken[order]), size)) + 1]
        everything = len(kept) == len(self._weights.sharing) and bool((taken == lengths).all())
        return words[kept], taken[kept], everything

    def _candidates(self, mask: Mask | None) -> tuple[_Entries, _Floats]:
        """Allowed entries that may reach the floor, and the sums of their words' weights."""
        offsets = self._index.offsets
        likelier, read = self._reaching(_SHORTER)
        parts = [self._read(likelier, offsets[likelier], read, mask)]
        self._raise_floor(*parts[0][:2])
        words, lengths = self._reaching(1.0)
        before = np.zeros(len(words), np.int64)
        if len(likelier):
            places = likelier.searchsorted(words)
            both = likelier.take(places, mode="clip") == words
            before[both] = read[places[both]]
        rest = np.flatnonzero(lengths > before)
        words, lengths, before = words[rest], lengths[rest], before[rest]
        parts.append(self._read(words, offsets[words] + before, lengths - before, mask))
        entries, sums, unsure = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        self._raise_floor(entries, sums)
        reaching = np.flatnonzero(sums + unsure >= self._needed(self._index.norms[entries]))
        entries, first = np.unique(entries[reaching], return_index=True)
        sums, untold = sums[reaching][first], unsure[reaching][first] > 0
        sums[untold] = self._weights.sums(entries[untold])
        return entries, sums

    def _reaching(self, part: float) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Words, and how many of the postings of each can be of an entry that reaches the floor; of
        entries with this part of the greatest share alone.
        """
        index = self._index
        needed = min(self._floor, _SURE_FLOOR) * (1 - _TOLERANCE) / part
        words = self._weights.sharing[self._weights.greatest_shares >= needed]
        starts = index.offsets[words]
        lengths = index.offsets[words + 1] - starts
        if needed > 0:
            ends = index.entries_up_to(
                self._weights.of_words[words] / np.float32(needed * self._weights.length)
            )
            long = np.flatnonzero(lengths > _FEW_POSTINGS)
            entries = index.postings["entry"]
            lengths[long] = _before(entries, starts[long], lengths[long], ends[long])
        return words, lengths

    def _read(
        self,
        words: npt.NDArray[np.int64],
        starts: npt.NDArray[np.int64],
        lengths: npt.NDArray[np.int64],
        mask: Mask | None,
    ) -> tuple[_Entries, _Floats, _Floats]:
        """The allowed entries, in `lengths` postings of words from `starts` on, that may reach the
        floor, some several times; what they share in the words that postings tell, and what they
        may in others.
        """
        ends = np.cumsum(lengths)
        parts = [(np.empty(0, np.int64), np.empty(0, np.float32), np.empty(0, np.float32))]
        first = 0
        while first < len(words):
            before = int(ends[first] - lengths[first])
            end = max(int(ends.searchsorted(before + _READ_AT_ONCE)), first + 1)
            places = runs(starts[first:end], lengths[first:end])
            rows = self._index.postings.take(places, mode="clip")
            parts.append(self._likely_entries(rows, words[first:end], lengths[first:end], mask))
            first = end
        entries, sums, light = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        return entries, sums, light

    def _likely_entries(
        self,
        rows: npt.NDArray[np.void],
        words: npt.NDArray[np.int64],
        lengths: npt.NDArray[np.int64],
        mask: Mask | None,
    ) -> tuple[_Entries, _Floats, _Floats]:
        """What `_read` gives, of `lengths` postings of each of `words`."""
        weights = self._weights
        most = np.repeat(weights.steps_of_words[words], lengths)
        for place in range(OTHER_WORDS):
            most += weights.steps_of_words.take(rows["others"][:, place], mode="clip")
        needed = self._needed(rows["norm"])
        kept = np.flatnonzero(most * np.float32(weights.step) + rows["light"] >= needed)
        rows, needed = rows[kept], needed[kept]
        sums = weights.of_words[words[np.cumsum(lengths).searchsorted(kept, side="right")]]
        for place in range(OTHER_WORDS):
            sums += weights.of_words.take(rows["others"][:, place], mode="clip")
        kept = np.flatnonzero(sums + rows["light"] >= needed)
        entries = rows["entry"][kept].astype(np.int64)
        if mask is not None:
            allowed = mask[entries]
            entries, kept = entries[allowed], kept[allowed]
        return entries, sums[kept], rows["light"][kept]

    def _raise_floor(self, entries: _Entries, sums: _Floats) -> None:
        """Make the floor what the last of the concepts wanted reaches among the likeliest of these
        entries; some may be there several times.
        """
        if len(entries) > self._scored:
            likeness = sums / self._index.norms[entries]
            entries = entries[np.argpartition(-likeness, self._scored)[: self._scored]]
        numbers, scores = self._ordered(distinct(np.sort(entries)))
        self._floor = max(self._floor, self._last_score(numbers, scores))

    def _ordered(self, entries: _Entries) -> tuple[_Entries, _Scores]:
        scores = self._weights.cosines(entries)
        numbers = self._index.original[entries].astype(np.int64)
        order = np.lexsort((numbers, -scores))
        order = order[scores[order] > 0]
        return numbers[order], np.minimum(scores[order], 1.0)

    def _needed(self, norms: _Floats) -> _Floats:
        """The least that entries with vectors of these lengths must share to reach the floor."""
        return norms * np.float32(self._floor * self._weights.length * (1 - _TOLERANCE))


def _before(
    entries: npt.NDArray[np.uint32],
    starts: npt.NDArray[np.int64],
    lengths: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
) -> npt.NDArray[np.int64]:
    """How many of the sorted `entries[starts[i]:starts[i] + lengths[i]]` are below `ends[i]`: a
    binary search in all those lists at once.
    """
    low, high = starts.copy(), starts + lengths
    open_ = np.flatnonzero(low < high)
    while len(open_):
        middle = (low[open_] + high[open_]) >> 1
        below = entries[middle] < ends[open_]
        low[open_[below]] = middle[below] + 1
        high[open_[~below]] = middle[~below]
        open_ = open_[low[open_] < high[open_]]
    return low - starts
