import os
import pickle
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

from biopipe.errors import DeviceError, ModelError
from biopipe.io.file_hash import file_sha256
from biopipe.runtime.providers import left_to_the_cpu
from biopipe.runtime.session import Session


def _feed(length: int) -> dict[str, np.ndarray]:
    return {
        "input_ids": np.full((1, length), 7),
        "attention_mask": np.ones((1, length), dtype=np.int64),
    }


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


@pytest.mark.skipif(
    "CUDAExecutionProvider" in ort.get_available_providers(), reason="a GPU is at hand"
)
def test_cuda_that_is_not_there_is_an_error_not_a_fallback(tiny_tagger: Path) -> None:
    for device in ("cuda", "cuda:1,graphs", "tensorrt"):
        with pytest.raises(
            DeviceError,
            match=r"^The device '\w+:\d' cannot be used: .*onnxruntime-gpu.*--device cpu\.$",
        ):
            Session(tiny_tagger / "model.onnx", device=device).run([_feed(1)])


def test_only_the_outputs_asked_for_in_their_order(tiny_relations: Path) -> None:
    session = Session(tiny_relations / "model.onnx")
    inputs = session._opened().session.get_inputs()
    kinds = {"tensor(float)": np.float32, "tensor(int64)": np.int64}
    feed = {
        each.name: np.zeros(
            [axis if isinstance(axis, int) else 1 for axis in each.shape], kinds[each.type]
        )
        for each in inputs
    }
    everything = dict(zip(session.outputs, session.run([feed])[0], strict=True))
    some = session.run([feed], outputs=["novelty", "relation"])[0]
    assert [array.shape[1] for array in some] == [2, len(everything["relation"][0])]
    np.testing.assert_array_equal(some[1], everything["relation"])


def test_threads_that_come_at_once_open_one_session(tiny_tagger: Path, tmp_path: Path) -> None:
    path = shutil.copy(tiny_tagger / "model.onnx", tmp_path / "model.onnx")
    together = threading.Barrier(4)

    def opened(_: int) -> object:
        together.wait(timeout=60)
        return Session(path)._opened()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(opened, range(4)))) == 1


def test_a_session_that_has_run_can_be_sent_to_another_process(tiny_tagger: Path) -> None:
    session = Session(tiny_tagger / "model.onnx")
    expected = session.run([_feed(4)])[0][0]
    copy = pickle.loads(pickle.dumps(session))
    np.testing.assert_array_equal(copy.run([_feed(4)])[0][0], expected)


def test_matrix_products_left_to_the_cpu_are_seen(tiny_tagger: Path) -> None:
    options = ort.SessionOptions()
    options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
    session = ort.InferenceSession(
        str(tiny_tagger / "model.onnx"), options, providers=["CPUExecutionProvider"]
    )
    if not hasattr(session, "get_provider_graph_assignment_info"):
        pytest.skip("this onnxruntime does not tell where nodes run")
    left = left_to_the_cpu(session)
    assert left["Attention"] == 2
    assert "LayerNormalization" not in left


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


def _doubling(path: Path, factor: float, **saved: object) -> Path:
    """A graph that multiplies its input; `saved` are options of onnx.save_model."""
    onnx = pytest.importorskip("onnx")
    helper, numpy_helper, TensorProto = onnx.helper, onnx.numpy_helper, onnx.TensorProto
    weight = numpy_helper.from_array(np.full((4, 4), factor, np.float32), "w")
    axes = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 4]) for name in "xy"]
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    graph = helper.make_graph([node], "g", axes[:1], axes[1:], [weight])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save_model(model, path, **saved)
    return path


ONES = {"x": np.ones((1, 4), np.float32)}


def test_a_graph_that_was_replaced_in_place_answers_as_what_it_is(tmp_path: Path) -> None:
    path = _doubling(tmp_path / "model.onnx", 1.0)
    first = Session(path)
    assert first.run([ONES])[0][0][0, 0] == 4
    _doubling(path, 2.0)
    assert Session(path).run([ONES])[0][0][0, 0] == 8
    # What is open goes on as it was.
    assert first.run([ONES])[0][0][0, 0] == 4


def test_a_graph_that_was_replaced_before_its_first_use_is_an_error(tmp_path: Path) -> None:
    path = _doubling(tmp_path / "model.onnx", 5.0)  # no other test opens it
    session = Session(path, sha256=file_sha256(path))
    status = path.stat()
    _doubling(path, 2.0)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    with pytest.raises(ModelError, match="is another one than when its model was opened"):
        session.run([ONES])


def test_graphs_of_one_content_are_opened_once(tmp_path: Path) -> None:
    one = _doubling(tmp_path / "a.onnx", 3.0)
    other = Path(shutil.copy(one, tmp_path / "b.onnx"))
    assert Session(one)._opened() is Session(other)._opened()


@pytest.mark.parametrize("location", ["w.bin", "sub/w.bin"])
def test_weights_outside_of_the_graph_are_not_read(tmp_path: Path, location: str) -> None:
    (tmp_path / "sub").mkdir()
    path = _doubling(
        tmp_path / "model.onnx",
        1.0,
        save_as_external_data=True,
        location=location,
        size_threshold=0,
    )
    assert (tmp_path / location).is_file()
    with pytest.raises(ModelError, match="cannot open"):
        Session(path).run([ONES])
