"""Several precisions of one model in one directory, for every task."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra 'train'")

import onnxruntime as ort
import torch
from transformers import AutoModelForSequenceClassification

from biopipe.evaluate.speed import Timed, graph_speeds, model_feeds, variant_files
from biopipe.runtime.manifest import load_manifest
from biopipe.runtime.models import graph_file
from biopipe.runtime.session import Session
from biopipe.train.common.base import save_tokenizer
from biopipe.train.export.model import export_model
from biopipe.train.export.sample import parity_sample
from biopipe.train.export.task import ModelDescription


@pytest.fixture(scope="module")
def checkpoints(
    tiny_bert: Path,
    tiny_tagger_checkpoint: Path,
    tiny_relation_checkpoint: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Path]:
    torch.manual_seed(5)
    pairs = tmp_path_factory.mktemp("pairs")
    model = AutoModelForSequenceClassification.from_pretrained(tiny_bert, num_labels=1)
    for weights in model.parameters():
        if weights.dim() == 2:  # so far apart that int8 keeps the order of the scores
            torch.nn.init.normal_(weights, std=0.4)
    model.save_pretrained(pairs)
    save_tokenizer(str(tiny_bert), pairs)
    return {
        "token-classification": tiny_tagger_checkpoint,
        "relation": tiny_relation_checkpoint,
        "bi-encoder": tiny_bert,
        "cross-encoder": pairs,
    }


METRICS = {
    "token-classification": {"mention_f1", "changed_decisions", "mean_logit_difference"},
    "relation": {"outputs", "changed_decisions", "mean_logit_difference"},
    "bi-encoder": {"mean_cosine", "min_cosine", "changed_neighbours"},
    "cross-encoder": {"same_order", "mean_difference_in_spreads", "mean_logit_difference"},
}


@pytest.mark.parametrize("task", METRICS)
def test_every_task_has_every_precision(
    task: str, checkpoints: dict[str, Path], tmp_path: Path
) -> None:
    folder, sample = tmp_path / "m", parity_sample(None)
    export_model(
        str(checkpoints[task]),
        folder,
        about=ModelDescription("m"),
        precision="int8",
        also=["fp16", "fp32"],
        documents=sample,
        task=task,
    )
    manifest = load_manifest(folder)
    assert list(manifest.variants) == ["int8", "fp16", "fp32"]
    assert set(manifest.files) == {
        "model.onnx",
        "model.fp16.onnx",
        "model.fp32.onnx",
        "tokenizer.json",
    }
    assert manifest.parity == manifest.variants["int8"]["parity"]
    assert manifest.made_with.keys() >= {"torch", "transformers", "onnx", "onnxruntime"}
    for variant in manifest.variants.values():
        assert variant["parity"].keys() >= METRICS[task]
    feeds = model_feeds(folder, sample[:2])
    files = variant_files(folder, manifest)
    answers = {name: _first_output(Session(file).run(feeds)) for name, file in files.items()}
    exact, half, eight = (answers[name] for name in ("fp32", "fp16", "int8"))
    assert 0 < np.abs(half - exact).mean() < np.abs(eight - exact).mean()
    assert _types(files["fp16"]) == _types(files["fp32"]), "the runtime feeds and reads them alike"
    assert files["fp16"].stat().st_size < 0.8 * files["fp32"].stat().st_size
    timed = graph_speeds({name: Timed(file, feeds[:1]) for name, file in files.items()}, rounds=1)
    assert all(each.tokens_per_second > 0 for each in timed.values())


def _first_output(runs: list[list[Any]]) -> Any:
    return np.concatenate([outputs[0].ravel() for outputs in runs])


def _types(path: Path) -> list[tuple[str, str]]:
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return [(each.name, each.type) for each in (*session.get_inputs(), *session.get_outputs())]


def test_a_graphics_card_runs_fp16_and_a_processor_the_first(
    tiny_tagger_checkpoint: Path, tmp_path: Path
) -> None:
    folder, sample = tmp_path / "m", parity_sample(None)[:3]
    export_model(
        str(tiny_tagger_checkpoint),
        folder,
        about=ModelDescription("m"),
        precision="int8",
        also=["fp16"],
        documents=sample,
    )
    manifest = load_manifest(folder)
    assert graph_file(folder, manifest) == folder / "model.onnx"
    assert graph_file(folder, manifest, device="cuda:1") == folder / "model.fp16.onnx"
    export_model(
        str(tiny_tagger_checkpoint),
        folder,
        about=ModelDescription("m"),
        precision="int8",
        documents=sample,
    )
    manifest = load_manifest(folder)
    assert graph_file(folder, manifest, device="cuda") == folder / "model.onnx"
    assert not (folder / "model.fp16.onnx").exists(), (
        "a variant of an earlier export would be of other weights"
    )


def test_a_graph_keeps_the_fusions_its_precision_is_fastest_with(
    tiny_tagger_checkpoint: Path, tmp_path: Path
) -> None:
    import onnx

    folder = tmp_path / "m"
    export_model(
        str(tiny_tagger_checkpoint),
        folder,
        about=ModelDescription("m"),
        precision="int8",
        also=["fp16", "fp32"],
        documents=parity_sample(None)[:3],
    )
    files = variant_files(folder, load_manifest(folder))
    kinds = {
        name: {n.op_type for n in onnx.load(str(file)).graph.node} for name, file in files.items()
    }
    assert {"SkipLayerNormalization", "BiasGelu"} <= kinds["fp16"]
    for precision in ("int8", "fp32"):
        assert {"LayerNormalization", "Gelu"} <= kinds[precision]
        assert not {"SkipLayerNormalization", "BiasGelu"} & kinds[precision]
    assert "MatMulInteger" in kinds["int8"]
    assert not list(folder.glob("*fused*"))
