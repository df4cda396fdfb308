"""What GLiNER's graph reads: a text behind a prompt with the labels, or beside vectors of them
(bi-encoder).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biopipe.errors import ConfigError
from biopipe.ner.gliner_words import Words, WordWindow
from biopipe.runtime.manifest import Manifest
from biopipe.runtime.tokenizer import Tokenizer

__all__ = ["OUTSIDE", "Layout", "Prompt", "gliner_feed", "label_prompts", "layout_of"]

# The logit that a graph gives spans that reach past their text.
OUTSIDE = -1e4


@dataclass(frozen=True, slots=True)
class Layout:
    """What the checkpoint's configuration says of its inputs.

    `entity` and `separator` are the words of the prompt before and after labels. A label is read at
    its `entity` token, or one further where `label_shift` is 1; a word at its first piece, or its
    last. Spans have up to `max_width` words, windows up to `max_words`.
    """

    max_width: int
    max_words: int
    entity: str
    separator: str
    label_shift: int
    pooling: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """Some of the labels, by number, and how the graph gets them.

    ids: int64 (pieces,) before the text; labels: (count,) where each label's token is among them,
    or for a bi-encoder float32 (count, width) vectors.
    """

    numbers: Sequence[int]
    ids: NDArray[np.int64]
    labels: NDArray[Any]


def layout_of(manifest: Manifest) -> Layout:
    """The layout that export wrote into a manifest."""
    settings = manifest.settings
    return Layout(
        max_width=int(settings["max_width"]),
        max_words=int(settings["max_words"]),
        entity=str(settings["entity"]),
        separator=str(settings["separator"]),
        label_shift=int(settings["label_shift"]),
        pooling=manifest.pooling,
    )


def label_prompts(
    labels: Sequence[str], tokenizer: Tokenizer, layout: Layout, *, most: int
) -> list[Prompt]:
    """One prompt for all labels, or as many as it takes for none to have more than `most` pieces.

    ConfigError for a label that is longer by itself.
    """
    pieces = [
        tokens.ids
        for tokens in tokenizer.encode_words([[layout.entity, label] for label in labels])
    ]
    separator = tokenizer.encode_words([[layout.separator]])[0].ids
    for label, ids in zip(labels, pieces, strict=True):
        if len(ids) + len(separator) > most:
            raise ConfigError(
                f"The label '{label[:40]}' has {len(ids)} pieces; give one of at most "
                f"{most - len(separator)}."
            )
    groups: list[list[int]] = [[]]
    size = len(separator)
    for number, ids in enumerate(pieces):
        if size + len(ids) > most:
            groups.append([])
            size = len(separator)
        groups[-1].append(number)
        size += len(ids)
    return [_prompt(group, pieces, separator, layout.label_shift) for group in groups]


def _prompt(
    numbers: Sequence[int],
    pieces: Sequence[NDArray[np.int64]],
    separator: NDArray[np.int64],
    shift: int,
) -> Prompt:
    ends = np.cumsum([len(pieces[number]) for number in numbers])
    places = np.concatenate([[0], ends[:-1]]) + shift
    return Prompt(
        numbers, np.concatenate([*(pieces[number] for number in numbers), separator]), places
    )


def gliner_feed(
    windows: Sequence[WordWindow],
    words: Sequence[Words],
    prompt: Prompt,
    tokenizer: Tokenizer,
    pooling: str,
    *,
    rows: int | None = None,
    length: int | None = None,
) -> Mapping[str, NDArray[Any]]:
    """Inputs of one batch of windows that share a prompt, padded to `rows` rows of `length` tokens.

    input_ids and attention_mask: int64 (rows, tokens); words: int64 (rows, words) the token that
    stands for each word, -1 where there is none; text_lengths: int64 (rows, 1) words; labels:
    (rows, labels) tokens or (rows, labels, width) vectors. A row beyond the windows attends to one
    token, as a row has to attend to something.
    """
    before, after = [*tokenizer.prefix, *prompt.ids], list(tokenizer.suffix)
    token_rows = [
        np.concatenate([before, _pieces(words[window.text], window), after]).astype(np.int64)
        for window in windows
    ]
    count = rows or len(windows)
    ids, mask = _padded(token_rows, count, length, tokenizer.pad_id)
    places = np.full((count, max(w.end - w.start for w in windows)), -1, dtype=np.int64)
    lengths = np.ones((count, 1), dtype=np.int64)
    for row, window in enumerate(windows):
        place = _places(words[window.text], window, pooling)
        places[row, : len(place)] = np.where(place < 0, -1, len(before) + place)
        lengths[row] = len(place)
    labels = prompt.labels if prompt.labels.ndim == 2 else len(tokenizer.prefix) + prompt.labels
    return {
        "input_ids": ids,
        "attention_mask": mask,
        "words": places,
        "text_lengths": lengths,
        "labels": np.repeat(labels[None], count, axis=0),
    }


def _padded(
    token_rows: Sequence[NDArray[np.int64]], count: int, length: int | None, pad_id: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Token ids and attention mask, both int64 (count, length), by default as long as the longest
    row.
    """
    ids = np.full((count, length or max(map(len, token_rows))), pad_id, dtype=np.int64)
    mask = np.zeros_like(ids)
    # Rows that only fill the batch.
    mask[len(token_rows) :, 0] = 1
    for row, tokens in enumerate(token_rows):
        ids[row, : len(tokens)] = tokens
        mask[row, : len(tokens)] = 1
    return ids, mask


def _pieces(words: Words, window: WordWindow) -> NDArray[np.int64]:
    """The token ids of the window's words."""
    return words.ids[words.starts[window.start] : words.starts[window.end]]


def _places(words: Words, window: WordWindow, pooling: str) -> NDArray[np.int64]:
    """The piece of the window that stands for each of its words, -1 for a word without pieces."""
    starts = words.starts[window.start : window.end + 1] - words.starts[window.start]
    place = starts[:-1] if pooling == "first" else starts[1:] - 1
    return np.where(np.diff(starts) > 0, place, -1)
