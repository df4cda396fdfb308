"""Documents to the numbers a relation model reads: one encoder pass over a document scores all its
pairs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biopipe.document import ConceptMentions, Document
from biopipe.relations.concept_facts import FactsOf
from biopipe.relations.features import NOTHING_FURTHER, Further, PairFeatures
from biopipe.relations.pairs import Allowed, PairTable, allowed_pairs
from biopipe.relations.places import ConceptPlaces, DocumentPlaces
from biopipe.relations.triggers import TriggerWords
from biopipe.runtime.encoder import Window, collate
from biopipe.runtime.tokenizer import Tokenizer, Tokens
from biopipe.text.windows import even_windows

__all__ = ["RelationInput", "relation_inputs"]

WINDOWS_A_UNIT = 4  # 4 windows of 512 hold any abstract whole
PAIRS_A_PASS = 1024  # bounds memory: a pair takes about 100 kB in the graph
# More tokens than any window has: a window apart counts more than any distance within one.
_WINDOW_DISTANCE = 10**6


@dataclass(frozen=True, slots=True)
class RelationInput:
    """One encoder pass: up to four windows of a document with the pairs whose concepts both occur
    in them.

    read: (windows, tokens) int64 token ids, or (windows, tokens, width) float32 hidden states of
    another model's encoder; attention_mask, entity_types: (windows, tokens) int64; mention_tokens:
    (concepts, mentions, 2) int64, first and last token of each mention as index into the flattened
    windows; mention_mask: (concepts, mentions) float32; pairs: (pairs, 2) int64 rows of the
    concepts here; kinds: (pairs,) int64, which entry of `allowed` a pair is; features: (pairs,
    feature_count) float32; concepts: (concepts,) int64, the caller's concept numbers; left_out:
    pairs of these windows beyond the cap, by those numbers (in the first pass over them).
    """

    read: NDArray[Any]
    attention_mask: NDArray[np.int64]
    entity_types: NDArray[np.int64]
    mention_tokens: NDArray[np.int64]
    mention_mask: NDArray[np.float32]
    pairs: NDArray[np.int64]
    kinds: NDArray[np.int64]
    features: NDArray[np.float32]
    concepts: NDArray[np.int64]
    left_out: tuple[tuple[int, int], ...] = ()

    def numbered_pairs(self) -> NDArray[np.int64]:
        """The pairs by the caller's concept numbers, (pairs, 2) int64."""
        return self.concepts[self.pairs]

    def feed(self) -> dict[str, NDArray[np.generic]]:
        """The graph's inputs by name."""
        return {
            "states" if self.read.ndim == 3 else "input_ids": self.read,
            "attention_mask": self.attention_mask,
            "entity_types": self.entity_types,
            "mention_tokens": self.mention_tokens,
            "mention_mask": self.mention_mask,
            "pairs": self.pairs,
            "kinds": self.kinds,
            "features": self.features,
        }


