"""The mean of the weights of checkpoints that went on from one another (Wortsman et al. 2022,
"Model soups").
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from biopipe.errors import ConfigError

__all__ = ["mean_checkpoint"]

WEIGHTS = "model.safetensors"
# What a trainer says of its own run, which is not true of a mean.
_OF_A_RUN = "history.json"


def mean_checkpoint(
    checkpoints: Sequence[Path], output: Path, shares: Sequence[float] = ()
) -> Path:
    """Write the weighted mean of checkpoints to `output`, with tokenizer and settings of the last;
    returns it.

    `shares`, one a checkpoint, count relative to their sum; by default all count alike. ConfigError
    where a checkpoint has no weights, or others than the first.
    """
    shares = shares or [1.0] * len(checkpoints)
    if len(shares) != len(checkpoints) or len(checkpoints) < 2 or min(shares) <= 0:
        raise ConfigError(
            f"{len(checkpoints)} checkpoints and {len(shares)} shares were given; give two or "
            "more, with a share above 0 for each."
        )
    total: dict[str, torch.Tensor] = {}
    for checkpoint, share in zip(checkpoints, shares, strict=True):
        for name, value in _weights(checkpoint, total).items():
            # In double precision, so that the mean of equal weights is that weight once it is
            # rounded.
            part = value.double() * (share / sum(shares))
            total[name] = total[name] + part if name in total else part
    output.mkdir(parents=True, exist_ok=True)
    for file in checkpoints[-1].iterdir():
        if file.is_file() and file.name not in (WEIGHTS, _OF_A_RUN):
            shutil.copy(file, output / file.name)
    tensors = {name: value.float().contiguous() for name, value in total.items()}
    save_file(tensors, output / WEIGHTS, metadata={"format": "pt"})
    return output


def _weights(checkpoint: Path, like: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    path = checkpoint / WEIGHTS
    if not path.is_file():
        raise ConfigError(
            f"There is no {WEIGHTS} in {checkpoint}; give a checkpoint of biopipe train."
        )
    weights = load_file(path)
    shapes = {name: value.shape for name, value in weights.items()}
    if like and shapes != {name: value.shape for name, value in like.items()}:
        raise ConfigError(
            f"The weights of {checkpoint} have other names or shapes than those of the first "
            "checkpoint; give checkpoints of one architecture."
        )
    return weights
