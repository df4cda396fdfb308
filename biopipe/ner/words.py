"""The words of a batch of texts in one table: where they begin among the pieces, and where they stand
in their text.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biopipe.ner.agreement import form_hashes
from biopipe.runtime.tokenizer import Tokens

__all__ = ["WordTable", "forms_by_text", "word_table"]

# Odd and without pattern, so that the texts of a batch are far apart among the numbers of forms.
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


class WordTable(NamedTuple):
    """The words of all texts, one text after the other.

    first_pieces: (words,) int64, the first piece of each word among the pieces of all texts;
    starts, ends: (words,) int64, code points of the word's own text; edges: (texts + 1,) int64, text
    n has the words `[edges[n], edges[n + 1])`.
    """

    first_pieces: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    edges: NDArray[np.int64]


def word_table(tokens: Sequence[Tokens]) -> WordTable:
    """The words of texts by their tokens; a text without tokens has none."""
    piece_edges = np.cumsum([0, *(len(text_tokens.ids) for text_tokens in tokens)])
    if piece_edges[-1] == 0:
        nothing = np.zeros(0, dtype=np.int64)
        return WordTable(nothing, nothing, nothing, piece_edges)
    numbers = np.concatenate([text_tokens.words for text_tokens in tokens])
    offsets = np.concatenate([text_tokens.offsets for text_tokens in tokens])
    begins = np.diff(numbers, prepend=-1) != 0
    # Words are numbered anew in each text, so two texts may meet in words of one number.
    begins[piece_edges[:-1][piece_edges[:-1] < len(numbers)]] = True
    first_pieces = np.flatnonzero(begins)
    last_pieces = np.append(first_pieces[1:], len(numbers)) - 1
    return WordTable(
        first_pieces,
        offsets[first_pieces, 0],
        offsets[last_pieces, 1],
        np.searchsorted(first_pieces, piece_edges),
    )


def forms_by_text(texts: Sequence[str], words: WordTable) -> NDArray[np.int64]:
    """What is equal for words of one text and one form, below 0 for words of no form: (words,)
    int64, for `apply_document_consistency`.
    """
    lowered = [_lowered(text) for text in texts]
    counts = np.diff(words.edges)
    firsts = np.repeat(np.cumsum([0, *map(len, lowered)])[:-1], counts)
    forms = form_hashes("".join(lowered), firsts + words.starts, firsts + words.ends)
    text_numbers = np.repeat(np.arange(len(texts), dtype=np.uint64), counts)
    of_texts = (forms.view(np.uint64) + text_numbers * _MULTIPLIER) >> np.uint64(1)
    return np.where(forms < 0, forms, of_texts.view(np.int64))


def _lowered(text: str) -> str:
    """The text in lower case, every character in its place."""
    low = text.lower()
    if len(low) == len(text):
        return low
    return "".join(c if len(low := c.lower()) > 1 else low for c in text)
