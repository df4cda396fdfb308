"""The words of a batch of texts in one table: where they begin among the pieces, and where they stand
in their text.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biopipe.ner.agreement import FormNumbers
from biopipe.runtime.tokenizer import Tokens

__all__ = ["WordTable", "forms_by_text", "word_table"]


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
    numbers = FormNumbers()
    forms: list[int] = []
    starts, ends = words.starts.tolist(), words.ends.tolist()
    for number, text in enumerate(texts):
        spans = slice(words.edges[number], words.edges[number + 1])
        pairs = zip(starts[spans], ends[spans], strict=True)
        if text.isascii():
            text = text.lower()
            forms += [numbers[text[start:end]] for start, end in pairs]
        else:
            # In lower case other texts may be longer or shorter.
            forms += [numbers[text[start:end].lower()] for start, end in pairs]
    by_form = np.array(forms, dtype=np.int64)
    text_numbers = np.repeat(np.arange(len(texts)), np.diff(words.edges))
    return np.where(by_form < 0, by_form, text_numbers * len(numbers) + by_form)
