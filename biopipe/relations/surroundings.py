"""What stands around a pair of concepts: which sentences of the text name both, what else these name,
whether either is named with others as often, and whether another concept has a broader or narrower
name.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import NDArray

from biopipe.relations.pairs import PairTable
from biopipe.relations.places import ConceptPlaces
from biopipe.relations.specific_names import specificity

__all__ = ["SURROUNDING_FEATURES", "PairSurroundings"]

SURROUNDING_FEATURES = 16

# They bring counts to about 0 to 1, as in `features`; what is not there lies outside of that.
_LOGARITHMS = 3
_MOST_CONCEPTS = 12  # of a sentence; more are as many
_MOST_SENTENCES = 4
_NOWHERE = -1.0
_FAR = 1.5

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float32]


class PairSurroundings:
    """Of the concepts in a group of windows. `named_in`: (concepts, sentences) float32, 1 where a
    sentence names a concept, the first sentence of the group first; `labels`: (concepts,) int64, a
    number for the label of each; `names`: by concept the words of each of its names.
    """

    def __init__(
        self,
        places: ConceptPlaces,
        named_in: FloatArray,
        labels: IntArray,
        names: Sequence[AbstractSet[frozenset[str]]],
    ) -> None:
        self._places, self._named_in = places, named_in
        self._first_sentence = places.sentences.min()
        self._concepts_of_sentence = named_in.sum(axis=0)
        self._mention_starts = np.sort(places.starts)
        together = named_in @ named_in.T
        np.fill_diagonal(together, 0)
        self._together = together
        # For each concept and label the most sentences that it shares with a concept of that label.
        self._most = np.stack(
            [
                np.where(labels == label, together, 0).max(axis=1)
                for label in range(labels.max(initial=-1) + 1)
            ],
            axis=1,
        )
        self._labels = labels
        self._specificity = np.log1p(specificity(names, labels, places.counts)) / _LOGARITHMS

    def of(self, pairs: PairTable, head: IntArray, tail: IntArray) -> FloatArray:
        """(pairs, SURROUNDING_FEATURES) float32; `head` and `tail` (pairs,) are the nearest mentions
        of each pair.
        """
        heads, tails = pairs.heads, pairs.tails
        shared = self._named_in[heads] * self._named_in[tails] > 0
        count = shared.shape[1]
        last = max(1, count - 1)
        named = shared.any(axis=1)
        first_shared = np.where(named, shared.argmax(axis=1) / last, _NOWHERE)
        last_shared = np.where(named, (count - 1 - shared[:, ::-1].argmax(axis=1)) / last, _NOWHERE)
        crowd = np.where(shared, np.minimum(self._concepts_of_sentence, _MOST_CONCEPTS), np.inf)
        together = self._together[heads, tails]
        sentences = self._named_in.sum(axis=1)
        nearest = (self._places.sentences[head] - self._first_sentence) / last
        columns = (
            np.full(len(pairs), np.log1p(count) / _LOGARITHMS),
            first_shared,
            last_shared,
            shared[:, 0],
            shared[:, -1],
            np.where(named, crowd.min(axis=1) / _MOST_CONCEPTS, _FAR),
            self._between(head, tail),
            together / sentences[heads],
            together / sentences[tails],
            self._behind(together, heads, tails),
            self._behind(together, tails, heads),
            nearest,
            *self._specificity[heads].T,
            *self._specificity[tails].T,
        )
        return np.stack(columns, axis=1).astype(np.float32)

    def _between(self, head: IntArray, tail: IntArray) -> NDArray[np.float64]:
        """The logarithm of the mentions between two of one sentence, (pairs,)."""
        places = self._places
        begin = np.minimum(places.ends[head], places.ends[tail])
        end = np.maximum(places.starts[head], places.starts[tail])
        between = self._mention_starts.searchsorted(end) - self._mention_starts.searchsorted(begin)
        together = places.sentences[head] == places.sentences[tail]
        return np.where(together, np.log1p(np.maximum(between, 0)) / _LOGARITHMS, _FAR)

    def _behind(
        self, together: FloatArray, concepts: IntArray, others: IntArray
    ) -> NDArray[np.float64]:
        """How many sentences fewer `concepts` share with `others` than with the one of that label
        with which they share most, (pairs,), none or negative.
        """
        most = self._most[concepts, self._labels[others]]
        behind: NDArray[np.float64] = np.maximum(together - most, -_MOST_SENTENCES)
        return behind / _MOST_SENTENCES
