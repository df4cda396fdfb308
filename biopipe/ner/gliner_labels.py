"""Vectors of labels, by the second encoder of a GLiNER bi-encoder."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from biopipe.document.unicode import check_text
from biopipe.errors import ConfigError
from biopipe.runtime.encoder import Window, collate
from biopipe.runtime.manifest import Manifest, file_sha256_of
from biopipe.runtime.session import Session
from biopipe.runtime.tokenizer import Tokenizer

__all__ = ["GRAPH", "TOKENIZER", "label_feeds", "label_vectors"]

GRAPH = "labels.onnx"
TOKENIZER = "labels_tokenizer.json"


def label_vectors(
    directory: Path, manifest: Manifest, labels: Sequence[str], *, device: str = "cpu"
) -> NDArray[np.float32]:
    """Vectors (labels, width), in order."""
    tokenizer = Tokenizer(
        directory / TOKENIZER, sha256=file_sha256_of(directory, manifest, TOKENIZER)
    )
    feeds = label_feeds(labels, tokenizer, most=int(manifest.settings["label_max_length"]))
    sha256 = file_sha256_of(directory, manifest, GRAPH)
    outputs = Session(directory / GRAPH, device=device, sha256=sha256).run(feeds)
    return np.concatenate([vectors for (vectors,) in outputs])


def label_feeds(
    labels: Sequence[str], tokenizer: Tokenizer, *, most: int
) -> list[dict[str, NDArray[np.int64]]]:
    """One feed a label, of at most `most` tokens with special ones.

    `input_ids` and `attention_mask` are (1, tokens) int64. ConfigError for a label that is longer.
    """
    for label in labels:
        check_text(label)
    tokens = tokenizer.encode(labels)
    room = most - len(tokenizer.prefix) - len(tokenizer.suffix)
    feeds = []
    for number, (label, pieces) in enumerate(zip(labels, tokens, strict=True)):
        size = len(pieces.ids)
        if size > room:
            raise ConfigError(
                f"The label '{label[:40]}' has {size} pieces; give one of at most {room}."
            )
        ids, mask = collate([Window(number, 0, size, 0, size)], tokens, tokenizer)
        feeds.append({"input_ids": ids, "attention_mask": mask})
    return feeds
