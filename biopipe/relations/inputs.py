"""Documents to the numbers a relation model reads: one encoder pass over a document scores all its pairs."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biopipe.relations.pairs import Concept, Pair, pairs
from biopipe.runtime.encoder import Window, collate
from biopipe.runtime.tokenizer import Tokenizer, Tokens
from biopipe.text.sentences import sentence_spans
from biopipe.text.windows import token_windows
from biopipe.types import Document

__all__ = ["FEATURES", "RelationInput", "relation_inputs"]

FEATURES = 8
WINDOWS_A_UNIT = 4  # 4 windows of 512 hold any abstract whole
PAIRS_A_PASS = 1024  # bounds memory: a pair takes about 100 kB in the graph


@dataclass(frozen=True, slots=True)
class RelationInput:
    """One encoder pass: up to four windows of a document with the pairs whose concepts both occur in them.

    input_ids, attention_mask, entity_types: (windows, tokens); mention_tokens: (concepts, mentions, 2) first and last
    token of each mention as index into the flattened windows; mention_mask: (concepts, mentions);
    pairs: (pairs, 2) rows of the concepts here; features: (pairs, FEATURES); concepts: the caller's concept numbers.
    """

    input_ids: NDArray[np.int64]
    attention_mask: NDArray[np.int64]
    entity_types: NDArray[np.int64]
    mention_tokens: NDArray[np.int64]
    mention_mask: NDArray[np.float32]
    pairs: NDArray[np.int64]
    features: NDArray[np.float32]
    concepts: NDArray[np.int64]

    def concept_pairs(self) -> list[tuple[int, int]]:
        """The pairs by the caller's concept numbers."""
        return [(int(head), int(tail)) for head, tail in self.concepts[self.pairs]]

    def feed(self) -> dict[str, NDArray[np.generic]]:
        """The graph's inputs by name."""
        return {
            "input_ids": self.input_ids,
            "attention_mask": self.attention_mask,
            "entity_types": self.entity_types,
            "mention_tokens": self.mention_tokens,
            "mention_mask": self.mention_mask,
            "pairs": self.pairs,
            "features": self.features,
        }


def relation_inputs(
    document: Document,
    tokens: Tokens,
    found: Sequence[Concept],
    tokenizer: Tokenizer,
    *,
    labels: Sequence[str],
    allowed: Sequence[tuple[str, str]],
    max_length: int,
    stride: int,
    pairs_a_pass: int = PAIRS_A_PASS,
) -> Iterator[RelationInput]:
    """The encoder passes over a document; none where it has no pair that `allowed` lists.

    A text longer than four windows is read in groups of four that share one window, so that its cost is linear in
    its length; a pair is scored wherever both of its concepts are mentioned in one group.
    """
    spans = token_windows(len(tokens.ids), max_length - len(tokenizer.prefix) - len(tokenizer.suffix), stride)
    places = _Places(document, tokens, found)
    for first in range(0, max(1, len(spans) - 1), WINDOWS_A_UNIT - 1):
        unit = spans[first : first + WINDOWS_A_UNIT]
        rows = places.within(unit, len(tokenizer.prefix))
        wanted = pairs(found, allowed, among=rows)
        for start in range(0, len(wanted), pairs_a_pass):
            chosen = wanted[start : start + pairs_a_pass]
            windows = [Window(0, begin, end, begin, end) for begin, end in unit]
            ids, mask = collate(windows, [tokens], tokenizer)
            yield _unit_input(
                ids, mask, found, chosen, rows, labels, _features(document, places, chosen, rows)
            )


@dataclass(frozen=True, slots=True)
class Place:
    """A mention in a group of windows: its window, and its first and last token within that window."""

    mention: int
    window: int
    first: int
    last: int


