"""Documents to the numbers a relation model reads: one encoder pass over a document scores all its
pairs.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biopipe.document import ConceptMentions, Document
from biopipe.relations.pairs import Allowed, Pair, pairs
from biopipe.relations.triggers import ZONES, TriggerWords
from biopipe.runtime.encoder import Window, collate
from biopipe.runtime.tokenizer import Tokenizer, Tokens
from biopipe.text.sentences import sentences_of
from biopipe.text.windows import token_windows

__all__ = ["PLACE_FEATURES", "RelationInput", "feature_count", "relation_inputs"]

PLACE_FEATURES = 10  # where a pair stands
SHARE_FEATURES = 2  # how much of the talk about their labels the two concepts have
WINDOWS_A_UNIT = 4  # 4 windows of 512 hold any abstract whole
PAIRS_A_PASS = 1024  # bounds memory: a pair takes about 100 kB in the graph


@dataclass(frozen=True, slots=True)
class RelationInput:
    """One encoder pass: up to four windows of a document with the pairs whose concepts both occur
    in them.

    read: (windows, tokens) token ids, or (windows, tokens, width) hidden states of another model's
    encoder; attention_mask, entity_types: (windows, tokens); mention_tokens: (concepts, mentions,
    2) first and last token of each mention as index into the flattened windows; mention_mask:
    (concepts, mentions); pairs: (pairs, 2) rows of the concepts here; kinds: (pairs,) which entry
    of `allowed` a pair is; features: (pairs, feature_count); concepts: the caller's concept
    numbers; left_out: pairs of these windows beyond the cap, by those numbers (in the first pass
    over them).
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

    def concept_pairs(self) -> list[tuple[int, int]]:
        """The pairs by the caller's concept numbers."""
        return [(int(head), int(tail)) for head, tail in self.concepts[self.pairs]]

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
    found: Sequence[ConceptMentions],
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
) -> Iterator[RelationInput]:
    """The encoder passes over a document; none where it has no pair that `allowed` lists.

    A text longer than four windows is read in groups of four that share one window, so that its
    cost is linear in its length; a pair is scored wherever both of its concepts are mentioned in
    one group. Where that gives more than `most_pairs` in all, each group keeps its share of those
    whose first mentions are nearest. `states` (tokens, width), what a shared encoder made of the
    text, takes the place of the token ids; special tokens are then left out.
    """
    spans = _even_windows(
        len(tokens.ids), max_length - len(tokenizer.prefix) - len(tokenizer.suffix), stride
    )
    shift = len(tokenizer.prefix) if states is None else 0
    places = _Places(document, tokens, found)
    words = TriggerWords(document, places.sentence_starts, triggers)
    groups = range(0, max(1, len(spans) - 1), WINDOWS_A_UNIT - 1)
    for first in groups:
        unit = spans[first : first + WINDOWS_A_UNIT]
        rows = places.within(unit, shift)
        wanted = pairs(found, allowed, among=rows)
        left_out: list[Pair] = []
        if most_pairs is not None and len(wanted) * len(groups) > most_pairs:
            wanted, left_out = _nearest(wanted, rows, max(1, most_pairs // len(groups)))
        if not wanted:
            continue
        windows = [Window(0, begin, end, begin, end) for begin, end in unit]
        read, mask = (
            collate(windows, [tokens], tokenizer) if states is None else _collate(unit, states)
        )
        for start in range(0, len(wanted), pairs_a_pass):
            chosen = wanted[start : start + pairs_a_pass]
            yield RelationInput(
                read=read,
                attention_mask=mask,
                kinds=np.array([pair.kind for pair in chosen], dtype=np.int64),
                features=_features(document, found, places, words, chosen, rows),
                left_out=() if start else tuple((pair.head, pair.tail) for pair in left_out),
                **_indices(mask.shape, found, chosen, rows, labels),
            )


def _collate(
    unit: Sequence[tuple[int, int]], states: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The states of a group of windows, padded on the right, and their mask."""
    longest = max(end - start for start, end in unit)
    read = np.zeros((len(unit), longest, states.shape[1]), dtype=np.float32)
    mask = np.zeros((len(unit), longest), dtype=np.int64)
    for row, (start, end) in enumerate(unit):
        read[row, : end - start] = states[start:end]
        mask[row, : end - start] = 1
    return read, mask


def _nearest(
    wanted: Sequence[Pair], rows: "dict[int, list[Place]]", most: int
) -> tuple[list[Pair], list[Pair]]:
    """The `most` pairs whose first mentions here are nearest, and the others."""
    at = {
        concept: (place := places[0]).window * 10**6 + place.first
        for concept, places in rows.items()
    }
    away = np.abs(np.array([at[pair.head] - at[pair.tail] for pair in wanted]))
    order = np.argsort(away, kind="stable")
    return [wanted[i] for i in np.sort(order[:most])], [wanted[i] for i in order[most:]]


def feature_count(triggers: Mapping[str, Sequence[str]]) -> int:
    """How many features a pair has: its place in the text, and counts of each class of trigger
    words.
    """
    return PLACE_FEATURES + ZONES * len(triggers) + SHARE_FEATURES


def _even_windows(count: int, size: int, overlap: int) -> list[tuple[int, int]]:
    """As few windows as full ones would take, but of equal length: less to compute where the last
    would be short.
    """
    full = len(token_windows(count, size, overlap))
    return token_windows(
        count, min(size, -(-(count + (full - 1) * overlap) // full)) if full > 1 else size, overlap
    )


@dataclass(frozen=True, slots=True)
class Place:
    """A mention in a group of windows: its window, and its first and last token within that
    window.
    """

    mention: int
    window: int
    first: int
    last: int


class _Places:
    """Where the mentions of a document stand: tokens, sentences, and the concepts they carry."""

    def __init__(
        self, document: Document, tokens: Tokens, found: Sequence[ConceptMentions]
    ) -> None:
        starts = np.array([m.start for m in document.mentions], dtype=np.int64)
        ends = np.array([m.end for m in document.mentions], dtype=np.int64)
        self.starts = starts
        self.first = np.searchsorted(tokens.offsets[:, 1], starts, side="right")
        self.last = np.searchsorted(tokens.offsets[:, 0], ends, side="left") - 1
        self.ends = ends
        self.sentence_starts = np.array(
            [sentence.start for sentence in sentences_of(document)] or [0]
        )
        self.sentences = np.searchsorted(self.sentence_starts, starts, side="right") - 1
        self.concepts: dict[int, list[int]] = {}
        for number, concept in enumerate(found):
            for mention in concept.mentions:
                self.concepts.setdefault(mention, []).append(number)
        # A mention of white space alone has no token and takes no part.
        self.order = [
            int(m) for m in np.argsort(self.first, kind="stable") if self.first[m] <= self.last[m]
        ]
        self.ordered_first = [int(self.first[m]) for m in self.order]

    def within(self, unit: Sequence[tuple[int, int]], shift: int) -> dict[int, list[Place]]:
        """The places of each concept in a group of windows, concepts and places in order of the
        text.

        A mention that lies in two windows is taken from the one in which it is farther from an
        edge.
        """
        rows: dict[int, list[Place]] = {}
        low, high = (bisect_left(self.ordered_first, edge) for edge in (unit[0][0], unit[-1][1]))
        for mention in sorted(self.order[low:high], key=lambda m: (self.starts[m], m)):
            first, last = int(self.first[mention]), int(self.last[mention])
            rooms = [
                (min(first - start, end - first), -window)
                for window, (start, end) in enumerate(unit)
                if start <= first < end
            ]
            window = -max(rooms)[1]
            start, end = unit[window]
            place = Place(
                mention, window, first - start + shift, min(last, end - 1) - start + shift
            )
            for concept in self.concepts.get(mention, ()):
                rows.setdefault(concept, []).append(place)
        return rows


def _indices(
    shape: tuple[int, ...],
    found: Sequence[ConceptMentions],
    chosen: Sequence[Pair],
    rows: dict[int, list[Place]],
    labels: Sequence[str],
) -> dict[str, NDArray[Any]]:
    """Where the concepts of the chosen pairs stand in the flattened windows."""
    used = sorted({concept for pair in chosen for concept in (pair.head, pair.tail)})
    row_of = {concept: row for row, concept in enumerate(used)}
    width = shape[1]
    most = max(len(rows[concept]) for concept in used)
    mention_tokens = np.zeros((len(used), most, 2), dtype=np.int64)
    mention_mask = np.zeros((len(used), most), dtype=np.float32)
    for row, concept in enumerate(used):
        for column, place in enumerate(rows[concept]):
            start = place.window * width
            mention_tokens[row, column] = (start + place.first, start + place.last)
            mention_mask[row, column] = 1.0
    types = np.zeros(shape, dtype=np.int64)
    for concept, places in rows.items():
        if found[concept].label in labels:
            for place in places:
                types[place.window, place.first : place.last + 1] = 1 + labels.index(
                    found[concept].label
                )
    return {
        "entity_types": types,
        "mention_tokens": mention_tokens,
        "mention_mask": mention_mask,
        "pairs": np.array([[row_of[p.head], row_of[p.tail]] for p in chosen], dtype=np.int64),
        "concepts": np.array(used, dtype=np.int64),
    }


def _most_mentions(
    rows: Mapping[int, Sequence[Place]], found: Sequence[ConceptMentions]
) -> dict[str, int]:
    """Mentions of the most mentioned concept of each label."""
    most: dict[str, int] = {}
    for concept, places in rows.items():
        label = found[concept].label
        most[label] = max(most.get(label, 1), len(places))
    return most


def _features(
    document: Document,
    found: Sequence[ConceptMentions],
    places: _Places,
    words: TriggerWords,
    chosen: Sequence[Pair],
    rows: dict[int, list[Place]],
) -> NDArray[np.float32]:
    """Where and how often the two concepts occur here, and the trigger words around them.

    They come from the text alone (the first sentence stands for the title), so that a text gives
    the same relations whether its passages are known or not.
    """
    length = max(1, len(document.text))
    mentions = {
        concept: np.array([place.mention for place in each]) for concept, each in rows.items()
    }
    sentences = {concept: np.unique(places.sentences[each]) for concept, each in mentions.items()}
    made, gaps = [], []
    shared = np.zeros((len(chosen), words.until.shape[1]), dtype=np.float32)
    for row, pair in enumerate(chosen):
        heads, tails = mentions[pair.head], mentions[pair.tail]
        head, tail = places.starts[heads], places.starts[tails]
        distance = np.abs(head[:, None] - tail[None, :])
        h, t = np.unravel_index(int(distance.argmin()), distance.shape)
        head_in, tail_in = sentences[pair.head], sentences[pair.tail]
        both = np.intersect1d(head_in, tail_in, assume_unique=True)
        apart = 0 if len(both) else int(np.abs(head_in[:, None] - tail_in[None, :]).min())
        if len(both):
            shared[row] = words.by_sentence[both].sum(axis=0)
        gaps.append((min(places.ends[heads[h]], places.ends[tails[t]]), max(head[h], tail[t])))
        made.append(
            (
                np.log1p(int(distance[h, t])) / 8,
                np.log1p(len(head)),
                np.log1p(len(tail)),
                float(places.sentences[heads[0]] <= 0),
                float(places.sentences[tails[0]] <= 0),
                float(len(both) > 0),
                np.log1p(len(both)),
                np.log1p(apart),
                min(1.0, float(max(head[-1], tail[-1])) / length),
                min(1.0, float(max(head[0], tail[0])) / length),
            )
        )
    place = np.array(made, dtype=np.float32).reshape(-1, PLACE_FEATURES)
    start, end = np.array(gaps, dtype=np.int64).reshape(-1, 2).T
    title = np.broadcast_to(words.by_sentence[0], shared.shape)
    counts = np.concatenate([shared, words.between(start, end), title], axis=1)
    everywhere = np.broadcast_to(np.log1p(words.until[-1]) / 2, shared.shape)
    most = _most_mentions(rows, found)
    shares = [
        [len(rows[end]) / most[found[end].label] for end in (pair.head, pair.tail)]
        for pair in chosen
    ]
    parts = [
        place,
        np.minimum(1.5, counts / 2),
        everywhere,
        np.array(shares).reshape(-1, SHARE_FEATURES),
    ]
    return np.concatenate(parts, axis=1).astype(np.float32)
