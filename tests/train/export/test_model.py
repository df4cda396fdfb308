from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra 'train'")

from biopipe.errors import ModelError, OutputError
from biopipe.runtime.manifest import load_manifest
from biopipe.runtime.session import Session
from biopipe.train.export.model import export_model
from biopipe.train.export.parity import check_parity
from biopipe.train.export.sample import parity_sample
from biopipe.train.export.task import ModelDescription


def test_int8_is_smaller_and_its_parity_is_in_the_manifest(
    tiny_relations: Path, tiny_relation_checkpoint: Path, tmp_path: Path
) -> None:
    about, sample = ModelDescription(name="m"), parity_sample(None)
    export_model(
        str(tiny_relation_checkpoint),
        tmp_path / "m",
        about=about,
        precision="int8",
        documents=sample,
    )
    manifest = load_manifest(tmp_path / "m")
    assert manifest.settings["precision"] == "int8"
    assert manifest.parity["max_logit_difference"] > 0
    assert (tmp_path / "m" / "model.onnx").stat().st_size < (
        tiny_relations / "model.onnx"
    ).stat().st_size


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_a_tagger_gives_its_states_as_a_second_output(
    precision: str, tiny_tagger_checkpoint: Path, tmp_path: Path
) -> None:
    import torch
    from transformers import AutoModelForTokenClassification

    sample = parity_sample(None)
    for layer in (1, 2):
        folder = tmp_path / str(layer)
        export_model(
            str(tiny_tagger_checkpoint),
            folder,
            about=ModelDescription(name="m"),
            precision=precision,
            documents=sample,
            states_layer=layer,
        )
        session = Session(folder / "model.onnx")
        assert session.outputs == ["logits", "states"]
        assert load_manifest(folder).settings["states_layer"] == layer
        ids = np.array([[2, 30, 31, 32, 3], [2, 33, 3, 0, 0]], dtype=np.int64)
        ((_, states),) = session.run(
            [{"input_ids": ids, "attention_mask": (ids > 0).astype(np.int64)}]
        )
        model = AutoModelForTokenClassification.from_pretrained(tiny_tagger_checkpoint).eval()
        with torch.inference_mode():
            want = model(torch.tensor(ids), torch.tensor(ids > 0).long(), output_hidden_states=True)
        difference = np.abs(states - want.hidden_states[layer].numpy())[ids > 0]
        assert difference.mean() < (1e-5 if precision == "fp32" else 0.1)
    with pytest.raises(ModelError, match=r"no encoder layer 3; give one of 1 to 2"):
        export_model(
            str(tiny_tagger_checkpoint),
            tmp_path / "n",
            about=ModelDescription(name="n"),
            precision="fp32",
            documents=sample,
            states_layer=3,
        )


def test_the_gate_refuses_and_names_the_worst_sample() -> None:
    good, bad = np.zeros((1, 4, 3), dtype=np.float32), np.ones((1, 4, 3), dtype=np.float32)
    with pytest.raises(ModelError, match="on sample 1 "):
        check_parity([[good], [bad]], [[good], [good]], precision="fp32")
    flipped = good.copy()
    flipped[..., 2] = 1
    with pytest.raises(ModelError, match=r"changes 50\.00% of decisions.*sample\s+0"):
        check_parity([[flipped], [good]], [[good], [good]], precision="int8")
    assert check_parity([[good]], [[good]], precision="fp32")["changed_decisions"] == 0


def test_a_file_in_the_way_and_an_unknown_precision(
    tiny_tagger_checkpoint: Path, tmp_path: Path
) -> None:
    (tmp_path / "m").write_text("")
    with pytest.raises(OutputError, match="is a file"):
        export_model(
            str(tiny_tagger_checkpoint),
            tmp_path / "m",
            about=ModelDescription(name="m"),
            precision="fp32",
            documents=parity_sample(None),
        )
    with pytest.raises(ModelError, match="Unknown precision 'int4'"):
        export_model(
            str(tiny_tagger_checkpoint),
            tmp_path / "n",
            about=ModelDescription(name="n"),
            precision="int4",
            documents=[],
        )
    assert not (tmp_path / "n").exists()
