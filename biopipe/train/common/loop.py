"""One training loop for all models: AdamW, warm-up and linear decay, checkpoints that resume
exactly.
"""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path
from typing import TypeVar

import torch
from safetensors.torch import load_file, save_file

from biopipe.errors import ConfigError

__all__ = ["Schedule", "fit"]

Batch = TypeVar("Batch")


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast to train; `save_every` is in steps."""

    epochs: int
    learning_rate: float
    warmup: float = 0.06
    weight_decay: float = 0.01
    clip: float = 1.0
    seed: int = 0
    save_every: int = 200
    head_rate: float = 1.0  # learning rate of parameters outside the encoder, as a multiple
    average: float = (
        0.0  # decay of the running mean of the weights that is kept in place of the last ones
    )


def fit(
    model: torch.nn.Module,
    batches: Callable[[int], Sequence[Batch]],
    loss: Callable[[Batch], torch.Tensor],
    *,
    schedule: Schedule,
    checkpoint: Path,
    log: Callable[[str], None],
    encoder: torch.nn.Module | None = None,
    rates: Mapping[str, float] | None = None,
    on_epoch: Callable[[int], None] | None = None,
) -> None:
    """Train in place. `batches(epoch)` must depend on the epoch alone, so that a resumed run sees
    the same data.

    `batches(epoch)` holds small things such as indices; `loss` collates and runs the model. A
    checkpoint of the same schedule is resumed, one of another is refused. `rates` are multiples of
    the learning rate by parameter.
    """
    ends = list(accumulate(len(batches(epoch)) for epoch in range(schedule.epochs)))
    total = ends[-1]
    optimizer = _optimizer(model, schedule, encoder, rates or {})
    peaks = [group["lr"] for group in optimizer.param_groups]
    mean = _Mean(model, schedule.average)
    step = _resume(checkpoint, model, mean, optimizer, schedule, total)
    log(f"{total} steps in {schedule.epochs} epochs, starting at {step}")
    started, first, running = time.monotonic(), step, 0.0
    for epoch, end in enumerate(ends):
        if step >= end:
            continue
        model.train()
        for batch in batches(epoch)[step - end :]:
            torch.manual_seed(schedule.seed * 1_000_003 + step)
            for group, rate in zip(optimizer.param_groups, peaks, strict=True):
                group["lr"] = rate * _decay(step, total, schedule.warmup)
            value = loss(batch)
            value.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(model.parameters(), schedule.clip)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            mean.update()
            step += 1
            running += float(value.detach())
            if step % 50 == 0:
                pace = (step - first) / (time.monotonic() - started)
                log(
                    f"step {step}/{total} loss {running / 50:.4f} {(total - step) / pace / 60:.1f} min left"
                )
                running = 0.0
            if step % schedule.save_every == 0:
                _save(checkpoint, model, mean, optimizer, schedule, step, total)
        if on_epoch is not None:
            with mean.in_place():
                on_epoch(epoch)
    mean.take()


def _decay(step: int, total: int, warmup: float) -> float:
    warm = max(1, int(total * warmup))
    return (step + 1) / warm if step < warm else max(0.0, (total - step) / max(1, total - warm))


class _Mean:
    """The exponential running mean of a model's weights; nothing where `decay` is 0."""

    def __init__(self, model: torch.nn.Module, decay: float) -> None:
        self.decay = decay
        self.own = {
            name: each for name, each in model.named_parameters() if each.requires_grad and decay
        }
        self.kept = {name: each.detach().clone() for name, each in self.own.items()}

    @torch.no_grad()
    def update(self) -> None:
        for name, value in self.kept.items():
            value.lerp_(self.own[name], 1.0 - self.decay)

    @torch.no_grad()
    def take(self) -> None:
        """Put the mean in the place of the model's weights, and those in the place of the mean."""
        for name, value in self.kept.items():
            last = self.own[name].detach().clone()
            self.own[name].copy_(value)
            value.copy_(last)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        self.take()
        try:
            yield
        finally:
            self.take()


def _optimizer(
    model: torch.nn.Module,
    schedule: Schedule,
    encoder: torch.nn.Module | None,
    rates: Mapping[str, float],
) -> torch.optim.Optimizer:
    inside = {id(p) for p in (model if encoder is None else encoder).parameters()}
    groups: dict[tuple[bool, float, bool], list[torch.nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            key = (id(parameter) in inside, rates.get(name, 1.0), parameter.ndim > 1)
            groups.setdefault(key, []).append(parameter)
    return torch.optim.AdamW(
        [
            {
                "params": chosen,
                "lr": schedule.learning_rate * rate * (1.0 if in_encoder else schedule.head_rate),
                "weight_decay": schedule.weight_decay if decayed else 0.0,
            }
            for (in_encoder, rate, decayed), chosen in groups.items()
        ],
        fused=True,
    )


def _save(
    folder: Path,
    model: torch.nn.Module,
    mean: _Mean,
    optimizer: torch.optim.Optimizer,
    schedule: Schedule,
    step: int,
    total: int,
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {
        f"model.{name}": tensor.contiguous().clone() for name, tensor in model.state_dict().items()
    }
    tensors.update({f"mean.{name}": value.clone() for name, value in mean.kept.items()})
    for index, state in optimizer.state_dict()["state"].items():
        tensors.update(
            {
                f"optimizer.{index}.{name}": torch.as_tensor(value).clone()
                for name, value in state.items()
            }
        )
    about = {"step": step, "total": total, "schedule": asdict(schedule)}
    temporary = folder / "checkpoint.tmp"
    save_file(tensors, temporary, metadata={"about": json.dumps(about)})
    os.replace(temporary, folder / "checkpoint.safetensors")


def _resume(
    folder: Path,
    model: torch.nn.Module,
    mean: _Mean,
    optimizer: torch.optim.Optimizer,
    schedule: Schedule,
    total: int,
) -> int:
    path = folder / "checkpoint.safetensors"
    if not path.exists():
        return 0
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        about = json.loads(file.metadata()["about"])
    if about["total"] != total or about["schedule"] != asdict(schedule):
        raise ConfigError(
            f"The checkpoint {path} belongs to a run of other settings; train into another folder or remove it."
        )
    tensors = load_file(path)
    model.load_state_dict({k[6:]: v for k, v in tensors.items() if k.startswith("model.")})
    for name, value in mean.kept.items():
        value.copy_(tensors[f"mean.{name}"])
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, tensor in tensors.items():
        if key.startswith("optimizer."):
            _, index, name = key.split(".", 2)
            state.setdefault(int(index), {})[name] = tensor
    optimizer.load_state_dict(
        {"state": state, "param_groups": optimizer.state_dict()["param_groups"]}
    )
    return int(about["step"])
