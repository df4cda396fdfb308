from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

from biopipe.runtime.binding import MOST_SHAPES, BoundSession
from biopipe.runtime.device import Device


def _feed(rows: int, length: int, *, token: int = 7) -> dict[str, np.ndarray]:
    ids = np.full((rows, length), token)
    return {"input_ids": ids, "attention_mask": np.ones_like(ids)}


@pytest.fixture(scope="module")
def plain(tiny_tagger: Path) -> ort.InferenceSession:
    return ort.InferenceSession(str(tiny_tagger / "model.onnx"), providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("graphs", [False, True])
def test_bound_runs_give_what_plain_runs_give(plain: ort.InferenceSession, graphs: bool) -> None:
    bound = BoundSession(plain, Device(graphs=graphs))
    kept = []
    for token in range(5, 20):
        feed = _feed(token % 3 + 1, 4 + token % 4, token=token)
        kept.append((bound.run(feed, None)[0], plain.run(None, feed)[0]))
    for found, expected in kept:  # after all runs: a result is not overwritten by the next one
        np.testing.assert_array_equal(found, expected)


def test_a_shape_that_comes_again_finds_its_buffers(plain: ort.InferenceSession) -> None:
    bound = BoundSession(plain, Device())
    first = bound.buffers_of(_feed(2, 9), ["logits"])
    assert bound.buffers_of(_feed(2, 9, token=8), ["logits"]) is first
    assert bound.buffers_of(_feed(2, 10), ["logits"]) is not first


def test_buffers_are_bounded_and_those_used_last_stay(plain: ort.InferenceSession) -> None:
    bound = BoundSession(plain, Device())
    first = bound.buffers_of(_feed(1, 3), ["logits"])
    for length in range(4, 3 + MOST_SHAPES):
        bound.buffers_of(_feed(1, length), ["logits"])
    assert bound.buffers_of(_feed(1, 3), ["logits"]) is first
    bound.buffers_of(_feed(1, 200), ["logits"])
    assert bound.buffers_of(_feed(1, 3), ["logits"]) is first
    second = bound.buffers_of(_feed(1, 4), ["logits"])
    for length in range(100, 100 + MOST_SHAPES):
        bound.buffers_of(_feed(1, length), ["logits"])
    assert bound.buffers_of(_feed(1, 4), ["logits"]) is not second


def _number(bound: BoundSession, length: int) -> str:
    return bound.buffers_of(_feed(1, length), ["logits"]).options.get_run_config_entry(
        "gpu_graph_id"
    )


def test_a_shape_that_comes_again_is_captured_with_a_number_and_addresses_of_its_own(
    plain: ort.InferenceSession,
) -> None:
    bound = BoundSession(plain, Device(graphs=True))
    assert [_number(bound, 3), _number(bound, 4)] == ["-1", "-1"]
    assert [_number(bound, 3), _number(bound, 4)] == ["1", "2"]
    captured = bound.buffers_of(_feed(1, 3), ["logits"])
    for length in range(100, 105 + MOST_SHAPES):
        assert _number(bound, length) == "-1"
    assert bound.buffers_of(_feed(1, 3), ["logits"]) is captured


def test_there_is_a_limit_to_captured_graphs(
    plain: ort.InferenceSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("biopipe.runtime.binding.MOST_GRAPHS", 2)
    bound = BoundSession(plain, Device(graphs=True))
    assert [_number(bound, length) for length in (3, 3, 4, 4, 5, 5, 5)] == [
        "-1",
        "1",
        "-1",
        "2",
        "-1",
        "-1",
        "-1",
    ]


def test_inputs_that_are_views_are_copied_right(plain: ort.InferenceSession) -> None:
    wide = _feed(4, 10)
    wide["input_ids"][:] = np.arange(40).reshape(4, 10)
    feed = {name: array[::2, ::2] for name, array in wide.items()}
    found = BoundSession(plain, Device()).run(feed, ["logits"])[0]
    np.testing.assert_array_equal(found, plain.run(["logits"], dict(feed))[0])


def test_outputs_whose_shape_cannot_be_foretold_are_left_to_onnxruntime(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    said = "g (int64[batch, tokens] ids) => (int64[2, found] places) { places = NonZero(ids) }"
    graph = onnx.parser.parse_graph(said)
    model = onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8
    )
    onnx.save(model, str(tmp_path / "model.onnx"))
    session = ort.InferenceSession(str(tmp_path / "model.onnx"), providers=["CPUExecutionProvider"])
    bound = BoundSession(session, Device(graphs=True))
    for ids in ([[0, 1], [1, 1]], [[1, 0], [0, 0]], [[1, 1], [1, 1]]):
        feed = {"ids": np.array(ids)}
        np.testing.assert_array_equal(bound.run(feed, None)[0], session.run(None, feed)[0])
        assert (
            bound.buffers_of(feed, ["places"]).options.get_run_config_entry("gpu_graph_id") == "-1"
        )
