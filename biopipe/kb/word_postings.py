"""The n-gram index of a large base, kept by words: a name is a set of words, a word one of 3-grams.

No 3-gram spans words, so the 3-grams of a name are those of its words together. Names have a tenth
as many words as 3-grams, and a vocabulary has far fewer words than names: a search that first
weighs words touches few names.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from biopipe.kb.arrays import open_array
from biopipe.kb.groups import runs

__all__ = [
    "LOOKED_FOR_WORDS",
    "OTHER_WORDS",
    "POSTING",
    "SHARE_STEP",
    "WORD_POSTINGS_FILE",
    "WordPostings",
]

LOOKED_FOR_WORDS = 5
"""The share of a word of a name is the length of the name's vector over the number of its words,
which counts as this where there are more. One good word finds a long name."""

OTHER_WORDS = 5
"""So many other words of a name stand beside each of its words in the posting lists."""

SHARE_STEP = 1024
"""Shares are known of one entry in so many."""

POSTING = np.dtype(
    [("entry", "<u4"), ("others", "<u4", (OTHER_WORDS,)), ("norm", "<f4"), ("light", "<f4")]
)
"""One word of one entry: the heaviest other words of the entry (the number of words stands for
none), the length of its TF-IDF vector, and the squared length of the words that are not told. All
that a look at a name needs lies together, for far-off memory is what takes time."""

WORD_POSTINGS_FILE = "word_postings.npy"


@dataclass(frozen=True, slots=True)
class WordPostings:
    """The mapped arrays of an index; entries are numbered by their words' share (see
    LOOKED_FOR_WORDS), the least first.

    `vocabulary`: (grams,) uint64, sorted codes; `having`: (grams,) int64, how many entries have
    each. `gram_words`: the words of gram i are `gram_words[gram_offsets[i]:gram_offsets[i + 1]]`;
    in the same way `word_grams`, `postings` (of dtype POSTING, by entry) and `entry_words`.
    `norms`: (entries,) float32, lengths of vectors. `shares`: the share of every SHARE_STEP-th
    entry, float32; `least_shares`: (words,) float32, that of the first entry of each word.
    `original`: (entries,) uint32, the number that the entry has in the groups of names.
    """

    vocabulary: npt.NDArray[np.uint64]
    having: npt.NDArray[np.int64]
    gram_offsets: npt.NDArray[np.int64]
    gram_words: npt.NDArray[np.uint32]
    word_gram_offsets: npt.NDArray[np.int64]
    word_grams: npt.NDArray[np.uint32]
    offsets: npt.NDArray[np.int64]
    postings: npt.NDArray[Any]
    entry_offsets: npt.NDArray[np.int64]
    entry_words: npt.NDArray[np.uint32]
    shares: npt.NDArray[np.float32]
    norms: npt.NDArray[np.float32]
    original: npt.NDArray[np.uint32]
    least_shares: npt.NDArray[np.float32]

    @classmethod
    def open(cls, directory: Path) -> "WordPostings":
        """Map the files that `biopipe.kb.build.word_build` wrote."""
        return cls(
            vocabulary=open_array(directory / "grams.npy"),
            having=open_array(directory / "having.npy"),
            gram_offsets=open_array(directory / "gram_word_offsets.npy"),
            gram_words=open_array(directory / "gram_words.npy"),
            word_gram_offsets=open_array(directory / "word_gram_offsets.npy"),
            word_grams=open_array(directory / "word_grams.npy"),
            offsets=open_array(directory / "word_offsets.npy"),
            postings=open_array(directory / WORD_POSTINGS_FILE),
            entry_offsets=open_array(directory / "entry_offsets.npy"),
            entry_words=open_array(directory / "entry_words.npy"),
            shares=open_array(directory / "shares.npy"),
            norms=open_array(directory / "norms.npy"),
            original=open_array(directory / "original.npy"),
            least_shares=open_array(directory / "least_shares.npy"),
        )

    def entries_up_to(self, shares: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
        """For each share the number before which all entries with that or a lesser one are, (shares,)
        int64.
        """
        return self.shares.searchsorted(shares, side="right") * SHARE_STEP

    def words_of(
        self, entries: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
        """The words of entries, one entry after the other, (words,) uint32, and how many each has,
        (entries,) int64.
        """
        starts = self.entry_offsets[entries]
        lengths = self.entry_offsets[entries + 1] - starts
        return self.entry_words[runs(starts, lengths)], lengths
