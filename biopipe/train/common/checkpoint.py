"""What a run needs to go on exactly as if it had not been stopped, in one safetensors file.

Tensors are named `model.*` (the model's state), `mean.*` (its running mean) and
`optimizer.INDEX.*`; the step, the number of all steps and the schedule are in the file's metadata.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file

from biopipe.errors import ConfigError
from biopipe.io.atomic import atomic_file
from biopipe.train.common.averaging import RunningMean
from biopipe.train.common.schedule import Schedule

__all__ = ["CHECKPOINT_FILE", "TrainingState"]

CHECKPOINT_FILE = "checkpoint.safetensors"


@dataclass(frozen=True, slots=True)
class TrainingState:
    """What changes while a model trains, and the schedule of `total` steps that it follows."""

    model: torch.nn.Module
    mean: RunningMean
    optimizer: torch.optim.Optimizer
    schedule: Schedule
    total: int

    def save(self, folder: Path, step: int) -> None:
        """Write the state after `step` steps; a file that is there is replaced when it is whole."""
        folder.mkdir(parents=True, exist_ok=True)
        tensors = {f"model.{name}": value for name, value in self.model.state_dict().items()}
        tensors |= {f"mean.{name}": value for name, value in self.mean.mean.items()}
        for index, moments in self.optimizer.state_dict()["state"].items():
            for name, value in moments.items():
                # A count of steps may be a plain number, and safetensors hold tensors alone.
                tensors[f"optimizer.{index}.{name}"] = torch.as_tensor(value)
        # Shared embeddings are two names of one tensor, which safetensors refuses.
        tensors = {name: value.contiguous().clone() for name, value in tensors.items()}
        about = {"step": step, "total": self.total, "schedule": asdict(self.schedule)}
        with atomic_file(folder / CHECKPOINT_FILE) as temporary:
            save_file(tensors, temporary, metadata={"about": json.dumps(about)})

    def resume(self, folder: Path) -> int:
        """Take over the state that `folder` holds and return its step, 0 where it holds none.

        ConfigError where the checkpoint is of other settings, of another model, or of a run of
        another length whose learning rate has already begun to fall.
        """
        path = folder / CHECKPOINT_FILE
        if not path.exists():
            return 0
        try:
            with safe_open(path, framework="pt") as file:
                about = json.loads(file.metadata()["about"])
            tensors = load_file(path)
        except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigError(
                f"The checkpoint {path} cannot be read ({error}); remove it to start anew, or train "
                "into another folder."
            ) from error
        self._check_settings(path, about)
        self._check_tensors(path, tensors)
        self.model.load_state_dict(_below("model.", tensors))
        for name, mean in self.mean.mean.items():
            mean.copy_(tensors[f"mean.{name}"])
        moments: dict[int, dict[str, torch.Tensor]] = {}
        for key, value in _below("optimizer.", tensors).items():
            index, name = key.split(".", 1)
            moments.setdefault(int(index), {})[name] = value
        # Rates and decay are those of the schedule, which was just compared, so the file has none.
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": moments, "param_groups": groups})
        return int(about["step"])

    def _check_settings(self, path: Path, about: dict[str, Any]) -> None:
        settings = asdict(self.schedule)
        # A run may be prolonged: of all settings the number of epochs alone may change.
        differing = [
            name
            for name in settings.keys() | about["schedule"].keys()
            if name != "epochs" and settings.get(name) != about["schedule"].get(name)
        ]
        if differing:
            raise ConfigError(
                f"The checkpoint {path} belongs to a run of other settings "
                f"({', '.join(sorted(differing))}); train into another folder or remove it."
            )
        if about["total"] == self.total:
            return
        # Up to where the rate begins to fall in either, the two runs have gone the same way.
        start = min(self.schedule.annealing_start(total) for total in (about["total"], self.total))
        if about["step"] > start:
            raise ConfigError(
                f"The checkpoint {path} is of a run of {about['total']} steps, whose learning rate "
                f"falls from step {start} on, and at step {about['step']} it cannot become one of "
                f"{self.total}; go on from {path.parent / 'before-annealing'} if that is there, or "
                "train into another folder."
            )

    def _check_tensors(self, path: Path, tensors: dict[str, torch.Tensor]) -> None:
        own = {f"model.{name}": value.shape for name, value in self.model.state_dict().items()}
        theirs = {name: v.shape for name, v in tensors.items() if name.startswith("model.")}
        for name in sorted(own.keys() | theirs.keys()):
            if own.get(name) != theirs.get(name):
                raise ConfigError(
                    f"The checkpoint {path} is of another model: its {name} is "
                    f"{_shape(theirs.get(name))}, here it is {_shape(own.get(name))}; train into "
                    "another folder."
                )


def _below(prefix: str, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def _shape(shape: torch.Size | None) -> str:
    return "missing" if shape is None else str(tuple(shape))
