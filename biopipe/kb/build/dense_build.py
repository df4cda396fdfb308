"""Vectors of names, encoded and stored as bytes.

Equal texts are encoded once. A homonym, one name of several concepts, is encoded with what tells
them apart: "name (preferred name)", after BELHD (Garda and Leser 2024).
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.ann_build import build_ann
from biopipe.kb.build.array_build import ArrayWriter
from biopipe.kb.dense import ANN_FILE, CODES_FILE, SCALES_FILE

__all__ = ["EXACT_UP_TO", "NameEncoder", "build_dense", "homonym_text"]

EXACT_UP_TO = 500_000
"""Up to so many vectors are compared one by one in a search, more get an approximate index."""

# The largest int8; -128 is left out, so that codes are symmetric.
_LARGEST_CODE = 127
# Keeps the division of a vector of zeros finite.
_LEAST_LENGTH = 1e-12

_Floats = npt.NDArray[np.float32]


class NameEncoder(Protocol):
    """Turns names into unit vectors; vectors of encoders with different hashes are never
    compared.
    """

    @property
    def name(self) -> str: ...

    @property
    def hash(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def encode(self, names: Sequence[str]) -> _Floats:
        """Rows of length 1, (len(names), dimension)."""


def homonym_text(name: str, preferred: str, types: Sequence[str], *, same: bool) -> str:
    """What is encoded for a homonym; `same`: the name is its concept's preferred name, so its first
    type is told.
    """
    told = (types[0] if types else "") if same else preferred
    return f"{name} ({told})" if told else name


def build_dense(
    directory: Path,
    blocks: Iterable[list[str]],
    texts: int,
    encoder: NameEncoder,
    progress: Callable[[int], None],
    *,
    exact_up_to: int = EXACT_UP_TO,
) -> str:
    """Write the vectors of `texts` texts to `directory` and say how; `progress` gets the number of
    texts done.

    Up to `exact_up_to` vectors are compared one by one when they are searched, more get an
    approximate index.
    """
    _write_vectors(directory, blocks, texts, encoder, progress)
    if texts <= exact_up_to:
        return "int8, compared exactly"
    kind = build_ann(directory / ANN_FILE, directory / CODES_FILE, directory / SCALES_FILE)
    # The index holds its own codes; these were only what it was made from.
    for name in (CODES_FILE, SCALES_FILE):
        (directory / name).unlink()
    return kind


def _write_vectors(
    directory: Path,
    blocks: Iterable[list[str]],
    texts: int,
    encoder: NameEncoder,
    progress: Callable[[int], None],
) -> None:
    done = 0
    with (
        ArrayWriter(directory / CODES_FILE, np.int8, (texts, encoder.dimension)) as codes,
        ArrayWriter(directory / SCALES_FILE, np.float32, (texts,)) as scales,
    ):
        for block in blocks:
            vectors = np.asarray(encoder.encode(block), np.float32)
            if vectors.shape != (len(block), encoder.dimension) or not np.isfinite(vectors).all():
                raise KnowledgeBaseError(
                    f"The encoder {encoder.name} gave an array {vectors.shape} for {len(block)} "
                    "names, or numbers that are not finite; it should give "
                    f"({len(block)}, {encoder.dimension}) finite numbers."
                )
            rows, lengths = _quantised(vectors)
            codes.append(rows)
            scales.append(lengths)
            done += len(block)
            progress(done)


def _quantised(vectors: _Floats) -> tuple[npt.NDArray[np.int8], _Floats]:
    """Bytes, and what to multiply their dot product with a unit vector by to have a cosine."""
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    # A scale for each vector, by its largest number: short numbers keep all 7 bits.
    codes = np.rint(vectors * (_LARGEST_CODE / np.maximum(largest, _LEAST_LENGTH))).astype(np.int8)
    # Of the codes, not of the vectors: so rounding does not change a cosine of 1.
    lengths = np.sqrt(np.square(codes, dtype=np.float32).sum(axis=1))
    return codes, 1 / np.maximum(lengths, 1).astype(np.float32)