class _Places:
    """Where the mentions of a document stand: tokens, sentences, and the concepts they carry."""

    def __init__(self, document: Document, tokens: Tokens, found: Sequence[Concept]) -> None:
        starts = np.array([m.start for m in document.mentions], dtype=np.int64)
        ends = np.array([m.end for m in document.mentions], dtype=np.int64)
        self.starts = starts
        self.first = np.searchsorted(tokens.offsets[:, 1], starts, side="right")
        self.last = np.searchsorted(tokens.offsets[:, 0], ends, side="left") - 1
        sentences = np.array([start for start, _ in sentence_spans(document.text)] or [0])
        self.sentences = np.searchsorted(sentences, starts, side="right") - 1
        self.concepts: dict[int, list[int]] = {}
        for number, concept in enumerate(found):
            for mention in concept.mentions:
                self.concepts.setdefault(mention, []).append(number)
        # A mention of white space alone has no token and takes no part.
        self.order = [int(m) for m in np.argsort(self.first, kind="stable") if self.first[m] <= self.last[m]]
        self.ordered_first = [int(self.first[m]) for m in self.order]

    def within(self, unit: Sequence[tuple[int, int]], shift: int) -> dict[int, list[Place]]:
        """The places of each concept in a group of windows, concepts and places in order of the text.

        A mention that lies in two windows is taken from the one in which it is farther from an edge.
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
            place = Place(mention, window, first - start + shift, min(last, end - 1) - start + shift)
            for concept in self.concepts.get(mention, ()):
                rows.setdefault(concept, []).append(place)
        return rows


def _unit_input(
    ids: NDArray[np.int64],
    mask: NDArray[np.int64],
    found: Sequence[Concept],
    chosen: Sequence[Pair],
    rows: dict[int, list[Place]],
    labels: Sequence[str],
    features: NDArray[np.float32],
) -> RelationInput:
    used = sorted({concept for pair in chosen for concept in (pair.head, pair.tail)})
    row_of = {concept: row for row, concept in enumerate(used)}
    width = ids.shape[1]
    most = max(len(rows[concept]) for concept in used)
    mention_tokens = np.zeros((len(used), most, 2), dtype=np.int64)
    mention_mask = np.zeros((len(used), most), dtype=np.float32)
    for row, concept in enumerate(used):
        for column, place in enumerate(rows[concept]):
            mention_tokens[row, column] = (
                place.window * width + place.first,
                place.window * width + place.last,
            )
            mention_mask[row, column] = 1.0
    types = np.zeros_like(ids)
    for concept, places in rows.items():
        if found[concept].label in labels:
            for place in places:
                types[place.window, place.first : place.last + 1] = 1 + labels.index(found[concept].label)
    return RelationInput(
        input_ids=ids,
        attention_mask=mask,
        entity_types=types,
        mention_tokens=mention_tokens,
        mention_mask=mention_mask,
        pairs=np.array([[row_of[p.head], row_of[p.tail]] for p in chosen], dtype=np.int64),
        features=features,
        concepts=np.array(used, dtype=np.int64),
    )


def _features(
    document: Document, places: _Places, chosen: Sequence[Pair], rows: dict[int, list[Place]]
) -> NDArray[np.float32]:
    """Where and how often the two concepts occur here; relation and novelty both hang on it.

    They come from the text alone (the first sentence stands for the title), so that a text gives the same relations
    whether its passages are known or not.
    """
    length = max(1, len(document.text))
    mentions = {concept: [place.mention for place in each] for concept, each in rows.items()}
    made = []
    for pair in chosen:
        head, tail = places.starts[mentions[pair.head]], places.starts[mentions[pair.tail]]
        head_in, tail_in = places.sentences[mentions[pair.head]], places.sentences[mentions[pair.tail]]
        made.append(
            (
                np.log1p(int(np.abs(head[:, None] - tail[None, :]).min())) / 8,
                np.log1p(len(head)),
                np.log1p(len(tail)),
                float(head_in[0] <= 0),
                float(tail_in[0] <= 0),
                float(bool(set(head_in.tolist()) & set(tail_in.tolist()))),
                min(1.0, float(max(head[-1], tail[-1])) / length),
                min(1.0, float(max(head[0], tail[0])) / length),
            )
        )
    return np.array(made, dtype=np.float32).reshape(-1, FEATURES)
