"""Where a text may name something of a knowledge base: runs of words whose hash is that of a stored
name.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from biopipe.kb.arrays import open_array
from biopipe.kb.hashing import name_hash
from biopipe.kb.prefixes import NamePrefixes
from biopipe.text.normalize import CONTEXT_WORDS, PREFIX_WORDS, simplify
from biopipe.text.words import NormalizedWords, words_of

__all__ = ["NameScan"]

# Names of more words are not found where the index of beginnings is missing; nearly all names are
# shorter.
_LONGEST = 12
# No name goes on over an empty line, nor over more signs than this.
_WIDEST_GAP = 12
_EMPTY_LINE = re.compile(r"\n\s*\n")
_LEADING = "the"


class NameScan:
    """Looks up every run of words by the hashes of a knowledge base directory, with nothing built
    in the process.

    All runs of one word, then those of two that some name begins with, and so on, in one array
    operation each.
    """

    def __init__(self, directory: Path) -> None:
        self._names: npt.NDArray[np.uint64] = open_array(directory / "exact.npy")
        try:
            self._beginnings: NamePrefixes | None = NamePrefixes(directory)
        except FileNotFoundError:
            self._beginnings = None

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Spans of whole words whose normal form has the hash of a name, shorter ones first."""
        words = words_of(text)
        runs = _Runs(text, words)
        found: list[tuple[int, int]] = []
        length, starts = (
            1,
            [i for i in range(len(words)) if runs.begins[i] and words.forms[i] != _LEADING],
        )
        while starts:
            forms = [runs.form(start, start + length) for start in starts]
            hashes = np.array([name_hash(form) for form in forms], np.uint64)
            for place in np.flatnonzero(self._are_names(hashes)).tolist():
                last = starts[place] + length - 1
                if runs.ends[last]:
                    found.append((words.starts[starts[place]], words.ends[last]))
            starts = self._going_on(starts, forms, hashes, length, runs.goes_on)
            length += 1
        return found

    def _are_names(self, hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
        places = np.minimum(self._names.searchsorted(hashes), len(self._names) - 1)
        same: npt.NDArray[np.bool_] = self._names[places] == hashes
        return same

    def _going_on(
        self,
        starts: Sequence[int],
        forms: Sequence[str],
        hashes: npt.NDArray[np.uint64],
        length: int,
        goes_on: Sequence[bool],
    ) -> list[int]:
        """The starts of runs that a name of more words may begin with."""
        if self._beginnings is None:
            return [start for start in starts if length < _LONGEST and goes_on[start + length - 1]]
        known = self._beginnings.known(hashes).tolist()
        return [
            start
            for start, form, begins in zip(starts, forms, known, strict=True)
            # A prefix is joined with the word behind it, so it tells nothing yet.
            if goes_on[start + length - 1] and (begins or form.rpartition(" ")[2] in PREFIX_WORDS)
        ]


class _Runs:
    """Which words of a text a name may begin, end and go on with, and the normal forms of runs of
    them.
    """

    def __init__(self, text: str, words: NormalizedWords) -> None:
        self._words = words.forms
        before = [text[start - 1 : start] for start in words.starts]
        behind = [text[end : end + 1] for end in words.ends]
        self.begins = [not _in_word(character) for character in before]
        self.ends = [not _in_word(character) for character in behind]
        gaps = [text[end:start] for end, start in zip(words.ends, words.starts[1:], strict=False)]
        self.goes_on = [len(gap) <= _WIDEST_GAP and not _EMPTY_LINE.search(gap) for gap in gaps] + [
            False
        ]
        self._joined = " ".join(words.forms)
        lengths = np.array([0, *map(len, words.forms)])
        self._places: list[int] = (np.cumsum(lengths) + np.arange(len(lengths))).tolist()
        changing = [0, *(form in CONTEXT_WORDS for form in words.forms)]
        self._changing: list[int] = np.cumsum(changing).tolist()

    def form(self, start: int, end: int) -> str:
        """The normal form of the words `[start, end)`."""
        if self._changing[start] == self._changing[end]:
            return self._joined[self._places[start] : self._places[end] - 1]
        return " ".join(simplify(self._words[start:end]))


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"
