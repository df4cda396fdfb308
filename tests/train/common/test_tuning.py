from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs the extra 'train'")

import torch
from transformers import AutoModelForTokenClassification, PreTrainedModel

from biopipe.errors import ConfigError
from biopipe.train.common.loop import fit
from biopipe.train.common.schedule import Schedule
from biopipe.train.common.tuning import Tuning, prepare, rates, twice


@pytest.fixture
def model(tiny_bert: Path) -> PreTrainedModel:
    loaded: PreTrainedModel = AutoModelForTokenClassification.from_pretrained(
        tiny_bert, num_labels=3
    )
    return loaded


def _layers(model: PreTrainedModel) -> int:
    return int(model.config.num_hidden_layers)


def _weights(model: PreTrainedModel) -> dict[str, torch.Tensor]:
    return {name: each.detach().clone() for name, each in model.named_parameters()}


def _changed(model: PreTrainedModel, before: dict[str, torch.Tensor]) -> set[str]:
    return {name for name, each in model.named_parameters() if not torch.equal(each, before[name])}


def _train(
    model: PreTrainedModel, schedule: Schedule, folder: Path, **options: object
) -> list[float]:
    ids = torch.arange(8).reshape(2, 4) + 5
    seen: list[float] = []

    def loss(batch: int) -> torch.Tensor:
        logits = model(input_ids=ids).logits
        value = torch.nn.functional.cross_entropy(logits.flatten(0, 1), torch.arange(8) % 3)
        seen.append(float(value.detach()))
        return value

    fit(
        model,
        lambda epoch: [0] * 4,
        loss,
        schedule=schedule,
        checkpoint=folder,
        log=lambda _: None,
        **options,
    )  # type: ignore[arg-type]
    return seen


def test_frozen_layers_stay_as_they_are(model: PreTrainedModel, tmp_path: Path) -> None:
    before = _weights(model)
    prepare(model, Tuning(freeze=1))
    _train(model, Schedule(epochs=1, learning_rate=1e-2), tmp_path)
    changed = _changed(model, before)
    assert changed
    assert not any("embeddings." in name or "layer.0." in name for name in changed)
    assert any("classifier" in name for name in changed)


def test_top_layers_start_anew_and_nothing_else_does(model: PreTrainedModel) -> None:
    before = _weights(model)
    prepare(model, Tuning(reinitialise=1))
    changed = _changed(model, before)
    top = f"layer.{_layers(model) - 1}."
    assert any("query.weight" in name for name in changed)
    assert all(top in name for name in changed)


def test_more_layers_than_there_are_is_an_error(model: PreTrainedModel) -> None:
    with pytest.raises(ConfigError, match=f"has {_layers(model)} layers; 1 to freeze and"):
        prepare(model, Tuning(freeze=1, reinitialise=_layers(model)))


def test_rates_fall_from_the_head_to_the_embeddings(model: PreTrainedModel) -> None:
    found = rates(model, Tuning(layer_decay=0.5))
    layers = _layers(model)
    assert found["classifier.weight"] == 1.0
    assert found[f"bert.encoder.layer.{layers - 1}.output.dense.weight"] == 1.0
    assert found["bert.encoder.layer.0.output.dense.weight"] == 0.5 ** (layers - 1)
    assert found["bert.embeddings.word_embeddings.weight"] == 0.5**layers


def test_a_rate_of_nothing_trains_nothing(model: PreTrainedModel, tmp_path: Path) -> None:
    before = _weights(model)
    slow = {name: 0.0 for name in before if "classifier" not in name}
    _train(model, Schedule(epochs=1, learning_rate=1e-2), tmp_path, rates=slow)
    assert _changed(model, before) == {"classifier.weight", "classifier.bias"}


def test_the_mean_of_the_weights_lies_between_first_and_last(
    model: PreTrainedModel, tmp_path: Path
) -> None:
    first = model.classifier.weight.detach().clone()
    during: list[torch.Tensor] = []
    _train(
        model,
        Schedule(epochs=1, learning_rate=1e-2, average=0.5, warmup=0.0),
        tmp_path,
        on_epoch=lambda _: during.append(model.classifier.weight.detach().clone()),
    )
    kept = model.classifier.weight.detach()
    assert torch.equal(during[0], kept)
    assert not torch.equal(kept, first)


def test_a_resumed_run_ends_with_the_same_mean(tiny_bert: Path, tmp_path: Path) -> None:
    schedule = Schedule(epochs=2, learning_rate=1e-2, average=0.7, save_every=3)
    ends = []
    for _ in range(2):  # the second goes on from the checkpoint after step 6 of 8
        each = AutoModelForTokenClassification.from_pretrained(tiny_bert, num_labels=3)
        torch.manual_seed(0)
        torch.nn.init.zeros_(each.classifier.weight)
        steps = len(_train(each, schedule, tmp_path))
        ends.append((steps, each.classifier.weight.detach().clone()))
    assert [steps for steps, _ in ends] == [8, 2]
    assert torch.equal(ends[0][1], ends[1][1])


def test_passes_that_differ_cost_more() -> None:
    answers = iter([torch.tensor([[0.9, 0.1]]).log(), torch.tensor([[0.1, 0.9]]).log()] * 2)

    def run() -> tuple[torch.Tensor, torch.Tensor]:
        return torch.tensor(1.0), next(answers)

    divergence = 0.8 * torch.log(torch.tensor(9.0))
    assert twice(run, 0.5) == pytest.approx(float(1.0 + 0.5 * divergence))
    assert twice(run, 0.0) == 1.0
