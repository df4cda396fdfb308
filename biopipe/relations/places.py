"""Where the mentions of a document's concepts stand: tokens, windows and sentences, as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biopipe.document import ConceptMentions, Document
from biopipe.runtime.tokenizer import Tokens
from biopipe.text.sentences import sentences_of

__all__ = ["ConceptPlaces", "DocumentPlaces"]

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ConceptPlaces:
    """The concepts that a group of windows mentions, and every mention of them there.

    concepts: (concepts,) int64, the caller's numbers in order of their first mention here; edges:
    (concepts + 1,) int64, concept n has the mentions `[edges[n], edges[n + 1])`, in order of the
    text. Of the mentions, all (mentions,) int64: starts, ends: code points; sentences: sentence
    numbers, -1 before the first one; windows: windows of the group; first, last: tokens within the
    window.
    """

    concepts: IntArray
    edges: IntArray
    starts: IntArray
    ends: IntArray
    sentences: IntArray
    windows: IntArray
    first: IntArray
    last: IntArray

    @property
    def counts(self) -> IntArray:
        """Mentions of each concept, (concepts,) int64."""
        return np.diff(self.edges)


class DocumentPlaces:
    """Where all mentions of a document stand; `within` gives those of a group of windows."""

    def __init__(
        self, document: Document, tokens: Tokens, concepts: Sequence[ConceptMentions]
    ) -> None:
        self.starts = np.array([m.start for m in document.mentions], dtype=np.int64)
        self.ends = np.array([m.end for m in document.mentions], dtype=np.int64)
        self.first = np.searchsorted(tokens.offsets[:, 1], self.starts, side="right")
        self.last = np.searchsorted(tokens.offsets[:, 0], self.ends, side="left") - 1
        self.sentence_starts = np.array(
            [sentence.start for sentence in sentences_of(document)] or [0], dtype=np.int64
        )
        self.sentences = np.searchsorted(self.sentence_starts, self.starts, side="right") - 1
        # A mention may be one of several concepts: the numbers of mention m are
        # `numbers[number_edges[m]:number_edges[m + 1]]`.
        mentions = np.array([m for each in concepts for m in each.mentions], dtype=np.int64)
        sizes = [len(each.mentions) for each in concepts]
        self.numbers = np.repeat(np.arange(len(concepts)), sizes)[
            np.argsort(mentions, kind="stable")
        ]
        self.number_edges = np.cumsum(
            np.concatenate([[0], np.bincount(mentions, minlength=len(self.starts))])
        )
        # A mention of white space alone has no token and takes no part.
        order = np.argsort(self.first, kind="stable")
        self.order = order[self.first[order] <= self.last[order]]

    def within(self, group: Sequence[tuple[int, int]], shift: int) -> ConceptPlaces:
        """The places in a group of windows, given as token ranges; `shift` special tokens come
        first in each.

        A mention that lies in two windows is taken from the one in which it is farther from an
        edge.
        """
        edges = (group[0][0], group[-1][1])
        low, high = np.searchsorted(self.first[self.order], edges)
        mentions = self.order[low:high]
        mentions = mentions[np.lexsort((mentions, self.starts[mentions]))]
        begins, stops = (np.array(column)[:, None] for column in zip(*group, strict=True))
        first = self.first[mentions]
        room = np.where(
            (begins <= first) & (first < stops), np.minimum(first - begins, stops - first), -1
        )
        windows = room.argmax(axis=0) if len(mentions) else np.zeros(0, dtype=np.int64)
        begin, stop = begins[windows, 0], stops[windows, 0]
        last = np.minimum(self.last[mentions], stop - 1) - begin + shift
        numbers, rows = self._concepts_of(mentions)
        _, seen_first, ranks = np.unique(numbers, return_index=True, return_inverse=True)
        place_of_rank = np.argsort(np.argsort(seen_first))
        by_concept = np.argsort(place_of_rank[ranks], kind="stable")
        rows = rows[by_concept]
        return ConceptPlaces(
            concepts=numbers[np.sort(seen_first)],
            edges=np.cumsum(np.concatenate([[0], np.bincount(place_of_rank[ranks])])),
            starts=self.starts[mentions][rows],
            ends=self.ends[mentions][rows],
            sentences=self.sentences[mentions][rows],
            windows=windows[rows],
            first=(first - begin + shift)[rows],
            last=last[rows],
        )

    def _concepts_of(self, mentions: IntArray) -> tuple[IntArray, IntArray]:
        """The concept numbers of mentions one after the other, and whose each is: both (n,) int64,
        the second of rows of `mentions`.
        """
        counts = self.number_edges[mentions + 1] - self.number_edges[mentions]
        rows = np.repeat(np.arange(len(mentions)), counts)
        offsets = self.number_edges[mentions] - (np.cumsum(counts) - counts)
        return self.numbers[np.repeat(offsets, counts) + np.arange(len(rows))], rows