def relation_inputs(
    document: Document,
    tokens: Tokens,
    concepts: Sequence[ConceptMentions],
    tokenizer: Tokenizer,
    *,
    labels: Sequence[str],
    allowed: Allowed,
    triggers: Mapping[str, Sequence[str]],
    max_length: int,
    stride: int,
    pairs_a_pass: int = PAIRS_A_PASS,
    most_pairs: int | None = None,
    states: NDArray[np.float32] | None = None,
    further: Further = NOTHING_FURTHER,
    facts: FactsOf | None = None,
) -> Iterator[RelationInput]:
    """The encoder passes over a document; none where it has no pair that `allowed` lists.

    A text longer than four windows is read in groups of four that share one window, so that its
    cost is linear in its length; a pair is scored wherever both of its concepts are mentioned in
    one group. Where that gives more than `most_pairs` in all, each group keeps its share of those
    whose first mentions are nearest. `states` (tokens, width) of a shared encoder take the place of
    the token ids, without special tokens. `further` adds features, some of which `facts` give.
    """
    groups = _window_groups(len(tokens.ids), tokenizer, max_length, stride)
    share = None if most_pairs is None else max(1, most_pairs // len(groups))
    whole = DocumentPlaces(document, tokens, concepts)
    words = TriggerWords(document, whole.sentence_starts, triggers, polarity=further.surroundings)
    known = None if facts is None else facts(document, concepts)
    for group in groups:
        places = whole.within(group, len(tokenizer.prefix) if states is None else 0)
        here = [concepts[number].label for number in places.concepts.tolist()]
        pairs, left_out = _nearest(here, allowed, places, share)
        if len(pairs):
            read, mask = _read(group, tokens, tokenizer, states)
            types = _entity_types(mask.shape, places, here, labels)
            features = PairFeatures(places, words, here, document.text, further, known)
            windows = _EncoderWindows(places, read, mask, types)
            yield from windows.inputs(pairs, features, left_out, pairs_a_pass)


@dataclass(frozen=True, slots=True)
class _EncoderWindows:
    """What an encoder pass reads, the same for all pairs of its windows: as in `RelationInput`."""

    places: ConceptPlaces
    read: NDArray[Any]
    attention_mask: NDArray[np.int64]
    entity_types: NDArray[np.int64]

    def inputs(
        self,
        pairs: PairTable,
        features: PairFeatures,
        left_out: tuple[tuple[int, int], ...],
        size: int,
    ) -> Iterator[RelationInput]:
        """Passes with up to `size` of the pairs; the first one says which are left out."""
        for start in range(0, len(pairs), size):
            part = pairs.rows(slice(start, start + size))
            yield RelationInput(
                read=self.read,
                attention_mask=self.attention_mask,
                entity_types=self.entity_types,
                kinds=part.kinds,
                features=features.of(part),
                left_out=() if start else left_out,
                **_mention_inputs(self.attention_mask.shape[1], self.places, part),
            )


def _window_groups(
    tokens: int, tokenizer: Tokenizer, max_length: int, stride: int
) -> list[Sequence[tuple[int, int]]]:
    """The windows (first token, end) of each encoder pass; groups that follow each other share one
    window.
    """
    size = max_length - len(tokenizer.prefix) - len(tokenizer.suffix)
    spans = even_windows(tokens, size, stride)
    firsts = range(0, max(1, len(spans) - 1), WINDOWS_A_UNIT - 1)
    return [spans[first : first + WINDOWS_A_UNIT] for first in firsts]


def _read(
    group: Sequence[tuple[int, int]],
    tokens: Tokens,
    tokenizer: Tokenizer,
    states: NDArray[np.float32] | None,
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Token ids or states of a group of windows, padded on the right, and their mask (windows,
    tokens).
    """
    if states is None:
        windows = [Window(0, begin, end, begin, end) for begin, end in group]
        return collate(windows, [tokens], tokenizer)
    if len(group) == 1:
        ((start, end),) = group
        return states[None, start:end], np.ones((1, end - start), dtype=np.int64)
    longest = max(end - start for start, end in group)
    read = np.zeros((len(group), longest, states.shape[1]), dtype=np.float32)
    mask = np.zeros((len(group), longest), dtype=np.int64)
    for row, (start, end) in enumerate(group):
        read[row, : end - start] = states[start:end]
        mask[row, : end - start] = 1
    return read, mask


def _nearest(
    labels: Sequence[str], allowed: Allowed, places: ConceptPlaces, most: int | None
) -> tuple[PairTable, tuple[tuple[int, int], ...]]:
    """The `most` allowed pairs whose first mentions here are nearest, and the numbers of the others;
    all pairs where there are no more, or `most` is None.
    """
    pairs = allowed_pairs(labels, allowed, numbers=places.concepts)
    if most is None or len(pairs) <= most:
        return pairs, ()
    firsts = places.edges[:-1]
    at = places.windows[firsts] * _WINDOW_DISTANCE + places.first[firsts]
    order = np.argsort(np.abs(at[pairs.heads] - at[pairs.tails]), kind="stable")
    others = pairs.rows(order[most:])
    numbers = (places.concepts[ends].tolist() for ends in (others.heads, others.tails))
    return pairs.rows(np.sort(order[:most])), tuple(zip(*numbers, strict=True))


def _entity_types(
    shape: tuple[int, ...], places: ConceptPlaces, here: Sequence[str], labels: Sequence[str]
) -> NDArray[np.int64]:
    """One plus the number of the label of each token's concept, 0 for none: (windows, tokens)
    int64; a later concept covers an earlier one.
    """
    numbers = {label: 1 + number for number, label in enumerate(labels)}
    by_concept = np.array([numbers.get(label, 0) for label in here], dtype=np.int64)
    by_mention = by_concept.repeat(places.counts)
    marked = by_mention.nonzero()[0]
    lengths = (places.last - places.first + 1)[marked]
    begins = (places.windows * shape[1] + places.first)[marked]
    tokens = (begins - (lengths.cumsum() - lengths)).repeat(lengths)
    types = np.zeros(shape[0] * shape[1], dtype=np.int64)
    types[tokens + np.arange(len(tokens))] = by_mention[marked].repeat(lengths)
    return types.reshape(shape)


def _mention_inputs(width: int, places: ConceptPlaces, pairs: PairTable) -> dict[str, NDArray[Any]]:
    """The fields of `RelationInput` that say where the concepts of `pairs` stand in the flattened
    windows of `width` tokens; concepts in order of the caller's numbers.
    """
    is_used = np.zeros(len(places.concepts), dtype=np.bool_)
    is_used[pairs.heads] = is_used[pairs.tails] = True
    used = is_used.nonzero()[0]
    used = used[places.concepts[used].argsort()]
    row_of = np.zeros(len(places.concepts), dtype=np.int64)
    row_of[used] = np.arange(len(used))
    counts = places.counts[used]
    rows = np.arange(len(used)).repeat(counts)
    columns = np.arange(len(rows)) - (counts.cumsum() - counts).repeat(counts)
    mentions = places.edges[used][rows] + columns
    begins = places.windows[mentions] * width
    mention_tokens = np.zeros((len(used), int(counts.max()), 2), dtype=np.int64)
    mention_tokens[rows, columns, 0] = begins + places.first[mentions]
    mention_tokens[rows, columns, 1] = begins + places.last[mentions]
    mention_mask = np.zeros(mention_tokens.shape[:2], dtype=np.float32)
    mention_mask[rows, columns] = 1.0
    return {
        "mention_tokens": mention_tokens,
        "mention_mask": mention_mask,
        "pairs": np.stack([row_of[pairs.heads], row_of[pairs.tails]], axis=1),
        "concepts": places.concepts[used],
    }
