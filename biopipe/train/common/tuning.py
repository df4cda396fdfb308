"""Ways to fine-tune an encoder on little data without it forgetting or falling into a bad minimum.

What they do on small corpora is in Zhang et al. 2021, "Revisiting Few-sample BERT Fine-tuning", and
for biomedical ones in Tinn et al. 2023, "Fine-tuning large neural language models for biomedical
NLP".
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import torch
from transformers import PreTrainedModel

from biopipe.errors import ConfigError

__all__ = ["Tuning", "prepare", "rates", "twice"]

_LAYER = re.compile(r"\.layers?\.(\d+)\.")


@dataclass(frozen=True, slots=True)
class Tuning:
    """`layer_decay`: learning rate of a layer as a multiple of the next higher one's.

    `freeze`: the embeddings and this many lower layers stay as they are. `reinitialise`: this many
    top layers start anew. `consistency`: how much two passes under other dropout must agree
    (R-Drop, Liang et al. 2021); they take twice the time.
    """

    layer_decay: float = 1.0
    freeze: int = 0
    reinitialise: int = 0
    consistency: float = 0.0


def prepare(model: PreTrainedModel, tuning: Tuning) -> None:
    """Freeze and start anew what `tuning` says; ConfigError where the encoder has fewer layers."""
    layers = int(model.config.num_hidden_layers)
    if tuning.freeze + tuning.reinitialise > layers:
        raise ConfigError(
            f"The encoder has {layers} layers; {tuning.freeze} to freeze and "
            f"{tuning.reinitialise} to start anew are too many."
        )
    for name, parameter in model.named_parameters():
        depth = _depth(name, layers)
        parameter.requires_grad_(tuning.freeze == 0 or depth > tuning.freeze)
    for name, module in model.named_modules():
        if layers >= _depth(f"{name}.", layers) > layers - tuning.reinitialise:
            for parameter in module.parameters(recurse=False):
                parameter.__dict__.pop(
                    "_is_hf_initialized", None
                )  # loaded weights are marked to stay
            model._init_weights(module)  # type: ignore[no-untyped-call]


def rates(model: PreTrainedModel, tuning: Tuning) -> dict[str, float]:
    """The learning rate of each parameter, by name, as a multiple of the schedule's."""
    layers = int(model.config.num_hidden_layers)
    return {
        name: tuning.layer_decay ** max(0, layers - _depth(name, layers))
        for name, _ in model.named_parameters()
    }


def _depth(name: str, layers: int) -> int:
    """0 for the embeddings, 1 for the lowest layer, one more than `layers` for what lies above
    them.
    """
    if found := _LAYER.search(name):
        return int(found[1]) + 1
    return 0 if "embeddings." in name else layers + 1


def twice(run: Callable[[], tuple[torch.Tensor, torch.Tensor]], weight: float) -> torch.Tensor:
    """The loss of `run`, which gives a loss and log probabilities (items, classes), and with
    `weight` R-Drop's too.

    R-Drop adds the mean of both Kullback-Leibler divergences between two passes.
    """
    loss, first = run()
    if weight == 0.0:
        return loss
    other, second = run()
    between = [
        torch.nn.functional.kl_div(a, b, reduction="batchmean", log_target=True)
        for a, b in ((first, second), (second, first))
    ]
    return (loss + other) / 2 + weight * (between[0] + between[1]) / 2
