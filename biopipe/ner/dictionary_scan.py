"""Where texts may name something of a knowledge base: runs of words whose hash is that of a stored
name.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from biopipe.kb.hashing import name_hashes
from biopipe.kb.prefixes import NamePrefixes
from biopipe.kb.sorted_hashes import SortedHashes
from biopipe.text.normalize import CONTEXT_WORDS, PREFIX_WORDS, simplify
from biopipe.text.words import NormalizedWords, WordReader

__all__ = ["NameScan"]

# Names of more words are not found where the index of beginnings is missing; nearly all names are
# shorter.
_LONGEST = 12
# What is remembered of a normal form: flags that are added.
_NAME, _BEGINS, _CHANGES, _LEADING = 1, 2, 4, 8
_REMEMBERED = 1 << 15
# No name goes on over an empty line, nor over more signs than this.
_WIDEST_GAP = 12
_EMPTY_LINE = re.compile(r"\n\s*\n")
_LEADING_WORD = "the"


class NameScan:
    """Looks up every run of words by the hashes of a knowledge base: `names`, (keys,) uint64,
    and `beginnings`, None where an older base has none. Nothing is built in the process but
    answers for `_REMEMBERED` runs: the words of texts are mostly the same.

    All runs of one word, then those of two that some name begins with, and so on; those of all
    texts at once.
    """

    def __init__(self, names: SortedHashes, beginnings: NamePrefixes | None) -> None:
        self._names, self._beginnings = names, beginnings
        self._answers: dict[str, int] = {}
        self._reader = WordReader()

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Spans of whole words whose normal form has the hash of a name, shorter ones first."""
        return self.spans_of_many([text])[0]

    def spans_of_many(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """What `spans` gives for each text."""
        if not texts:
            return []
        runs = _Runs(texts, *self._reader.read(texts))
        firsts, lasts = self._named_runs(runs)
        numbers = np.searchsorted(runs.edges, firsts, side="right") - 1
        order = np.argsort(numbers, kind="stable")
        starts, ends = runs.starts[firsts[order]].tolist(), runs.ends[lasts[order]].tolist()
        spans = list(zip(starts, ends, strict=True))
        edges = np.searchsorted(numbers[order], np.arange(len(texts) + 1)).tolist()
        return [spans[start:end] for start, end in pairwise(edges)]

    def _named_runs(self, runs: "_Runs") -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """First and last words of the runs that have the hash of a name, shorter ones first:
        (names,) int64 both.
        """
        answers = self._look_up(runs.forms)
        changes = np.cumsum(np.append(0, (answers & _CHANGES) > 0))
        starts = np.flatnonzero(runs.begins & ((answers & _LEADING) == 0))
        answers, length = answers[starts], 1
        named = [(starts[:0], starts[:0])]
        while len(starts):
            lasts = starts + (length - 1)
            is_name = ((answers & _NAME) > 0) & runs.stops[lasts]
            named.append((starts[is_name], lasts[is_name]))
            length += 1
            if self._beginnings is None and length > _LONGEST:
                break
            starts = starts[((answers & _BEGINS) > 0) & runs.goes_on[lasts]]
            ends = starts + length
            forms = runs.joined(starts, ends, changes[ends] > changes[starts])
            answers = self._look_up(forms)
        firsts, lasts = (np.concatenate(column) for column in zip(*named, strict=True))
        return firsts, lasts

    def _look_up(self, forms: Sequence[str]) -> NDArray[np.int64]:
        """What each normal form is: the sum of its flags, (forms,) int64."""
        answers = self._answers
        flags = list(map(answers.get, forms))
        if None in flags:
            pairs = zip(forms, flags, strict=True)
            missing = list(dict.fromkeys([form for form, known in pairs if known is None]))
            if len(answers) + len(missing) > _REMEMBERED:
                answers = self._answers = {form: answers[form] for form in forms if form in answers}
            answers.update(zip(missing, self._flags(missing), strict=True))
            flags = list(map(answers.__getitem__, forms))
        return np.array(flags, dtype=np.int64)

    def _flags(self, forms: Sequence[str]) -> list[int]:
        hashes = name_hashes(forms)
        flags: NDArray[np.int64] = self._are_names(hashes) * _NAME
        flags += self._begin(forms, hashes) * _BEGINS
        for number, form in enumerate(forms):
            if form in CONTEXT_WORDS:
                flags[number] += _CHANGES + _LEADING * (form == _LEADING_WORD)
        as_numbers: list[int] = flags.tolist()
        return as_numbers

    def _are_names(self, hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
        return self._names.known(hashes)

    def _begin(self, forms: Sequence[str], hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Which forms a name of more words may begin with."""
        if self._beginnings is None:
            return np.ones(len(forms), bool)
        # A prefix is joined with the word behind it, so it tells nothing yet.
        prefixes = [form[form.rfind(" ") + 1 :] in PREFIX_WORDS for form in forms]
        begin: NDArray[np.bool_] = self._beginnings.known(hashes) | np.array(prefixes, bool)
        return begin


class _Runs:
    """The words of texts, one text after the other, and the normal forms of runs of them.

    forms: of each word; starts, ends: (words,) int64 in the word's own text; begins, stops,
    goes_on: (words,) bool, whether a name may begin, end and go on behind a word; edges:
    (texts + 1,) int64, text n has the words `[edges[n], edges[n + 1])`.
    """

    def __init__(
        self, texts: Sequence[str], words: NormalizedWords, edges: NDArray[np.int64]
    ) -> None:
        self.forms, self.edges = words.forms, edges
        self.starts, self.ends = words.starts, words.ends
        self.begins, self.stops = words.begins, words.stops
        self.goes_on = _go_on(texts, words, edges)
        self._joined = " ".join(self.forms)
        lengths = np.array([0, *map(len, self.forms)])
        self._places = np.cumsum(lengths) + np.arange(len(lengths))

    def joined(
        self, starts: NDArray[np.int64], ends: NDArray[np.int64], changes: NDArray[np.bool_]
    ) -> list[str]:
        """The normal forms of the words `[start, end)`; `changes` says where words depend on those
        before them. All (runs,).
        """
        places = zip(self._places[starts].tolist(), (self._places[ends] - 1).tolist(), strict=True)
        forms = [self._joined[start:end] for start, end in places]
        for run in np.flatnonzero(changes).tolist():
            forms[run] = " ".join(simplify(forms[run].split(" ")))
        return forms


def _go_on(
    texts: Sequence[str], words: NormalizedWords, edges: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """After which words a name may go on: not over a wide gap, an empty line or the text's end."""
    goes_on = np.zeros(len(words), dtype=np.bool_)
    if not len(words):
        return goes_on
    np.less_equal(words.starts[1:] - words.ends[:-1], _WIDEST_GAP, out=goes_on[:-1])
    goes_on[edges[1:] - 1] = False
    for text, (first, end) in zip(texts, pairwise(edges.tolist()), strict=True):
        if "\n" in text:
            for line in _EMPTY_LINE.finditer(text):
                # The word that ends before the line.
                before = words.ends[first:end].searchsorted(line.start(), side="right")
                if before:
                    goes_on[first + before - 1] = False
    return goes_on
