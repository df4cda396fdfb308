"""A tagger that finds what is marked in a text and needs to see a mention from its start to do
so.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "x", ".", "(", "m", "-", ")"]


@pytest.fixture(scope="session")
def marking_tagger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model directory whose tagger finds each "(" with all up to its ")", if it sees both "(" and
    what follows.

    Its graph counts brackets from the left, so what it says of a token depends on where its window
    begins.
    """
    onnx = pytest.importorskip("onnx", reason="needs the extra 'train'")
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    from biopipe.runtime.manifest import Manifest, write_manifest

    folder = tmp_path_factory.mktemp("models") / "marking"
    folder.mkdir()
    tokenizer = Tokenizer(
        models.WordPiece({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]")
    )
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.save(str(folder / "tokenizer.json"))
    onnx.save(_graph(onnx.helper.make_node, onnx), str(folder / "model.onnx"))
    manifest = Manifest(
        name="marking",
        version="1",
        task="token-classification",
        labels=("Gene",),
        max_length=512,
        stride=64,
        opset=17,
        base_model="",
        licence="Apache-2.0",
        settings={"tags": ["O", "B-Gene", "I-Gene"]},
    )
    write_manifest(folder, manifest, ["model.onnx", "tokenizer.json"])
    return folder


def _graph(node: Callable[..., object], onnx: object) -> object:
    """Logits 9 for O outside, for B at "(", for I from there to ")"."""
    from numpy import array, float32, int64
    from onnx import TensorProto, helper, numpy_helper

    start, end = WORDS.index("("), WORDS.index(")")
    values = {
        "start": array(start),
        "end": array(end),
        "one": array(1),
        "last": array([-1]),
        "axis": array(1),
    }
    nodes = [
        node("Equal", ["input_ids", "start"], ["starts"]),
        node("Equal", ["input_ids", "end"], ["ends"]),
        node("Cast", ["starts"], ["begun"], to=TensorProto.FLOAT),
        node("Cast", ["ends"], ["ended"], to=TensorProto.FLOAT),
        node("CumSum", ["begun", "axis"], ["begun_so_far"]),
        node("CumSum", ["ended", "axis"], ["ended_before"], exclusive=1),
        node("Sub", ["begun_so_far", "ended_before"], ["open"]),
        node("Clip", ["open", "none", "full"], ["within"]),
        node("Sub", ["full", "within"], ["outside"]),
        node("Sub", ["within", "begun"], ["inside"]),
        *(
            node("Unsqueeze", [each, "last"], [f"{each}_column"])
            for each in ("outside", "begun", "inside")
        ),
        node("Concat", ["outside_column", "begun_column", "inside_column"], ["tags"], axis=2),
        node("Mul", ["tags", "nine"], ["logits"]),
    ]
    constants = [
        numpy_helper.from_array(value.astype(int64), name) for name, value in values.items()
    ]
    constants += [
        numpy_helper.from_array(array(value, dtype=float32), name)
        for name, value in {"none": 0.0, "full": 1.0, "nine": 9.0}.items()
    ]
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])
        for name in ("input_ids", "attention_mask")
    ]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", "tokens", 3])]
    graph = helper.make_graph(nodes, "marking", inputs, outputs, constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
