import os
import pickle
import shutil
from copy import copy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from biopipe.errors import InputError
from biopipe.runtime.batching import Plan
from biopipe.runtime.binding import BoundSession
from biopipe.runtime.device import Device
from biopipe.runtime.encoder import TokenEncoder
from biopipe.runtime.manifest import load_manifest
from biopipe.runtime.memory import Fitting
from biopipe.runtime.session import Session


@pytest.fixture
def encoder(tiny_tagger: Path) -> TokenEncoder:
    return TokenEncoder(tiny_tagger, load_manifest(tiny_tagger))


@pytest.fixture
def two_outputs(tiny_tagger: Path, tmp_path: Path) -> Path:
    """The tagger's graph with the values before its last node as a second output."""
    onnx = pytest.importorskip("onnx")
    model = onnx.load(str(tiny_tagger / "model.onnx"))
    last = next(node for node in model.graph.node if "logits" in node.output)
    states = next(
        name for name in last.input if name not in {each.name for each in model.graph.initializer}
    )
    model.graph.node.append(onnx.helper.make_node("Identity", [states], ["states"]))
    model.graph.output.append(
        onnx.helper.make_tensor_value_info("states", onnx.TensorProto.FLOAT, None)
    )
    onnx.save(model, str(tmp_path / "two.onnx"))
    return tmp_path / "two.onnx"


def test_long_text_is_windowed_and_every_token_gets_a_row(encoder: TokenEncoder) -> None:
    tokens = encoder.tokenize(["gene " * 1700, "", "the cancer"])
    windows = encoder.windows(tokens)
    assert [w.text for w in windows] == [0, 0, 0, 0, 2]
    outputs = encoder.encode(tokens, windows)
    assert [len(rows) for rows in outputs] == [1700, 0, 2]


def test_a_token_has_the_output_of_the_window_that_owns_it(encoder: TokenEncoder) -> None:
    text = " ".join(f"{chr(97 + i % 26)}{i % 7}" for i in range(900))
    tokens = encoder.tokenize([text])
    windows = encoder.windows(tokens)
    merged = encoder.encode(tokens, windows)[0]
    second = windows[1]
    alone = encoder.session.run(
        [
            {
                "input_ids": np.array([[2, *tokens[0].ids[second.start : second.end], 3]]),
                "attention_mask": np.ones((1, second.end - second.start + 2), dtype=np.int64),
            }
        ]
    )[0][0][0]
    inside = slice(1 + second.own_start - second.start, 1 + second.own_end - second.start)
    np.testing.assert_array_equal(merged[second.own_start : second.own_end], alone[inside])


def test_result_does_not_depend_on_the_company(encoder: TokenEncoder) -> None:
    texts = ["the gene of cancer", "aspirin " * 60, "a"]
    together = encoder.encode(tokens := encoder.tokenize(texts), encoder.windows(tokens))
    for text, rows in zip(texts, together, strict=True):
        alone = encoder.encode(tokens := encoder.tokenize([text]), encoder.windows(tokens))[0]
        np.testing.assert_array_equal(rows, alone)


def test_a_second_output_is_neither_in_the_way_nor_computed_for_nothing(
    encoder: TokenEncoder, two_outputs: Path
) -> None:
    tokens = encoder.tokenize(["the gene of cancer", "aspirin"])
    expected = encoder.encode(tokens, encoder.windows(tokens))
    encoder.session = Session(two_outputs)
    assert encoder.session.outputs == ["logits", "states"]
    for rows, same in zip(encoder.encode(tokens, encoder.windows(tokens)), expected, strict=True):
        np.testing.assert_array_equal(rows, same)


@pytest.mark.parametrize(
    "plan",
    [
        Plan(tokens=4096, step=32, enough=1024),
        Plan(tokens=700, step=64, enough=0, even_rows=True),
        Plan(tokens=99),
    ],
)
def test_as_on_a_card_padded_batches_over_kept_buffers_change_nothing_but_rounding(
    tiny_tagger: Path, tmp_path: Path, plan: Plan
) -> None:
    folder = Path(shutil.copytree(tiny_tagger, tmp_path / "model"))
    texts = [
        "gene " * 700,
        "the cancer of aspirin",
        "",
        "a",
        *(f"x{i} " * (i * 7 % 90 + 1) for i in range(40)),
    ]
    alone = TokenEncoder(tiny_tagger, load_manifest(tiny_tagger))
    tokens = alone.tokenize(texts)
    expected = alone.encode(tokens, alone.windows(tokens))
    card = TokenEncoder(folder, load_manifest(folder), threads=1)  # one thread feeds a card
    # A copy: what is opened is shared by every model of this content, and bound buffers by no two
    # threads.
    opened = copy(card.session._opened())
    opened.plan = plan
    opened.run = Fitting(
        BoundSession(opened.session, Device(graphs=True)).run, rows_apart=True, device="cpu"
    )
    card.session._kept = (os.getpid(), opened)
    for _ in range(3):  # the second run captures, the third finds what is captured
        found = card.encode(tokens, card.windows(tokens))
        for rows, same in zip(found, expected, strict=True):
            assert rows.dtype == np.float32
            np.testing.assert_allclose(rows, same, atol=2e-5)


@pytest.mark.parametrize(
    ("device", "file"), [("cpu", "model.onnx"), ("cuda:1,graphs", "model.fp16.onnx")]
)
def test_a_card_gets_the_graph_in_half_precision_where_there_is_one(
    tiny_tagger: Path, device: str, file: str
) -> None:
    manifest = load_manifest(tiny_tagger)
    both = replace(
        manifest,
        variants={"int8": {"file": "model.onnx"}, "fp16": {"file": "model.fp16.onnx"}},
        files={**manifest.files, "model.fp16.onnx": {"sha256": "0" * 64, "bytes": 1}},
    )
    assert TokenEncoder(tiny_tagger, both, device=device).session.path == tiny_tagger / file
    assert TokenEncoder(
        tiny_tagger, replace(manifest, variants={}), device=device
    ).session.path == (tiny_tagger / "model.onnx")


def test_pickle_carries_no_session(encoder: TokenEncoder) -> None:
    tokens = encoder.tokenize(["the gene"])
    expected = encoder.encode(tokens, encoder.windows(tokens))[0]
    copy = pickle.loads(pickle.dumps(encoder))
    np.testing.assert_array_equal(copy.encode(tokens, copy.windows(tokens))[0], expected)


def test_lone_surrogate_is_named_with_its_offset(encoder: TokenEncoder) -> None:
    with pytest.raises(InputError, match=r"lone surrogate.*character 3"):
        encoder.tokenize(["abc\ud800"])
