import pickle
from pathlib import Path
from typing import Any

import pytest

from biopipe.bulk.plan import RunPlan
from biopipe.errors import ConfigError
from biopipe.io.input_columns import InputColumns


def _plan(**options: Any) -> RunPlan:
    return RunPlan(inputs=("a",), output=Path("out"), **options)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"workers": -1}, r"workers is -1; give 0 or more"),
        ({"timeout": -2.5}, r"timeout is -2\.5 seconds; give 0"),
        ({"timeout": float("nan")}, "timeout is nan seconds"),
        ({"loading_timeout": -1}, "timeout for loading is -1 seconds; give 0"),
        ({"reading_timeout": -1}, "timeout for reading is -1 seconds; give 0"),
        ({"gpus": 0.5, "workers": 2}, "GPUs of each, are for the engine 'ray'"),
        ({"engine": "spark"}, "no engine 'spark'; there are: local, ray"),
        ({"engine": "ray", "min_workers": 0}, "The number of workers is 0 to 1"),
        ({"engine": "ray", "workers": 2, "min_workers": 3}, "The number of workers is 3 to 2"),
        ({"engine": "ray", "gpus": 1.5}, r"A worker cannot have 1\.5 GPUs"),
        ({"engine": "ray", "cpus": 0}, "A worker cannot have 0 CPUs"),
        ({"engine": "ray", "device": "cuda:1"}, "is 'cuda:1', but Ray chooses the GPU"),
    ],
)
def test_a_plan_that_makes_no_sense_is_one_sentence(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        _plan(**options)


def test_an_option_that_is_not_there_is_an_error() -> None:
    with pytest.raises(TypeError, match="batch_size"):
        _plan(batch_size=3)


def test_a_plan_goes_to_another_process() -> None:
    plan = _plan(text_column="body", engine="ray", workers=4, min_workers=2)
    assert pickle.loads(pickle.dumps(plan)) == plan
    assert plan.columns == InputColumns("body", "id")
    assert plan.actors == (2, 4)


@pytest.mark.parametrize(
    ("device", "gpus", "each"),
    [(None, 0.0, 0.0), ("cpu", 0.0, 0.0), ("cuda", 0.0, 1.0), ("cuda", 0.25, 0.25)],
)
def test_an_actor_on_a_card_has_one_unless_a_share_is_named(
    device: str | None, gpus: float, each: float
) -> None:
    assert _plan(engine="ray", device=device, gpus=gpus).gpus_each == each
