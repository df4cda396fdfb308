"""What a relation model is told of a pair beside the encoder's states: where its concepts stand, and
the trigger words around them.

All features come from the text alone (the first sentence stands for the title), so that a text
gives the same relations whether its passages are known or not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from biopipe.relations.between import BETWEEN_FEATURES, Between
from biopipe.relations.concept_facts import HIERARCHY_FEATURES, ConceptFacts
from biopipe.relations.pairs import PairTable
from biopipe.relations.places import ConceptPlaces
from biopipe.relations.polarity import POLARITY_FEATURES, polarity
from biopipe.relations.related_rates import NUMBERS_A_SCHEME
from biopipe.relations.specific_names import name_words
from biopipe.relations.surroundings import SURROUNDING_FEATURES, PairSurroundings
from biopipe.relations.triggers import ZONES, TriggerWords

__all__ = ["NOTHING_FURTHER", "PLACE_FEATURES", "Further", "PairFeatures", "feature_count"]

PLACE_FEATURES = 10  # where a pair stands
SHARE_FEATURES = 2  # how much of the talk about their labels the two concepts have
ORDER_FEATURES = 2  # which of the two comes first
BESIDE_FEATURES = 4  # before and after either, of each class of trigger words

# The divisors bring logarithms of distances (up to about 8 for a page) and counts to about 0 to 1;
# the models are trained on these very numbers.
_DISTANCE_SCALE = 8
_COUNT_SCALE = 2
_MOST_COUNTED = 1.5

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Further:
    """What a model is told beside places and trigger words: with `order` which of the two concepts
    comes first, alone and by the words between them; with `surroundings` what stands around them;
    with `hierarchy` which concepts are broader than others; and of so many schemes (`rates`) how
    often annotators related either.
    """

    order: bool = False
    surroundings: bool = False
    hierarchy: bool = False
    rates: int = 0


NOTHING_FURTHER = Further()


def feature_count(triggers: Mapping[str, Sequence[str]], further: Further = NOTHING_FURTHER) -> int:
    """How many features a pair has: its place in the text, counts of each class of trigger words,
    and what is told further.
    """
    own = PLACE_FEATURES + ZONES * len(triggers) + SHARE_FEATURES
    own += (ORDER_FEATURES + len(triggers)) * further.order
    own += _around_count(len(triggers)) * further.surroundings
    return own + HIERARCHY_FEATURES * further.hierarchy + 2 * NUMBERS_A_SCHEME * further.rates


def _around_count(classes: int) -> int:
    """How many features say what stands around a pair."""
    return SURROUNDING_FEATURES + BETWEEN_FEATURES + BESIDE_FEATURES * classes + POLARITY_FEATURES


class PairFeatures:
    """Features of the pairs of concepts in a group of windows.

    What any pair may ask for is computed once, by matrices over the mentions of the group and their
    sentences. `labels` are those of `places.concepts`, `text` is the whole text; `facts` are of all
    concepts of the document, where `further` asks for more than the text.
    """

    def __init__(
        self,
        places: ConceptPlaces,
        words: TriggerWords,
        labels: Sequence[str],
        text: str,
        further: Further = NOTHING_FURTHER,
        facts: ConceptFacts | None = None,
    ) -> None:
        self._places, self._words, self._length = places, words, max(1, len(text))
        self._further = further
        self._facts = None if facts is None else facts.rows(places.concepts)
        self._firsts = places.edges[:-1]
        self._nearest = self._nearest_mentions()
        away = np.abs(places.sentences[:, None] - places.sentences[None, :])
        self._sentences_apart = self._least(away)
        first_sentence, last_sentence = places.sentences.min(), places.sentences.max()
        self._sentences = np.arange(first_sentence, last_sentence + 1)
        self._named_in = np.zeros((len(places.concepts), len(self._sentences)), dtype=np.float32)
        concepts = np.arange(len(places.concepts)).repeat(places.counts)
        self._named_in[concepts, places.sentences - first_sentence] = 1.0
        most: dict[str, int] = {}
        for label, count in zip(labels, places.counts.tolist(), strict=True):
            most[label] = max(most.get(label, 1), count)
        self._shares = places.counts / np.array([most[label] for label in labels])
        self._surroundings: PairSurroundings | None = None
        if further.surroundings:
            numbers = {label: number for number, label in enumerate(most)}
            of_concepts = np.array([numbers[label] for label in labels], dtype=np.int64)
            names = _names(places, text)
            self._surroundings = PairSurroundings(places, self._named_in, of_concepts, names)
            self._between = Between(places, of_concepts, text)
            self._beside = words.beside(places.starts, places.ends).reshape(len(places.starts), -1)

    def of(self, pairs: PairTable) -> FloatArray:
        """(pairs, feature_count) float32; `pairs` are of places in `ConceptPlaces.concepts`."""
        places, heads, tails = self._places, pairs.heads, pairs.tails
        head, tail = self._nearest_of(heads, tails)
        distance = np.abs(places.starts[head] - places.starts[tail])
        shared = self._named_in[heads] * self._named_in[tails]
        common = shared.sum(axis=1)
        count = feature_count(self._words.triggers)
        ordered = feature_count(self._words.triggers, Further(order=self._further.order))
        every = feature_count(self._words.triggers, self._further)
        features = np.empty((len(pairs), every), dtype=np.float32)
        self._write_place(features[:, :PLACE_FEATURES], pairs, distance, common)
        triggers = features[:, PLACE_FEATURES : count - SHARE_FEATURES]
        self._write_triggers(triggers, shared, head, tail)
        features[:, count - SHARE_FEATURES] = self._shares[heads]
        features[:, count + 1 - SHARE_FEATURES] = self._shares[tails]
        if self._further.order:
            size = len(self._words.triggers)
            between = triggers[:, size : 2 * size]
            self._write_order(features[:, count:ordered], pairs, (head, tail), between)
        told = [*self._around(pairs, head, tail), *self._known(pairs)]
        if told:
            np.concatenate(told, axis=1, out=features[:, ordered:])
        return features

    def _around(self, pairs: PairTable, head: IntArray, tail: IntArray) -> list[FloatArray]:
        """What stands around pairs, whose nearest mentions are `head` and `tail` (pairs,)."""
        if self._surroundings is None:
            return []
        return [
            self._surroundings.of(pairs, head, tail),
            self._between.of(pairs, head, tail),
            self._beside[head],
            self._beside[tail],
            polarity(self._places, self._words, head, tail),
        ]

    def _known(self, pairs: PairTable) -> list[FloatArray]:
        """What is known of pairs beside the text."""
        if self._facts is None:
            return []
        return [self._facts.of(pairs, self._named_in @ self._named_in.T > 0)]

    def _write_order(
        self,
        features: FloatArray,
        pairs: PairTable,
        nearest: tuple[IntArray, IntArray],
        between: FloatArray,
    ) -> None:
        """Fill the columns (pairs, ORDER_FEATURES + classes): 1 where the head comes first, -1
        where the tail does, of the nearest mentions in one sentence (else 0) and of the first ones;
        then the former times the trigger words between them, (pairs, classes).
        """
        places, (head, tail) = self._places, nearest
        near = np.sign(places.starts[tail] - places.starts[head])
        near = near * (places.sentences[head] == places.sentences[tail])
        firsts = places.starts[self._firsts]
        features[:, 0] = near
        features[:, 1] = np.sign(firsts[pairs.tails] - firsts[pairs.heads])
        features[:, ORDER_FEATURES:] = near[:, None] * between

    def _write_triggers(
        self, features: FloatArray, shared: FloatArray, head: IntArray, tail: IntArray
    ) -> None:
        """Fill the columns (pairs, ZONES * classes) of trigger words, zone by zone; shared: (pairs,
        sentences) 1 where a sentence names both; head, tail: (pairs,) the nearest mentions.
        """
        places, words = self._places, self._words
        size = words.by_sentence.shape[1]
        features[:, :size] = shared @ words.by_sentence[self._sentences]
        features[:, size : 2 * size] = words.between(
            np.minimum(places.ends[head], places.ends[tail]),
            np.maximum(places.starts[head], places.starts[tail]),
        )
        features[:, 2 * size : 3 * size] = words.by_sentence[0]
        counts = features[:, : 3 * size]
        np.minimum(_MOST_COUNTED, counts / _COUNT_SCALE, out=counts)
        features[:, 3 * size :] = np.log1p(words.until[-1]) / _COUNT_SCALE

    def _write_place(
        self, features: FloatArray, pairs: PairTable, distance: IntArray, common: FloatArray
    ) -> None:
        """Fill the columns (pairs, PLACE_FEATURES); distance: (pairs,) characters between the
        nearest mentions; common: (pairs,) sentences that name both.
        """
        places, heads, tails = self._places, pairs.heads, pairs.tails
        counts = np.log1p(places.counts)
        titled = places.sentences[self._firsts] <= 0
        first, last = places.starts[self._firsts], places.starts[places.edges[1:] - 1]
        columns = [
            np.log1p(distance) / _DISTANCE_SCALE,
            counts[heads],
            counts[tails],
            titled[heads],
            titled[tails],
            common > 0,
            np.log1p(common.astype(np.float64)),
            np.log1p(self._sentences_apart[heads, tails]),
            np.minimum(1.0, np.maximum(last[heads], last[tails]) / self._length),
            np.minimum(1.0, np.maximum(first[heads], first[tails]) / self._length),
        ]
        for number, column in enumerate(columns):
            features[:, number] = column

    def _least(self, between: IntArray) -> IntArray:
        """The least of each block of two concepts: (mentions, mentions) to (concepts, concepts)."""
        by_tail = np.minimum.reduceat(between, self._firsts, axis=1)
        least: IntArray = np.minimum.reduceat(by_tail, self._firsts, axis=0)
        return least

    def _nearest_mentions(self) -> IntArray:
        """For every two concepts (concepts, concepts) the nearest two mentions as head * mentions +
        tail; of equally near ones the earlier head, then the earlier tail.
        """
        count = len(self._places.starts)
        between = np.abs(self._places.starts[:, None] - self._places.starts[None, :])
        numbers = np.arange(count * count).reshape(count, count)
        return self._least(between * (count * count) + numbers) % (count * count)

    def _nearest_of(self, heads: IntArray, tails: IntArray) -> tuple[IntArray, IntArray]:
        """The nearest mentions of pairs, both (pairs,) int64."""
        head, tail = np.divmod(self._nearest[heads, tails], len(self._places.starts))
        return head, tail


def _names(places: ConceptPlaces, text: str) -> list[set[frozenset[str]]]:
    """By concept the words of each of its names."""
    names = [
        name_words(text[start:end])
        for start, end in zip(places.starts.tolist(), places.ends.tolist(), strict=True)
    ]
    return [set(names[start:end]) for start, end in pairwise(places.edges.tolist())]
