"""The words of a text as GLiNER reads them, each with its pieces, and the windows that cover a text
of any length.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biopipe.document.unicode import check_text
from biopipe.errors import ModelError
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.text.windows import owned_ranges

__all__ = ["WordWindow", "Words", "read_words", "split_words", "word_windows"]

# GLiNER's splitter "whitespace": runs of letters and digits, joined by hyphens and underscores, and
# each other sign.
_WORD = re.compile(r"\w+(?:[-_]\w+)*|\S")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one text.

    offsets: int64 (n, 2) code points; ids: int64 (pieces,); starts: int64 (n + 1,) where each
    word's pieces begin in `ids`. A word may have no pieces.
    """

    offsets: NDArray[np.int64]
    ids: NDArray[np.int64]
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets)


@dataclass(frozen=True, slots=True)
class WordWindow:
    """Words `[start, end)` of text number `text`; spans that begin in `[own_start, own_end)`
    count.
    """

    text: int
    start: int
    end: int
    own_start: int
    own_end: int


def split_words(text: str) -> list[tuple[int, int]]:
    """Code point spans of the words of a text."""
    return [match.span() for match in _WORD.finditer(text)]


def read_words(texts: Sequence[str], tokenizer: Tokenizer) -> list[Words]:
    """The words of each text with their pieces."""
    for text in texts:
        check_text(text)
    spans = [split_words(text) for text in texts]
    words = [
        [text[start:end] for start, end in each] for text, each in zip(texts, spans, strict=True)
    ]
    return [
        Words(
            np.array(each, dtype=np.int64).reshape(-1, 2),
            tokens.ids,
            np.searchsorted(tokens.words, np.arange(len(each) + 1)),
        )
        for each, tokens in zip(spans, tokenizer.encode_words(words), strict=True)
    ]


def word_windows(
    text: int, words: Words, *, most_words: int, room: int, width: int
) -> list[WordWindow]:
    """Windows of at most `most_words` words and `room` pieces; neighbours share four times `width`
    words.

    Every span of up to `width` words lies whole in the window that owns its first word: overlaps
    are split in the middle. The last window is moved back to be full. `words` must come from
    `fitted` with the same room, so that windows can always go on. ModelError where windows of so
    many words would be overlap alone.
    """
    if not len(words):
        return []
    overlap = overlap_of(width)
    if most_words <= overlap:
        raise ModelError(
            f"Windows of {most_words} words are too short for spans of {width} words; the model "
            "needs windows of at "
            f"least {overlap + 1}."
        )
    spans, start, end = [], 0, 0
    while end < len(words):
        last = int(np.searchsorted(words.starts, words.starts[start] + room, side="right")) - 1
        end = min(start + most_words, last, len(words))
        spans.append((start, end))
        start = end - overlap
    first = int(np.searchsorted(words.starts, words.starts[end] - room))
    spans[-1] = (min(spans[-1][0], max(first, end - most_words, 0)), end)
    owned = owned_ranges(spans)
    return [WordWindow(text, *span, *own) for span, own in zip(spans, owned, strict=True)]


def overlap_of(width: int) -> int:
    """Words that neighbouring windows share."""
    return 4 * width


def fitted(words: Words, *, room: int, width: int) -> Words:
    """The words with pieces left out where a window's overlap would not fit into `room` pieces.

    That is so where dozens of words have dozens of pieces each, as sequences of residues do: each
    word then keeps its first pieces and stands whole in the result. ModelError where not even the
    overlap has room.
    """
    needed = overlap_of(width) + 1
    count = min(needed, len(words))
    longest = int((words.starts[count:] - words.starts[: len(words.starts) - count]).max(initial=0))
    if longest <= room:
        return words
    most = room // needed
    if most < 1:
        raise ModelError(
            f"The prompt leaves room for {room} pieces of text and spans of {width} words need "
            f"{needed}; give fewer or "
            "shorter labels."
        )
    sizes = np.diff(words.starts)
    place = np.arange(len(words.ids)) - np.repeat(words.starts[:-1], sizes)
    starts = np.concatenate([[0], np.cumsum(np.minimum(sizes, most))])
    return Words(words.offsets, words.ids[place < most], starts)
