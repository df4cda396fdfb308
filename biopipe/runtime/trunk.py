"""Hidden states of one model's encoder for another model: a text is encoded once for both.

The states travel with the document (`Document.shared`, by the sha256 of the graph that made them); where
a document carries none, they are made here.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from biopipe.document import Document
from biopipe.errors import ModelError
from biopipe.runtime.encoder import TokenEncoder, TokenFeatures
from biopipe.runtime.manifest import Manifest
from biopipe.runtime.opened import open_model
from biopipe.runtime.tokenizer import Tokenizer, Tokens
from biopipe.text.typography import as_typed

__all__ = ["EncodedText", "FeatureMaker", "Trunk", "graph_sha256", "shared_tokens"]

FeatureMaker = Callable[[Sequence[str], Sequence[Tokens]], TokenFeatures | None]
"""Gives a graph's further inputs for texts and their tokens."""


class EncodedText(NamedTuple):
    """The tokens of a text and their hidden states, float32 (tokens, width)."""

    tokens: Tokens
    states: NDArray[np.float32]


def graph_sha256(manifest: Manifest) -> str:
    """What the states of a model's graph are known by."""
    return str(manifest.files["model.onnx"]["sha256"])


def shared_tokens(documents: Sequence[Document], tokenizer: Tokenizer) -> list[Tokens]:
    """The tokens of each text: those that the document carries of the same tokenizer, else made
    now.
    """
    carried: list[Tokens | None] = [document.shared.get(tokenizer.sha256) for document in documents]
    missing = [number for number, tokens in enumerate(carried) if tokens is None]
    made = iter(tokenizer.encode([documents[number].text for number in missing]))
    return [next(made) if tokens is None else tokens for tokens in carried]


class Trunk:
    """The encoder of the model `name`, read by a model that was trained on its hidden states.

    `sha256` is that of the graph it was trained on; the states of another would mean nothing to it.
    `features` gives what tells the graph of a manifest its further inputs, as the tagger that shares
    its states does; without it they are 0. `device` and `threads` are those of the model that reads.
    """

    def __init__(
        self,
        name: str | Path,
        *,
        sha256: str | None = None,
        features: Callable[[Manifest], FeatureMaker | None] | None = None,
        device: str = "cpu",
        threads: int | None = None,
    ) -> None:
        directory, manifest = open_model(name, task="token-classification")
        if "states_layer" not in manifest.settings:
            raise ModelError(
                f"The model {directory} gives no hidden states; export it again with "
                "--states-layer."
            )
        self.graph = graph_sha256(manifest)
        if sha256 is not None and self.graph != sha256:
            raise ModelError(
                f"The model {directory} is not the one whose hidden states were trained on (its "
                f"graph has sha256 {self.graph[:12]}, not {sha256[:12]}); restore that one, or "
                "train and export again."
            )
        self.path = directory
        self.manifest = manifest
        self._features = None if features is None else features(manifest)
        self._encoder = TokenEncoder(directory, manifest, device=device, threads=threads)

    @property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer whose tokens the states belong to."""
        return self._encoder.tokenizer

    @property
    def about(self) -> Mapping[str, Any]:
        """What a model that reads it has to remember."""
        return {"model": self.manifest.name, "sha256": self.graph}

    def read(self, documents: Sequence[Document]) -> list[EncodedText]:
        """The encoded text of each document, made now where the document does not carry it."""
        carried: list[EncodedText | None] = [
            document.shared.get(self.graph) for document in documents
        ]
        missing = [number for number, each in enumerate(carried) if each is None]
        # As the tagger that shares its states reads them.
        texts = [as_typed(documents[n].text) for n in missing]
        tokens = self._encoder.tokenize(texts)
        features = None if self._features is None else self._features(texts, tokens)
        windows = self._encoder.windows(tokens)
        states = [
            rows for (rows,) in self._encoder.encode_all(tokens, windows, ["states"], features)
        ]
        made = dict(zip(missing, map(EncodedText, tokens, states), strict=True))
        return [made[n] if each is None else each for n, each in enumerate(carried)]
