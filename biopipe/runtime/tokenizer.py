"""Wordpiece tokenization with character offsets, without truncation."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer as FastTokenizer

from biopipe.errors import ModelError
from biopipe.io.file_hash import file_sha256
from biopipe.runtime.chunks import TokenArrays, empty_chunk_table, encode_chunks

__all__ = ["Tokenizer", "Tokens"]

_ACCENTS = re.compile(
    "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe00-\ufe0f\ufe20-\ufe2f]+"
)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one text without special tokens.

    ids: int64 (n,); offsets: int64 (n, 2) code points of the text; words: int64 (n,) index of the
    word of each token.
    """

    ids: NDArray[np.int64]
    offsets: NDArray[np.int64]
    words: NDArray[np.int64]


class Tokenizer:
    """The `tokenizer.json` of a model directory; truncation and padding stored in it are switched
    off. `sha256` is that of the file, where a manifest says it; ModelError where it has another.
    """

    def __init__(self, path: Path, *, sha256: str | None = None) -> None:
        try:
            self._tokenizer = _read_tokenizer(_TokenizerFile(file_sha256(path), path))
            if sha256 not in (None, file_sha256(path)):
                raise ValueError("it is another one than its manifest names")
        except Exception as error:  # the tokenizers package raises bare Exception
            raise ModelError(
                f"Cannot read the tokenizer {path} ({error}); restore the model directory."
            ) from error
        self.path = path
        self.prefix, self.suffix = self._special_tokens()
        self._bert_words = self._splits_like_bert()
        added = self._tokenizer.get_added_tokens_decoder().values()
        self._added_tokens = tuple(token.content for token in added)
        self._chunks_alone = self._bert_words and self._reads_chunks_alone()
        self._chunk_table = empty_chunk_table()
        pad = self._tokenizer.token_to_id("[PAD]")
        self.pad_id: int = pad if pad is not None else (self._tokenizer.token_to_id("<pad>") or 0)

    @cached_property
    def sha256(self) -> str:
        """Hash of the file: tokens of one tokenizer serve all models with the same one."""
        return file_sha256(self.path)

    @cached_property
    def full_stops(self) -> tuple[int, ...]:
        """Ids of the pieces that end a sentence."""
        return tuple(
            id_ for mark in ".!?" if (id_ := self._tokenizer.token_to_id(mark)) is not None
        )

    def _special_tokens(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        with_special = self._tokenizer.encode("a").ids
        plain = self._tokenizer.encode("a", add_special_tokens=False).ids
        for start in range(len(with_special) - len(plain) + 1):
            if with_special[start : start + len(plain)] == plain:
                return tuple(with_special[:start]), tuple(with_special[start + len(plain) :])
        return (), ()

    def _splits_like_bert(self) -> bool:
        """Whether pieces hold no spaces, and words are runs of letters and digits and each other
        sign.
        """
        text = "a1, (b"
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        words = dict.fromkeys(word for word in encoding.word_ids if word is not None)
        spans = [encoding.word_to_chars(word) or (0, 0) for word in words]
        return [text[start:end] for start, end in spans] == ["a1", ",", "(", "b"]

    def _reads_chunks_alone(self) -> bool:
        """Whether what stands between spaces and signs is tokenized alike alone and in a text."""
        parts = json.loads(self._tokenizer.to_str())
        return (
            all(token.startswith("[") for token in self._added_tokens)
            and (parts["pre_tokenizer"] or {}).get("type") == "BertPreTokenizer"
            and (parts["normalizer"] or {}).get("type") == "BertNormalizer"
        )

    def encode(self, texts: Sequence[str]) -> list[Tokens]:
        """Tokenize whole texts, without special tokens and without truncation."""
        if not self._chunks_alone:
            return self._encode(texts)
        whole = [number for number, text in enumerate(texts) if self._reaches_over_chunks(text)]
        tokens = dict(zip(whole, self._encode([texts[number] for number in whole]), strict=True))
        others = [number for number in range(len(texts)) if number not in tokens]
        arrays, self._chunk_table = encode_chunks(
            [texts[number] for number in others], self._chunk_table, self._encode_together
        )
        for number, (start, end) in zip(others, pairwise(arrays.edges.tolist()), strict=True):
            tokens[number] = Tokens(
                arrays.ids[start:end], arrays.offsets[start:end], arrays.words[start:end]
            )
        return [tokens[number] for number in range(len(texts))]

    def _reaches_over_chunks(self, text: str) -> bool:
        """Whether a text holds special tokens, or accents that may belong to a sign before them."""
        if "[" in text and any(token in text for token in self._added_tokens):
            return True
        return not text.isascii() and _ACCENTS.search(text) is not None

    def _encode_together(self, texts: Sequence[str]) -> TokenArrays:
        """The tokens of chunks, which hold no spaces and no accents apart from their letters. They
        are read as one text: what comes back of each apart takes as long as to make it.
        """
        encoding = self._tokenizer.encode(" ".join(texts), add_special_tokens=False)
        ids = np.array(encoding.ids, dtype=np.int64)
        offsets = np.array(encoding.offsets, dtype=np.int64).reshape(-1, 2)
        words = np.array([-1 if w is None else w for w in encoding.word_ids], dtype=np.int64)
        sizes = np.array(list(map(len, texts)), dtype=np.int64)
        begins = np.cumsum(sizes + 1) - sizes - 1
        edges = np.append(offsets[:, 0].searchsorted(begins), len(ids))
        counts = np.diff(edges)
        offsets -= np.repeat(begins, counts)[:, None]
        firsts = words.take(edges[:-1], mode="clip") if len(words) else edges[:-1]
        return TokenArrays(ids, offsets, words - np.repeat(firsts, counts), edges)

    def _encode(self, texts: Sequence[str]) -> list[Tokens]:
        encodings = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        read = [
            Tokens(
                ids=np.asarray(encoding.ids, dtype=np.int64),
                offsets=np.asarray(encoding.offsets, dtype=np.int64).reshape(-1, 2),
                words=np.asarray(
                    [-1 if w is None else w for w in encoding.word_ids], dtype=np.int64
                ),
            )
            for encoding in encodings
        ]
        tokens = [
            text_tokens if text.isascii() else _with_accents(text, text_tokens)
            for text, text_tokens in zip(texts, read, strict=True)
        ]
        if self._bert_words:
            return tokens
        return [
            _as_bert_words(text, text_tokens)
            for text, text_tokens in zip(texts, tokens, strict=True)
        ]

    def encode_words(self, texts: Sequence[Sequence[str]]) -> list[Tokens]:
        """Tokenize texts that are split into words already; offsets count from the start of each
        word.
        """
        encodings = self._tokenizer.encode_batch(
            [list(words) for words in texts], is_pretokenized=True, add_special_tokens=False
        )
        return [
            Tokens(
                ids=np.asarray(encoding.ids, dtype=np.int64),
                offsets=np.asarray(encoding.offsets, dtype=np.int64).reshape(-1, 2),
                words=np.asarray(encoding.word_ids, dtype=np.int64),
            )
            for encoding in encodings
        ]


@dataclass(frozen=True, slots=True)
class _TokenizerFile:
    """Files of one content are equal, wherever they lie."""

    sha256: str
    path: Path = field(compare=False)


@lru_cache(maxsize=8)
def _read_tokenizer(file: _TokenizerFile) -> FastTokenizer:
    """The tokenizer of a file: models of one encoder have the same, which takes 9 MB.

    It is never changed again, for other threads may be using it.
    """
    tokenizer = FastTokenizer.from_file(str(file.path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _with_accents(text: str, tokens: Tokens) -> Tokens:
    """With offsets that take in the combining accents after a letter: tokenizers that drop accents
    end before them.
    """
    offsets = tokens.offsets
    for accents in _ACCENTS.finditer(text):
        if accents.start() not in offsets[:, 0]:
            offsets[offsets[:, 1] == accents.start(), 1] = accents.end()
    return tokens


def _as_bert_words(text: str, tokens: Tokens) -> Tokens:
    """With offsets that leave spaces out, and words as BERT's: runs of letters and digits, and each
    other sign.

    Pieces of byte-level BPE and SentencePiece begin with the space before them, and their words are
    what spaces separate, or letters apart from digits.
    """
    offsets = _bare(text, tokens.offsets)
    words, word = [], -1
    first, last = -1, -1
    for start, end in offsets.tolist():
        alike = first == last or (text[start - 1 : start] + text[start : start + 1]).isalnum()
        word += not (start < last or (start == last and alike))
        words.append(word)
        first, last = start, end
    return Tokens(tokens.ids, offsets, np.array(words, dtype=np.int64))


def _bare(text: str, offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Offsets without the spaces at either end; a piece of spaces alone stands empty where the next
    one begins.
    """
    bare = []
    following = len(text.rstrip())
    for start, end in reversed(offsets.tolist()):
        piece = text[start:end]
        if kept := piece.strip():
            following = start + len(piece) - len(piece.lstrip())
        bare.append((following, following + len(kept)))
    return np.array(bare[::-1], dtype=np.int64).reshape(-1, 2)
