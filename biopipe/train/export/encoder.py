"""An adapted encoder as a model directory: a base to fine-tune from, in half the bytes.

It is no graph that a pipeline runs, but a Hugging Face checkpoint with a manifest: weights in 16
bits, which `from_pretrained` reads as the 32 bits that its config.json says.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch.nn.functional import cosine_similarity
from transformers import AutoConfig, AutoModelForMaskedLM, AutoTokenizer, PreTrainedModel

from biopipe.document import Document
from biopipe.errors import ModelError
from biopipe.runtime.manifest import Manifest, write_manifest
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.train.common.base import longest_input, save_tokenizer
from biopipe.train.common.checkpoint_folder import reading_checkpoint
from biopipe.train.common.history import read_history
from biopipe.train.export.onnx_graph import made_with
from biopipe.train.export.publish import published_model
from biopipe.train.export.task import ModelDescription, text_feeds, training_data

__all__ = ["ENCODER_TASK", "export_encoder", "is_encoder"]

ENCODER_TASK = "encoder"
_WEIGHTS = "model.safetensors"
# Hidden states of the halved weights and of the whole ones, per token.
_LEAST_COSINE = 0.999


def is_encoder(checkpoint: str) -> bool:
    """Whether a local checkpoint is what `biopipe train encoder` leaves: a masked language model."""
    if not (Path(checkpoint) / "config.json").is_file():
        return False
    with reading_checkpoint(checkpoint):
        architectures = AutoConfig.from_pretrained(checkpoint).architectures or []
    return any(name.endswith("ForMaskedLM") for name in architectures)


def export_encoder(
    checkpoint: str, output: Path, *, about: ModelDescription, documents: Sequence[Document]
) -> Manifest:
    """Write a masked language model as a model directory to train on and return its manifest.

    `documents` are what parity of the 16-bit weights is measured on: the least cosine of a token's
    last hidden states. ModelError where it is under 0.999; `output` is then left as it was.
    """
    with published_model(output) as folder:
        with reading_checkpoint(checkpoint):
            model = AutoModelForMaskedLM.from_pretrained(checkpoint, dtype=torch.float32).eval()
        save_tokenizer(checkpoint, folder)
        feeds = text_feeds(
            [document.text for document in documents],
            Tokenizer(folder / "tokenizer.json"),
            max_length=longest_input(checkpoint, model.config),
        )
        whole = [_states(model, feed) for feed in feeds]
        halved = {name: value.half() for name, value in _own_tensors(model).items()}
        # `save_file` would write what nobody else may read.
        (folder / _WEIGHTS).write_bytes(save(halved, metadata={"format": "pt"}))
        model.config.save_pretrained(folder)
        again = AutoModelForMaskedLM.from_pretrained(folder, dtype=torch.float32).eval()
        parity = _parity(whole, [_states(again, feed) for feed in feeds])
        files = sorted(path.name for path in folder.iterdir())
        return write_manifest(folder, _manifest(checkpoint, about, model, parity), files)


def _own_tensors(model: PreTrainedModel) -> dict[str, torch.Tensor]:
    """Every tensor once: the head shares the table of the words."""
    seen: set[int] = set()
    tensors = {}
    for name, value in model.state_dict().items():
        if value.data_ptr() not in seen:
            seen.add(value.data_ptr())
            tensors[name] = value.contiguous()
    return tensors


@torch.inference_mode()
def _states(model: PreTrainedModel, feed: Mapping[str, Any]) -> torch.Tensor:
    """The last hidden states of a window, (tokens, width)."""
    inputs = {name: torch.from_numpy(value) for name, value in feed.items()}
    states: torch.Tensor = model.base_model(**inputs).last_hidden_state[0]
    return states


def _parity(whole: Sequence[torch.Tensor], halved: Sequence[torch.Tensor]) -> dict[str, Any]:
    pairs = list(zip(whole, halved, strict=True))
    # A minimum that is no number, of weights that 16 bits have as infinite, is not enough either.
    least = float(torch.cat([cosine_similarity(one, other, dim=-1) for one, other in pairs]).min())
    if not least >= _LEAST_COSINE:
        raise ModelError(
            f"In 16 bits a token's hidden states have a cosine of {least:.4f} to those in 32 "
            f"({_LEAST_COSINE} asked); the weights are too large for them."
        )
    tokens = sum(len(one) for one, _ in pairs)
    return {"tokens": tokens, "least_cosine": round(least, 6)}


def _manifest(
    checkpoint: str, about: ModelDescription, model: PreTrainedModel, parity: Mapping[str, Any]
) -> Manifest:
    history = read_history(Path(checkpoint))
    last = history[-1:]
    return Manifest(
        name=about.name,
        version=about.version,
        task=ENCODER_TASK,
        labels=(),
        max_length=longest_input(checkpoint, model.config),
        stride=0,
        opset=0,
        base_model=about.base_model or checkpoint,
        licence=about.licence,
        settings={
            "precision": "fp16",
            "vocabulary": len(AutoTokenizer.from_pretrained(checkpoint)),
        },
        training_data=training_data(checkpoint),
        metrics=[{"held_out_perplexity": entry} for entry in last],
        parity=dict(parity),
        made_with=made_with(),
    )
