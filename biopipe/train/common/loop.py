"""One training loop for all models: AdamW, a schedule, checkpoints that resume exactly."""

import time
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import TypeVar

import torch

from biopipe.train.common.averaging import RunningMean
from biopipe.train.common.checkpoint import TrainingState
from biopipe.train.common.schedule import Schedule

__all__ = ["fit"]

# A prime above any number of steps: no step of one seed repeats a step of another.
_STEPS_OF_A_SEED = 1_000_003

Batch = TypeVar("Batch")

STEPS_PER_REPORT = 50


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
    """Train in place, from the checkpoint in the folder `checkpoint` where there is one.

    `batches(epoch)` holds small things such as indices and must depend on the epoch alone, so that
    a resumed run sees the same data; `loss` collates one and gives a scalar. Parameters outside
    `encoder` train at `schedule.head_rate`; `rates` are multiples of the learning rate by
    parameter. `on_epoch` is called with the number of each epoch that ends, from 0. A state that is
    about to anneal is kept in `checkpoint/before-annealing`, for the run to be prolonged from.

    ConfigError where the checkpoint is of another run; see `TrainingState.resume`.
    """
    ends = list(accumulate(len(batches(epoch)) for epoch in range(schedule.epochs)))
    optimizer = _optimizer(model, schedule, encoder, rates or {})
    mean = RunningMean(model, schedule.average)
    state = TrainingState(model, mean, optimizer, schedule, total=ends[-1])
    step = state.resume(checkpoint)
    log(f"{state.total} steps in {schedule.epochs} epochs, starting at {step}")
    report, peaks = _Report(state.total, step, log), [g["lr"] for g in optimizer.param_groups]
    for epoch, end in enumerate(ends):
        if step >= end:
            continue
        model.train()
        # A negative index: as many batches from the end as are missing up to the epoch's last step.
        for batch in batches(epoch)[step - end :]:
            report.add(_train_step(state, loss, batch, step, peaks))
            step += 1
            _save_where_due(state, checkpoint, step)
        _end_epoch(epoch, mean, on_epoch)
    # What the caller keeps is the mean.
    mean.swap()


def _end_epoch(epoch: int, mean: RunningMean, on_epoch: Callable[[int], None] | None) -> None:
    """Call `on_epoch` while the model has the weights that would be kept."""
    if on_epoch is not None:
        with mean.in_place():
            on_epoch(epoch)


def _save_where_due(state: TrainingState, checkpoint: Path, step: int) -> None:
    if step % state.schedule.save_every == 0:
        state.save(checkpoint, step)
    if state.schedule.anneal < 1.0 and step == state.schedule.annealing_start(state.total):
        state.save(checkpoint / "before-annealing", step)


def _train_step(
    state: TrainingState,
    loss: Callable[[Batch], torch.Tensor],
    batch: Batch,
    step: int,
    peaks: Sequence[float],
) -> float:
    """The loss of `batch`, by which the model was changed; `peaks` are the groups' full rates."""
    # By the step alone, so that a run that was resumed drops the same units out.
    torch.manual_seed(state.schedule.seed * _STEPS_OF_A_SEED + step)
    share = state.schedule.rate_share(step, state.total)
    for group, peak in zip(state.optimizer.param_groups, peaks, strict=True):
        group["lr"] = peak * share
    with torch.autocast("cpu", torch.bfloat16, enabled=state.schedule.bf16):
        value = loss(batch)
    value.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(state.model.parameters(), state.schedule.clip)
    state.optimizer.step()
    state.optimizer.zero_grad(set_to_none=True)
    state.mean.update()
    return float(value.detach())


class _Report:
    """Says the mean loss and the time that is left, every `STEPS_PER_REPORT` steps."""

    def __init__(self, total: int, step: int, log: Callable[[str], None]) -> None:
        self.total, self.first, self.step, self.log = total, step, step, log
        self.started, self.losses = time.monotonic(), 0.0

    def add(self, loss: float) -> None:
        self.step += 1
        self.losses += loss
        if self.step % STEPS_PER_REPORT == 0:
            seconds = (time.monotonic() - self.started) / (self.step - self.first)
            minutes = (self.total - self.step) * seconds / 60
            # The first report of a resumed run covers fewer steps.
            mean = self.losses / min(STEPS_PER_REPORT, self.step - self.first)
            self.log(f"step {self.step}/{self.total} loss {mean:.4f} {minutes:.1f} min left")
            self.losses = 0.0


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
            # Biases and scales of norms (one dimension) are not decayed, as in BERT.
            key = (id(parameter) in inside, rates.get(name, 1.0), parameter.ndim > 1)
            groups.setdefault(key, []).append(parameter)
    return torch.optim.AdamW(
        [
            {
                "params": parameters,
                "lr": schedule.learning_rate * rate * (1.0 if in_encoder else schedule.head_rate),
                "weight_decay": schedule.weight_decay if decayed else 0.0,
            }
            for (in_encoder, rate, decayed), parameters in groups.items()
        ],
        fused=True,
    )
