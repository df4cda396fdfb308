from pathlib import Path
from shutil import copytree

import pytest

pytest.importorskip("torch", reason="needs the extra 'train'")

from safetensors.torch import load_file, save_file
from transformers import AutoModel

from biopipe.errors import ConfigError
from biopipe.train.common.mean import WEIGHTS, mean_checkpoint


@pytest.fixture
def pair(tiny_bert: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A checkpoint, and another whose weights are three times as large, with a file of its own."""
    one, other = (Path(copytree(tiny_bert, tmp_path / name)) for name in ("one", "other"))
    tensors = {name: 3 * value for name, value in load_file(one / WEIGHTS).items()}
    save_file(tensors, other / WEIGHTS, metadata={"format": "pt"})
    for name in ("training.json", "history.json"):
        (other / name).write_text("[]")
    return one, other


@pytest.mark.parametrize(("shares", "factor"), [((), 2.0), ((1.0, 3.0), 2.5), ((0.6, 0.2), 1.5)])
def test_weights_are_their_weighted_mean(
    pair: tuple[Path, Path], tmp_path: Path, shares: tuple[float, ...], factor: float
) -> None:
    folder = mean_checkpoint(pair, tmp_path / "mean", shares)
    first, mean = load_file(pair[0] / WEIGHTS), load_file(folder / WEIGHTS)
    assert mean.keys() == first.keys()
    assert all((mean[name] - factor * value).abs().max() < 1e-5 for name, value in first.items())
    assert (folder / "training.json").read_text() == "[]"
    assert not (folder / "history.json").exists(), "scores of one run"
    AutoModel.from_pretrained(folder)


def test_what_cannot_be_averaged_is_said(pair: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="2 checkpoints and 1 shares"):
        mean_checkpoint(pair, tmp_path / "mean", [1.0])
    with pytest.raises(ConfigError, match=r"no model\.safetensors in .*nothing"):
        mean_checkpoint([pair[0], tmp_path / "nothing"], tmp_path / "mean")
    tensors = load_file(pair[1] / WEIGHTS)
    tensors.popitem()
    save_file(tensors, pair[1] / WEIGHTS)
    with pytest.raises(ConfigError, match="other names or shapes"):
        mean_checkpoint(pair, tmp_path / "mean")
    assert not (tmp_path / "mean").exists()
