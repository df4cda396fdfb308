import os
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

from biopipe.errors import DeviceError, ModelError
from biopipe.runtime.session import Session


def _feed(length: int) -> dict[str, np.ndarray]:
    return {"input_ids": np.full((1, length), 7), "attention_mask": np.ones((1, length), dtype=np.int64)}


def test_runs_side_by_side_give_what_single_runs_give(tiny_tagger: Path) -> None:
    feeds = [_feed(length) for length in (3, 50, 7, 120, 1)]
    alone = Session(tiny_tagger / "model.onnx", threads=1).run(feeds)
    together = Session(tiny_tagger / "model.onnx", threads=3).run(feeds)
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one[0], other[0])


def test_unreadable_graph_is_a_model_error(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(ModelError, match="cannot open"):
        Session(tmp_path / "model.onnx").run([_feed(1)])


@pytest.mark.skipif("CUDAExecutionProvider" in ort.get_available_providers(), reason="a GPU is at hand")
def test_cuda_that_is_not_there_is_an_error_not_a_fallback(tiny_tagger: Path) -> None:
    with pytest.raises(DeviceError, match=r"onnxruntime-gpu.*NVIDIA driver"):
        Session(tiny_tagger / "model.onnx", device="cuda").run([_feed(1)])


def test_unknown_device(tiny_tagger: Path) -> None:
    with pytest.raises(DeviceError, match="Unknown device 'tpu'"):
        Session(tiny_tagger / "model.onnx", device="tpu").run([_feed(1)])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this platform")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_opens_its_own_session(tiny_tagger: Path) -> None:
    session = Session(tiny_tagger / "model.onnx", threads=1)
    expected = session.run([_feed(5)])[0][0]
    child = os.fork()
    if child == 0:
        same = np.array_equal(session.run([_feed(5)])[0][0], expected)
        os._exit(0 if same else 1)
    assert os.waitpid(child, 0)[1] == 0
