from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs the extra 'train'")

import torch

from biopipe.errors import ConfigError
from biopipe.train.common.loop import fit
from biopipe.train.common.schedule import Schedule

Fit = Callable[..., torch.nn.Module]


@pytest.fixture
def fit_line(tmp_path: Path) -> Fit:
    """Trains a linear map on one number a step; `stop` raises before that many losses."""

    def run(
        folder: str = "a", *, stop: int | None = None, width: int = 1, **settings: object
    ) -> torch.nn.Module:
        torch.manual_seed(0)
        model = torch.nn.Sequential(torch.nn.Linear(width, 1), torch.nn.Dropout(0.2))
        seen: list[int] = []

        def loss(batch: int) -> torch.Tensor:
            if stop is not None and len(seen) == stop:
                raise InterruptedError
            seen.append(batch)
            return (model(torch.full((8, width), batch / 10.0)) - batch).square().mean()

        # Clipped gradients of a line have one direction, whatever dropout does.
        defaults = {"epochs": 2, "learning_rate": 0.1, "save_every": 4, "clip": 1e6}
        schedule = Schedule(**{**defaults, **settings})
        fit(
            model,
            lambda epoch: range(epoch * 10, epoch * 10 + 10),
            loss,
            schedule=schedule,
            checkpoint=tmp_path / folder,
            log=lambda _: None,
        )
        return model

    return run


def _same(one: torch.nn.Module, other: torch.nn.Module) -> bool:
    pairs = zip(one.parameters(), other.parameters(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("average", [0.0, 0.9])
@pytest.mark.parametrize("stop", [5, 13])
def test_a_stopped_run_ends_as_one_that_was_not(fit_line: Fit, stop: int, average: float) -> None:
    whole = fit_line("whole", average=average)
    with pytest.raises(InterruptedError):
        fit_line("stopped", average=average, stop=stop)
    assert _same(fit_line("stopped", average=average), whole)
    assert not _same(fit_line("other", average=average, seed=1), whole)


def test_the_mean_of_the_weights_is_kept(fit_line: Fit) -> None:
    assert not _same(fit_line("mean", average=0.9), fit_line("last"))


def test_bfloat16_is_asked_for_by_the_schedule(tmp_path: Path) -> None:
    model, dtypes = torch.nn.Linear(4, 4), []

    def loss(batch: int) -> torch.Tensor:
        states = model(torch.ones(2, 4))
        dtypes.append(states.dtype)
        return states.float().square().mean()

    for bf16 in (False, True):
        schedule = Schedule(epochs=1, learning_rate=0.1, bf16=bf16)
        fit(
            model,
            lambda _: [0],
            loss,
            schedule=schedule,
            checkpoint=tmp_path / str(bf16),
            log=lambda _: None,
        )
    assert dtypes == [torch.float32, torch.bfloat16]
    assert model.weight.dtype == torch.float32


def test_a_longer_run_goes_on_before_the_rate_falls_alone(fit_line: Fit, tmp_path: Path) -> None:
    steady = {"anneal": 0.3, "warmup": 1.0, "warmup_of": 3}
    whole = fit_line("whole", epochs=3, **steady)
    with pytest.raises(InterruptedError):
        fit_line("longer", stop=13, **steady)
    assert _same(fit_line("longer", epochs=3, **steady), whole)
    with pytest.raises(ConfigError, match=r"of 30 steps, whose learning rate falls from step 21"):
        fit_line("longer", epochs=4, **steady)
    assert (tmp_path / "longer" / "before-annealing" / "checkpoint.safetensors").exists()
    # Without a plateau every step belongs to a run of one length.
    fit_line("falling")
    with pytest.raises(ConfigError, match="falls from step 0 on"):
        fit_line("falling", epochs=3)


def test_another_model_or_other_settings_are_named(fit_line: Fit) -> None:
    fit_line()
    with pytest.raises(ConfigError, match=r"its model.0.weight is \(1, 1\), here it is \(1, 2\)"):
        fit_line(width=2)
    with pytest.raises(ConfigError, match=r"other settings \(clip, seed\)"):
        fit_line(clip=2.0, seed=3)
