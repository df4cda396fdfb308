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

    concepts: (concepts,) int64, the caller's numbers in order of their first mention here; counts:
    (concepts,) int64, mentions of each; edges: (concepts + 1,) int64, concept n has the mentions
    `[edges[n], edges[n + 1])`, in order of the text. Of the mentions, all (mentions,) int64: starts,
    ends: code points; sentences: sentence numbers, -1 before the first one; windows: windows of the
    group; first, last: tokens within the window.
    """

    concepts: IntArray
    counts: IntArray
    edges: IntArray
    starts: IntArray
    ends: IntArray
    sentences: IntArray
    windows: IntArray
    first: IntArray
    last: IntArray


class DocumentPlaces:
    """Where all mentions of a document stand; `within` gives those of a group of windows."""

    def __init__(
        self, document: Document, tokens: Tokens, concepts: Sequence[ConceptMentions]
    ) -> None:
        self.starts = np.array([m.start for m in document.mentions], dtype=np.int64)
        self.ends = np.array([m.end for m in document.mentions], dtype=np.int64)
        self.first = tokens.offsets[:, 1].searchsorted(self.starts, side="right")
        self.last = tokens.offsets[:, 0].searchsorted(self.ends, side="left") - 1
        self.sentence_starts = np.array(
            [sentence.start for sentence in sentences_of(document)] or [0], dtype=np.int64
        )
        self.sentences = self.sentence_starts.searchsorted(self.starts, side="right") - 1
        # A mention may be one of several concepts: the numbers of mention m are
        # `numbers[number_edges[m]:number_edges[m + 1]]`.
        mentions = np.array([m for concept in concepts for m in concept.mentions], dtype=np.int64)
        sizes = [len(concept.mentions) for concept in concepts]
        self.numbers = np.arange(len(concepts)).repeat(sizes)[mentions.argsort(kind="stable")]
        self.number_edges = edges_of(np.bincount(mentions, minlength=len(self.starts)))
        # A mention of white space alone has no token and takes no part.
        order = self.first.argsort(kind="stable")
        self.order = order[self.first[order] <= self.last[order]]

    def within(self, group: Sequence[tuple[int, int]], shift: int) -> ConceptPlaces:
        """The places in a group of windows, given as token ranges; `shift` special tokens come
        first in each.

        A mention that lies in two windows is taken from the one in which it is farther from an
        edge.
        """
        edges = (group[0][0], group[-1][1])
        low, high = self.first[self.order].searchsorted(edges)
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
        # In order of their first mention, and whose mention each row is by that order.
        concepts = np.array(list(dict.fromkeys(numbers.tolist())), dtype=np.int64)
        place_of = np.zeros(numbers.max(initial=-1) + 1, dtype=np.int64)
        place_of[concepts] = np.arange(len(concepts))
        places = place_of[numbers]
        counts = np.bincount(places, minlength=len(concepts))
        rows = rows[places.argsort(kind="stable")]
        mentions, windows = mentions[rows], windows[rows]
        return ConceptPlaces(
            concepts=concepts,
            counts=counts,
            edges=edges_of(counts),
            starts=self.starts[mentions],
            ends=self.ends[mentions],
            sentences=self.sentences[mentions],
            windows=windows,
            first=(first - begin + shift)[rows],
            last=last[rows],
        )

    def _concepts_of(self, mentions: IntArray) -> tuple[IntArray, IntArray]:
        """The concept numbers of mentions one after the other, and whose each is: both (n,) int64,
        the second of rows of `mentions`.
        """
        begins = self.number_edges[mentions]
        counts = self.number_edges[mentions + 1] - begins
        rows = np.arange(len(mentions)).repeat(counts)
        offsets = begins - (counts.cumsum() - counts)
        return self.numbers[offsets.repeat(counts) + np.arange(len(rows))], rows


def edges_of(counts: IntArray) -> IntArray:
    """Where each of groups of `counts` (groups,) int64 members begins, and the end: (groups + 1,)."""
    edges = np.zeros(len(counts) + 1, dtype=np.int64)
    counts.cumsum(out=edges[1:])
    return edges
