"""Names to vectors with a SapBERT-style bi-encoder."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biopipe.document.unicode import check_text
from biopipe.kb.base import KnowledgeBase
from biopipe.runtime.opened import open_model
from biopipe.runtime.session import Session
from biopipe.runtime.tokenizer import Tokenizer

__all__ = ["DEFAULT_BIENCODER", "BiEncoder", "find_encoder"]

DEFAULT_BIENCODER = "biopipe-biencoder-minilm"


class BiEncoder:
    """Unit vectors of names, float32 (names, `dimension`); tokens beyond the model's length are
    left out.

    The model is opened on first use, so an encoder can be pickled and passed to other processes.
    """

    def __init__(
        self,
        model: str | Path = DEFAULT_BIENCODER,
        *,
        device: str = "cpu",
        threads: int | None = None,
    ) -> None:
        self._opened = open_model(model, task="bi-encoder")
        self.model_path, self.manifest = self._opened
        self.device, self.threads = device, threads

    def __getstate__(self) -> dict[str, Any]:
        return {
            key: value
            for key, value in self.__dict__.items()
            if key not in {"_tokenizer", "_session"}
        }

    @property
    def name(self) -> str:
        """Name in the manifest."""
        return self.manifest.name

    @property
    def hash(self) -> str:
        """sha256 over the model's files and settings."""
        return self.manifest.hash

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self.manifest.settings["dimension"])

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return self._opened.tokenizer()

    @cached_property
    def _session(self) -> Session:
        return self._opened.session(device=self.device, threads=self.threads)

    def encode(self, names: Sequence[str], *, batch: int = 32) -> NDArray[np.float32]:
        """One unit vector a name in their order, (names, dimension) float32; a text with lone
        surrogates is an InputError.

        Names of one length go through the graph together, up to `batch`. The int8 graph has one
        activation scale a run, so vectors depend a little on their company: 1 where the same name
        must always give the same vector.
        """
        for name in names:
            check_text(name)
        vectors = np.zeros((len(names), self.dimension), np.float32)
        rows = self._rows(names)
        batches = _of_one_length(rows, batch)
        feeds = [_feed([rows[index] for index in indices]) for indices in batches]
        for indices, outputs in zip(batches, self._session.run(feeds), strict=True):
            vectors[indices] = outputs[0]
        return vectors

    def _rows(self, names: Sequence[str]) -> list[list[int]]:
        prefix, suffix = self._tokenizer.prefix, self._tokenizer.suffix
        room = self.manifest.max_length - len(prefix) - len(suffix)
        return [[*prefix, *t.ids[:room].tolist(), *suffix] for t in self._tokenizer.encode(names)]


def find_encoder(
    kb: KnowledgeBase,
    encoder: str | Path | None,
    *,
    device: str = "cpu",
    threads: int | None = None,
) -> BiEncoder | None:
    """The encoder of a base's vectors: by the name its manifest has ("auto"), or as told; None for
    no vectors.
    """
    if encoder is None or kb.encoder is None:
        return None
    return BiEncoder(
        kb.encoder[0] if encoder == "auto" else encoder, device=device, threads=threads
    )


def _of_one_length(rows: Sequence[Sequence[int]], size: int) -> list[list[int]]:
    by_length: dict[int, list[int]] = {}
    for index, row in enumerate(rows):
        by_length.setdefault(len(row), []).append(index)
    return [
        indices[start : start + size]
        for _, indices in sorted(by_length.items())
        for start in range(0, len(indices), size)
    ]


def _feed(rows: Sequence[Sequence[int]]) -> dict[str, NDArray[np.int64]]:
    ids = np.array(rows, dtype=np.int64)
    return {"input_ids": ids, "attention_mask": np.ones_like(ids)}
