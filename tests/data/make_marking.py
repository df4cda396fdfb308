"""Makes tests/data/marking anew, with the onnx package: python tests/data/make_marking.py

A model directory whose tagger finds each "(" with all up to its ")", if it sees both "(" and what
follows. Its graph counts brackets from the left, so what it says of a token depends on where its
window begins.
"""

from collections.abc import Callable
from pathlib import Path

import onnx
from numpy import array, float32, int64
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from biopipe.runtime.manifest import Manifest, write_manifest

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "x", ".", "(", "m", "-", ")"]


def write_marking(folder: Path) -> None:
    """Write graph, tokenizer and manifest to `folder`, which is there."""
    tokenizer = Tokenizer(
        models.WordPiece({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]")
    )
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.save(str(folder / "tokenizer.json"))
    onnx.save(_graph(helper.make_node), str(folder / "model.onnx"))
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


def _graph(node: Callable[..., onnx.NodeProto]) -> onnx.ModelProto:
    """Logits 9 for O outside, for B at "(", for I from there to ")"."""
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


if __name__ == "__main__":
    target = Path(__file__).resolve().parent / "marking"
    target.mkdir(exist_ok=True)
    write_marking(target)
