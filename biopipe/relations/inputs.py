"""Documents to the numbers a relation model reads: one encoder pass over a document scores all its pairs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biopipe.relations.pairs import Concept, Pair
from biopipe.runtime.encoder import Window, collate
from biopipe.runtime.tokenizer import Tokenizer, Tokens
from biopipe.text.windows import token_windows
from biopipe.types import Document

__all__ = ["FEATURES", "RelationInput", "relation_inputs"]

FEATURES = 8
WINDOWS_A_UNIT = 4  # 4 windows of 512 hold any abstract whole


@dataclass(frozen=True, slots=True)
class RelationInput:
    """One encoder pass: up to four windows of a document with the pairs whose concepts both occur in them.

    input_ids, attention_mask, entity_types: (windows, tokens); mention_tokens: (concepts, mentions, 2) first and last
    token of each mention as index into the flattened windows; mention_mask: (concepts, mentions);
    pairs: (pairs, 2) rows of the concepts here; features: (pairs, FEATURES); index: the caller's pair numbers.
    """

    input_ids: NDArray[np.int64]
    attention_mask: NDArray[np.int64]
    entity_types: NDArray[np.int64]
    mention_tokens: NDArray[np.int64]
    mention_mask: NDArray[np.float32]
    pairs: NDArray[np.int64]
    features: NDArray[np.float32]
    index: NDArray[np.int64]

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
    wanted: Sequence[Pair],
    tokenizer: Tokenizer,
    *,
    labels: Sequence[str],
    max_length: int,
    stride: int,
    pairs_a_pass: int = 4096,
) -> Iterator[RelationInput]:
    """The encoder passes over a document; none where it has no pair.

    A text longer than four windows is read in groups of four that share one window, so that its cost is linear in
    its length; a pair is scored wherever both of its concepts are mentioned in one group.
    """
    spans = token_windows(len(tokens.ids), max_length - len(tokenizer.prefix) - len(tokenizer.suffix), stride)
    token_spans = [_token_span(tokens, m.start, m.end) for m in document.mentions]
    for first in range(0, max(1, len(spans) - 1), WINDOWS_A_UNIT - 1):
        unit = spans[first : first + WINDOWS_A_UNIT]
        placed = _place(token_spans, unit, len(tokenizer.prefix), max_length)
        rows = {c: [placed[m] for m in concept.mentions if m in placed] for c, concept in enumerate(found)}
        present = [
            (number, pair) for number, pair in enumerate(wanted) if rows[pair.head] and rows[pair.tail]
        ]
        for start in range(0, len(present), pairs_a_pass):
            yield _unit_input(
                document, tokens, found, present[start : start + pairs_a_pass], rows, unit, tokenizer, labels
            )


Place = tuple[int, int, int]  # window, first token, last token, both within the window


def _token_span(tokens: Tokens, start: int, end: int) -> tuple[int, int] | None:
    covered = np.flatnonzero((tokens.offsets[:, 0] < end) & (tokens.offsets[:, 1] > start))
    return (int(covered[0]), int(covered[-1])) if len(covered) else None


def _place(
    token_spans: Sequence[tuple[int, int] | None],
    unit: Sequence[tuple[int, int]],
    shift: int,
    max_length: int,
) -> dict[int, Place]:
    """Where each mention stands: the window of the unit in which it is farthest from an edge."""
    placed = {}
    for mention, span in enumerate(token_spans):
        if span is None:
            continue
        rooms = [(min(span[0] - start, end - span[0]), -row, row) for row, (start, end) in enumerate(unit)
                 if start <= span[0] < end]  # fmt: skip
        if rooms:
            row = max(rooms)[2]
            start, end = unit[row]
            placed[mention] = (row, span[0] - start + shift, min(span[1], end - 1) - start + shift)
    return placed


def _unit_input(
    document: Document,
    tokens: Tokens,
    found: Sequence[Concept],
    present: Sequence[tuple[int, Pair]],
    rows: dict[int, list[Place]],
    unit: Sequence[tuple[int, int]],
    tokenizer: Tokenizer,
    labels: Sequence[str],
) -> RelationInput:
    windows = [Window(0, start, end, start, end) for start, end in unit]
    ids, mask = collate(windows, [tokens], tokenizer)
    used = sorted({c for _, pair in present for c in (pair.head, pair.tail)})
    row_of = {c: row for row, c in enumerate(used)}
    width = ids.shape[1]
    most = max(len(rows[c]) for c in used)
    mention_tokens = np.zeros((len(used), most, 2), dtype=np.int64)
    mention_mask = np.zeros((len(used), most), dtype=np.float32)
    for row, concept in enumerate(used):
        for column, (window, first, last) in enumerate(rows[concept]):
            mention_tokens[row, column] = (window * width + first, window * width + last)
            mention_mask[row, column] = 1.0
    types = np.zeros_like(ids)
    for concept, places in rows.items():
        if found[concept].label in labels:
            for window, first, last in places:
                types[window, first : last + 1] = 1 + labels.index(found[concept].label)
    return RelationInput(
        input_ids=ids,
        attention_mask=mask,
        entity_types=types,
        mention_tokens=mention_tokens,
        mention_mask=mention_mask,
        pairs=np.array([[row_of[p.head], row_of[p.tail]] for _, p in present], dtype=np.int64),
        features=_features(document, found, [pair for _, pair in present]),
        index=np.array([number for number, _ in present], dtype=np.int64),
    )


def _features(document: Document, found: Sequence[Concept], wanted: Sequence[Pair]) -> NDArray[np.float32]:
    """Where and how often the two concepts occur; novelty and relation both hang on it."""
    length = max(1, len(document.text))
    title = next((p.end for p in document.passages if p.type == "title"), 0)
    starts = [np.array([document.mentions[m].start for m in concept.mentions]) for concept in found]
    rows = []
    for pair in wanted:
        head, tail = starts[pair.head], starts[pair.tail]
        nearest = int(np.abs(head[:, None] - tail[None, :]).min())
        rows.append(
            (
                np.log1p(nearest) / 8,
                np.log1p(len(head)),
                np.log1p(len(tail)),
                float(head[0] < title),
                float(tail[0] < title),
                float(head[0] < title and tail[0] < title),
                min(1.0, float(max(head[-1], tail[-1])) / length),
                min(1.0, float(max(head[0], tail[0])) / length),
            )
        )
    return np.array(rows, dtype=np.float32).reshape(-1, FEATURES)
