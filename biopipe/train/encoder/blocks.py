"""Blocks of tokens: texts tokenised once, one after the other, and cut to equal lengths.

The blocks lie in a folder of their own or in that of a run: `blocks.npy`, the `tokenizer.json`
that made them, and `blocks.json`, which says its sha256. They are memory-mapped, so that runs
beside each other share them.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer as FastTokenizer

from biopipe.errors import ConfigError
from biopipe.io.atomic import atomic_file, write_json_file
from biopipe.io.file_hash import file_sha256
from biopipe.train.encoder.vocabulary import CONTINUES

__all__ = ["HELD_OUT", "TokenBlocks", "has_blocks", "open_blocks", "write_blocks"]

HELD_OUT = 256  # blocks that nothing is learned from, for measures
TEXTS_AT_ONCE = 256
EDGES = 2  # [CLS] and [SEP] of a block
SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
FORMAT = "biopipe-blocks-1"
# Written last: what stands in the folder and how it was made.
_ABOUT = "blocks.json"


@dataclass(frozen=True, slots=True)
class TokenBlocks:
    """Blocks of tokens and what their vocabulary says of the tokens.

    `blocks`: (blocks, length) int32, the ids of [CLS], tokens, [SEP]; a text ends with [SEP], and
    the next one follows in the same block. `continues`: (pieces,) bool, whether a piece goes on
    with a word. `special`: ids of special tokens, `mask` among them.
    """

    blocks: NDArray[np.int32]
    continues: NDArray[np.bool_]
    special: frozenset[int]
    mask: int

    @property
    def held_out(self) -> NDArray[np.int32]:
        """The blocks for measures, (HELD_OUT, length) int32."""
        return self.blocks[:HELD_OUT]

    @property
    def learned(self) -> NDArray[np.int32]:
        """The blocks to learn from, (blocks - HELD_OUT, length) int32."""
        return self.blocks[HELD_OUT:]


def has_blocks(folder: Path) -> bool:
    """Whether texts have been cut into the folder, to the end."""
    return (folder / _ABOUT).is_file()


def write_blocks(
    texts: Iterable[str], folder: Path, *, length: int, log: Callable[[str], None]
) -> None:
    """Write blocks of all `texts`, in random order, with the `tokenizer.json` of `folder`.

    `length` counts tokens with [CLS] and [SEP]; tokens that do not fill the last block are left
    out.
    """
    path = folder / "tokenizer.json"
    tokenizer = FastTokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    ids = tokenizer.get_vocab()
    first, last = ids["[CLS]"], ids["[SEP]"]
    inner = length - EDGES
    # Begins with nothing, since no arrays at all cannot be joined.
    stream = np.concatenate([np.zeros(0, np.int32), *_token_arrays(texts, tokenizer, last)])
    body = stream[: len(stream) // inner * inner].reshape(-1, inner)
    blocks = np.empty((len(body), length), dtype=np.int32)
    blocks[:, 0], blocks[:, -1] = first, last
    # Neighbours in a batch would otherwise be of one document.
    blocks[:, 1:-1] = np.random.default_rng(0).permutation(body)
    # As an open file: to a path without .npy, as a temporary one is, numpy adds it.
    with atomic_file(folder / "blocks.npy") as temporary, temporary.open("wb") as file:
        np.save(file, blocks)
    # Written last: where it is there, the blocks are whole.
    about = {"format": FORMAT, "tokenizer_sha256": file_sha256(path), "tokens": len(stream)}
    write_json_file(folder / _ABOUT, about)
    log(f"{len(stream):,} tokens in {len(blocks):,} blocks of {length}")


def open_blocks(folder: Path, *, length: int) -> TokenBlocks:
    """The blocks of a folder, memory-mapped.

    ConfigError where they are of another length or were made with another tokenizer than lies
    beside them.
    """
    path = folder / "tokenizer.json"
    about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
    if about.get("tokenizer_sha256") != file_sha256(path):
        raise ConfigError(
            f"The blocks in {folder} were made with another tokenizer than {path}; remove "
            "blocks.npy and blocks.json to have them made again."
        )
    blocks = np.load(folder / "blocks.npy", mmap_mode="r")
    if blocks.shape[1] != length:
        raise ConfigError(
            f"The blocks in {folder} have {blocks.shape[1]} tokens, {length} are asked for; give "
            "another folder for blocks."
        )
    ids = FastTokenizer.from_file(str(path)).get_vocab()
    continues = np.zeros(max(ids.values()) + 1, dtype=bool)
    continues[[row for piece, row in ids.items() if piece.startswith(CONTINUES)]] = True
    special = frozenset(ids[name] for name in SPECIAL_TOKENS)
    return TokenBlocks(blocks, continues, special, ids["[MASK]"])


def _token_arrays(
    texts: Iterable[str], tokenizer: FastTokenizer, separator: int
) -> Iterator[NDArray[np.int32]]:
    """The ids of each text and a separator, (tokens + 1,) int32."""
    texts = iter(texts)
    while batch := list(islice(texts, TEXTS_AT_ONCE)):
        for encoding in tokenizer.encode_batch_fast(batch, add_special_tokens=False):
            yield np.array([*encoding.ids, separator], dtype=np.int32)
