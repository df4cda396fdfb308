"""The checkpoint of a model directory: what export wrote, back as something that can be trained on.

A shipped model holds int8 weights. Each is within half a step of the weight that was trained, so
training goes on from it as from the checkpoint itself; the first steps make good what rounding
lost.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    BertForTokenClassification,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from biopipe.errors import ModelError
from biopipe.runtime.manifest import Manifest, load_manifest

__all__ = ["attention_heads", "graph_weights", "restore", "restored"]

# Of a tagger that is told the names of knowledge bases.
_NAMES_LAYER = "names_layer.weight"
_NETWORKS: Mapping[str, type[PreTrainedModel]] = {
    "token-classification": BertForTokenClassification,
    "cross-encoder": BertForSequenceClassification,
}


def restored(base: str, scratch: Path, *, task: str) -> str:
    """`base` to train on: a model directory of `task` becomes a checkpoint in `scratch`, anything
    else stays; one of an encoder is a checkpoint itself.
    """
    if not (Path(base) / "manifest.json").is_file():
        return base
    if load_manifest(Path(base)).task == "encoder":
        return base
    load_manifest(Path(base), task=task)
    return str(restore(Path(base), scratch))


def restore(model: Path, output: Path) -> Path:
    """Write the tagger or reranker of a model directory as a Hugging Face checkpoint of BERT, and
    return `output`.

    ModelError where the directory holds another task, or a graph that is not BERT's.
    """
    manifest = load_manifest(model)
    if manifest.task not in _NETWORKS:
        raise ModelError(
            f"The model {model} does {manifest.task}; only {' and '.join(_NETWORKS)} can be "
            "trained on."
        )
    weights = {
        name.removeprefix("model."): each for name, each in graph_weights(model / "model.onnx")
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
    words, width = weights["bert.embeddings.word_embeddings.weight"].shape
    layers = {
        int(n) for name in weights for n in re.findall(r"^bert\.encoder\.layer\.(\d+)\.", name)
    }
    # A reranker has one output without a name.
    tags = list(manifest.settings.get("tags", ("LABEL_0",)))
    config = BertConfig(
        vocab_size=words,
        hidden_size=width,
        num_hidden_layers=len(layers),
        num_attention_heads=heads,
        intermediate_size=len(weights["bert.encoder.layer.0.intermediate.dense.bias"]),
        max_position_embeddings=len(weights["bert.embeddings.position_embeddings.weight"]),
        type_vocab_size=len(weights["bert.embeddings.token_type_embeddings.weight"]),
        id2label=dict(enumerate(tags)),
        label2id={tag: index for index, tag in enumerate(tags)},
    )
    config.guidelines = dict(manifest.settings.get("guidelines", {}))
    if names := manifest.settings.get("names"):
        config.names_labels = list(names)
    return config


def attention_heads(path: Path) -> int:
    """How many attention heads the graph of an exported model has; ModelError where it does not
    say.
    """
    import onnx

    properties = {entry.key: entry.value for entry in onnx.load(str(path)).metadata_props}
    if "heads" not in properties:
        raise ModelError(
            f"The graph {path} does not say how many attention heads it has; export it again."
        )
    return int(properties["heads"])


def graph_weights(path: Path) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """(name in the traced module, fp32 values) of every weight of an int8 graph, matrices as
    PyTorch keeps them.
    """
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(str(path)).graph
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for name, values in arrays.items():
        # As `quantise_embeddings` writes tables: a scale for each row.
        if name.endswith(".int8"):
            table = name.removesuffix(".int8")
            yield table, values.astype(np.float32) * arrays[f"{table}.scale"]
        elif values.dtype == np.float32 and name.endswith((".weight", ".bias")):
            yield name, np.array(values)
    for node in graph.node:
        if node.op_type in ("MatMul", "MatMulInteger") and node.input[1] in arrays:
            yield _matrix(node, arrays)


def _matrix(node: Any, arrays: Mapping[str, NDArray[Any]]) -> tuple[str, NDArray[np.float32]]:
    whole = node.input[1].removesuffix("_quantized")
    values = arrays[node.input[1]].astype(np.float32)
    if node.op_type == "MatMulInteger":
        values = (values - arrays[f"{whole}_zero_point"].astype(np.float32)) * arrays[
            f"{whole}_scale"
        ]
    module = re.sub(r"/MatMul(_quant)?$", "", node.name).removeprefix("/").replace("/", ".")
    # The exporter keeps the name of a transposed matrix only where the graph transposes it itself.
    name = whole if whole.endswith(".weight") else f"{module}.weight"
    # A graph multiplies from the left, a Linear layer keeps its matrix transposed.
    return name, np.ascontiguousarray(values.T, dtype=np.float32)
