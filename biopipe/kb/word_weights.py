"""What a name that is asked for shares with the words and names of an index by words."""

import numpy as np
import numpy.typing as npt

from biopipe.kb.grams import distinct, grams, idf
from biopipe.kb.groups import runs
from biopipe.kb.word_postings import OTHER_WORDS, WordPostings

__all__ = ["WordWeights"]

# Bounds the memory of a search.
_ENTRIES_AT_ONCE = 1 << 18
# The heaviest word has so many steps, so that those of all words that a posting tells are 8 bits.
_STEPS = 255 // (OTHER_WORDS + 1)

_Entries = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float32]
_Scores = npt.NDArray[np.float64]


class WordWeights:
    """The weights of words of an index for one normal form.

    `of_words`: (words + 1,) float32, the squared length of what each word shares with the form; the
    last stands for no word. `steps_of_words`: the same in parts of `step`, rounded up, uint8, which
    stay in the processor's cache. `length`: that of the form's vector. `sharing`: the words with a
    weight above zero, `of_sharing` those weights. `greatest_shares`: for each of those the greatest
    share (see `biopipe.kb.word_postings`) with which an entry has a cosine of 1 by that word's part
    alone, (sharing,) float32.
    """

    def __init__(self, index: WordPostings, form: str) -> None:
        self._index = index
        codes = distinct(np.sort(grams(form)[0]))
        places = index.vocabulary.searchsorted(codes)
        ids = places[index.vocabulary.take(places, mode="clip") == codes]
        ids = ids[np.argsort(index.having[ids], kind="stable")]
        names = len(index.norms)
        self._grams = ids
        self._squares = idf(names, index.having[ids]) ** 2
        unknown = float(idf(names, np.zeros(1, np.int64))[0]) ** 2
        square = float(self._squares.sum()) + (len(codes) - len(ids)) * unknown
        self.length = float(np.sqrt(square))
        self.of_words = self._weigh_words()
        # Of truth values numpy finds those that hold several times as fast as numbers not zero.
        self.sharing = np.flatnonzero(self.of_words > 0)
        self.of_sharing = self.of_words[self.sharing]
        least = index.least_shares[self.sharing] * np.float32(self.length)
        self.greatest_shares = self.of_sharing / least
        self.step = float(self.of_sharing.max(initial=1.0)) / _STEPS
        self.steps_of_words = np.zeros(len(self.of_words), np.uint8)
        steps = np.minimum(np.ceil(self.of_sharing / np.float32(self.step)), _STEPS)
        self.steps_of_words[self.sharing] = steps.astype(np.uint8)

    def sums(self, entries: _Entries) -> _Floats:
        """The sums of the weights of the words of each entry: (n,) float32."""
        sums = np.zeros(len(entries), np.float32)
        for first in range(0, len(entries), _ENTRIES_AT_ONCE):
            words, lengths = self._index.words_of(entries[first : first + _ENTRIES_AT_ONCE])
            starts = np.cumsum(lengths) - lengths
            sums[first : first + len(lengths)] = np.add.reduceat(
                self.of_words.take(words, mode="clip"), starts
            )
        return sums

    def cosines(self, entries: _Entries) -> _Scores:
        """Of distinct entries: (n,) float64."""
        index = self._index
        words, lengths = index.words_of(entries)
        owners = np.repeat(np.arange(len(entries)), lengths)
        sharing = self.of_words.take(words, mode="clip") > 0
        words, owners = words[sharing], owners[sharing]
        starts = index.word_gram_offsets[words]
        lengths = index.word_gram_offsets[words + 1] - starts
        owners = np.repeat(owners, lengths)
        places = np.full(len(index.vocabulary), -1, np.int64)
        places[self._grams] = np.arange(len(self._grams))
        shared = places.take(index.word_grams[runs(starts, lengths)])
        asked = shared >= 0
        bits = len(self._grams).bit_length()
        keys = distinct(np.sort((owners[asked] << bits) | shared[asked]))
        squares = self._squares[keys & ((1 << bits) - 1)]
        sums = np.bincount(keys >> bits, squares, len(entries))
        # In the order in which `biopipe.kb.ngram_sums` divides, so that all digits are the same.
        cosines: _Scores = sums * (1 / index.norms[entries].astype(np.float64)) / self.length
        return cosines

    def _weigh_words(self) -> _Floats:
        index = self._index
        weights = np.zeros(len(index.offsets), np.float32)
        for gram, square in zip(self._grams.tolist(), self._squares.tolist(), strict=True):
            words = index.gram_words[index.gram_offsets[gram] : index.gram_offsets[gram + 1]]
            # Indices of their own type are what numpy adds at fastest.
            np.add.at(weights, words.astype(np.intp), np.float32(square))
        return weights
