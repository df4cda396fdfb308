"""The checkpoint of a model directory: what export wrote, back as something that can be trained on.

A shipped model holds int8 weights. Each is within half a step of the weight that was trained, so
training goes on from it as from the checkpoint itself; the first steps make good what rounding
lost.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    BertForTokenClassification,
    BertModel,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from biopipe.errors import ModelError
from biopipe.runtime.manifest import Manifest, load_manifest
from biopipe.train.common.graph_weights import attention_heads, graph_weights
from biopipe.train.linking.biencoder import BIENCODER_SETTINGS

__all__ = ["restore", "restored"]

# Of a tagger that is told the names of knowledge bases.
_NAMES_LAYER = "names_layer.weight"
_NETWORKS: Mapping[str, Callable[[BertConfig], PreTrainedModel]] = {
    "token-classification": BertForTokenClassification,
    "cross-encoder": BertForSequenceClassification,
    "bi-encoder": partial(BertModel, add_pooling_layer=False),
}


def restored(base: str, scratch: Path, *, task: str, or_task: str = "") -> str:
    """`base` to train on: a model directory of `task` (or `or_task`) becomes a checkpoint in
    `scratch`, anything else stays; one of an encoder is a checkpoint itself.
    """
    if not (Path(base) / "manifest.json").is_file():
        return base
    own = load_manifest(Path(base)).task
    if own == "encoder":
        return base
    load_manifest(Path(base), task=or_task if own == or_task else task)
    return str(restore(Path(base), scratch))


def restore(model: Path, output: Path) -> Path:
    """Write the tagger, reranker or bi-encoder of a model directory as a Hugging Face checkpoint of
    BERT, and return `output`.

    ModelError where the directory holds another task, or a graph that is not BERT's.
    """
    manifest = load_manifest(model)
    if manifest.task not in _NETWORKS:
        raise ModelError(
            f"The model {model} does {manifest.task}; only models of {', '.join(_NETWORKS)} can "
            "be trained on."
        )
    # What the traced module called the encoder of names is the whole network of its checkpoint.
    inside = "encoder." if manifest.task == "bi-encoder" else "model."
    weights = {
        name.removeprefix(inside): each for name, each in graph_weights(model / "model.onnx")
    }
    output.mkdir(parents=True, exist_ok=True)
    try:
        network = _NETWORKS[manifest.task](
            _config(weights, manifest, attention_heads(model / "model.onnx"))
        )
        # Before loading, which is strict: the class itself has no such layer.
        if _NAMES_LAYER in weights:
            width, features = weights[_NAMES_LAYER].shape
            network.names_layer = torch.nn.Linear(features, width, bias=False)
        network.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    except (KeyError, RuntimeError) as error:
        raise ModelError(
            f"The graph of {model} is not that of BERT with all of its layers; "
            "train from its Hugging Face checkpoint."
        ) from error
    network.save_pretrained(output)
    if manifest.pooling:
        settings = json.dumps({"pooling": manifest.pooling})
        (output / BIENCODER_SETTINGS).write_text(settings, encoding="utf-8")
    _tokenizer(model, manifest).save_pretrained(output)
    return output


def _tokenizer(model: Path, manifest: Manifest) -> PreTrainedTokenizerFast:
    tokenizer: PreTrainedTokenizerFast = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_file=str(model / "tokenizer.json"),
        unk_token="[UNK]",
        sep_token="[SEP]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        mask_token="[MASK]",
    )
    if manifest.task == "token-classification":
        # Windows that it was trained on: the positions behind them it has not learned.
        tokenizer.model_max_length = manifest.max_length
    return tokenizer


def _config(
    weights: Mapping[str, NDArray[np.float32]], manifest: Manifest, heads: int
) -> BertConfig:
    bert = {name.removeprefix("bert."): each for name, each in weights.items()}
    words, width = bert["embeddings.word_embeddings.weight"].shape
    layers = {int(n) for name in bert for n in re.findall(r"^encoder\.layer\.(\d+)\.", name)}
    # A reranker has one output without a name.
    tags = list(manifest.settings.get("tags", ("LABEL_0",)))
    config = BertConfig(
        vocab_size=words,
        hidden_size=width,
        num_hidden_layers=len(layers),
        num_attention_heads=heads,
        intermediate_size=len(bert["encoder.layer.0.intermediate.dense.bias"]),
        max_position_embeddings=len(bert["embeddings.position_embeddings.weight"]),
        type_vocab_size=len(bert["embeddings.token_type_embeddings.weight"]),
        id2label=dict(enumerate(tags)),
        label2id={tag: index for index, tag in enumerate(tags)},
    )
    config.guidelines = dict(manifest.settings.get("guidelines", {}))
    if names := manifest.settings.get("names"):
        config.names_labels = list(names)
    return config
