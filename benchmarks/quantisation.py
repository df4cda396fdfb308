"""Ways to make a tagger's graph smaller: mention F1 on dev documents, speed against fp32, bytes.

    python benchmarks/quantisation.py CHECKPOINT --limit 100

Each recipe is applied to the same traced fp32 graph. Speed is that of the graph alone over the same
documents, one unpadded window at a time on one core, each recipe in turn and round after round; the
middle of the rounds' ratios to fp32 counts.
"""

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from comparison import corpora
from record import options, record

from biopipe.document import Document

CORPORA = {"bc5cdr": "corpora/bc5cdr/dev.pubtator"}
Recipe = Callable[[Path, Path], None]


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("checkpoint", help="of a tagger")
    parser.add_argument("--limit", type=int, default=100, help="documents")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--timed", type=int, default=30, help="documents that are timed")
    parser.add_argument("--recipe", action="append", help="only these; fp32 is always there")
    arguments = parser.parse_args()
    documents = corpora(arguments.data, CORPORA)["bc5cdr"][: arguments.limit]
    wanted = {
        name: each
        for name, each in recipes(documents).items()
        if name in (arguments.recipe or [name])
    }
    with tempfile.TemporaryDirectory() as folder:
        result = compare_recipes(arguments.checkpoint, Path(folder), documents, wanted, arguments)
    record("quantisation", result, arguments.results)


def compare_recipes(
    checkpoint: str,
    folder: Path,
    documents: Sequence[Document],
    wanted: Mapping[str, Recipe],
    arguments: Any,
) -> dict[str, Any]:
    """F1, megabytes and speed of each recipe; a recipe that fails says why."""
    from biopipe.evaluate.speed import Timed, graph_speeds, model_feeds
    from biopipe.train.export.model import export_model
    from biopipe.train.export.tagger import trace_tagger
    from biopipe.train.export.task import ModelDescription

    source = folder / "fp32"
    export_model(
        checkpoint,
        source,
        about=ModelDescription("fp32"),
        precision="fp32",
        documents=documents[:10],
    )
    (folder / "traced").mkdir()
    trace_tagger(checkpoint, folder / "traced", ModelDescription("traced"), documents[:1])
    models, result = {"fp32": source}, {"fp32": measure(source, documents)}
    for name, recipe in wanted.items():
        try:
            models[name] = apply(recipe, source, folder / name, folder / "traced" / "fp32.onnx")
            result[name] = measure(models[name], documents)
        except Exception as error:  # a recipe that onnxruntime cannot do is a result too
            models.pop(name, None)
            result[name] = {"failed": f"{type(error).__name__}: {str(error)[:300]}"}
    feeds = model_feeds(source, documents[: arguments.timed])
    timed = {name: Timed(model / "model.onnx", feeds) for name, model in models.items()}
    timed = graph_speeds(timed, threads=1, rounds=arguments.rounds)
    for name, each in timed.items():
        result[name]["tokens_per_second"] = round(each.tokens_per_second)
        result[name]["times_as_fast"] = round(each.times_as_fast(timed["fp32"]), 2)
    return {"documents": len(documents), "timed": arguments.timed, "recipes": result}


def apply(recipe: Recipe, source: Path, target: Path, traced: Path) -> Path:
    """A model directory like `source` with the graph the recipe makes."""
    import shutil

    from biopipe.runtime.manifest import load_manifest, write_manifest

    target.mkdir()
    shutil.copyfile(source / "tokenizer.json", target / "tokenizer.json")
    recipe(traced, target / "model.onnx")
    manifest = replace(load_manifest(source), name=target.name, variants={})
    write_manifest(target, manifest, ["model.onnx", "tokenizer.json"])
    return target


def measure(model: Path, documents: Sequence[Document]) -> dict[str, Any]:
    """Strict micro F1 over the labels of the gold, and the size of the graph."""
    from biopipe.evaluate.gold import without_annotations
    from biopipe.evaluate.mention_scores import score_ner
    from biopipe.ner.tagger import Tagger

    predicted = Tagger(model).predict([without_annotations(document) for document in documents])
    scores = score_ner(list(documents), predicted)
    megabytes = (model / "model.onnx").stat().st_size / 1e6
    return {"f1": round(float(scores["micro"]["f1"]), 4), "megabytes": round(megabytes, 1)}


def recipes(documents: Sequence[Document]) -> dict[str, Recipe]:
    """By name; "shipped" is what `biopipe model export` does."""
    return {
        "shipped": dynamic(),
        "all fusions": dynamic(attention=True, residual=True),
        "per tensor": dynamic(per_channel=False),
        "one scale an embedding table": dynamic(embeddings="table"),
        "fp32 embeddings": dynamic(embeddings="fp32"),
        "reduced range": dynamic(reduce_range=True),
        "unsigned weights": dynamic(unsigned=True),
        "symmetric activations": dynamic(symmetric=True),
        "fp32 head": dynamic(exclude=("classifier",)),
        "fp32 first layer": dynamic(exclude_layers=(0,)),
        "fp32 last layer": dynamic(exclude_layers=(-1,)),
        "fp32 feed-forward output": dynamic(
            exclude=("/output/dense",), exclude_not=("/attention/",)
        ),
        "weights only, 8 bits": weights_only(8),
        "weights only, 4 bits": weights_only(4),
        "weights only, 8 bits, int8 products": weights_only(8, accuracy_level=4),
        "weights only, 4 bits, int8 products": weights_only(4, accuracy_level=4),
        "static, min and max": static(documents, method="MinMax"),
        "fp16": half_graph,
    }


def dynamic(
    *,
    per_channel: bool = True,
    embeddings: str = "row",
    reduce_range: bool = False,
    unsigned: bool = False,
    symmetric: bool = False,
    attention: bool = False,
    residual: bool = False,
    exclude: Sequence[str] = (),
    exclude_not: Sequence[str] = (),
    exclude_layers: Sequence[int] = (),
) -> Recipe:
    """onnxruntime's dynamic quantisation, one thing changed."""

    def make(source: Path, target: Path) -> None:
        import onnx
        from onnxruntime.quantization import QuantType, quantize_dynamic

        from biopipe.train.export.onnx_graph import fuse
        from biopipe.train.export.precision import QUANTISED, quantise_embeddings

        fuse(source, target, attention=attention, residual=residual)
        model = onnx.load(str(target))
        if embeddings == "row":
            quantise_embeddings(model)
        left = [
            node.name
            for node in model.graph.node
            if node.op_type in {"MatMul", "Attention"}
            and (
                (
                    any(w in node.name for w in exclude)
                    and not any(w in node.name for w in exclude_not)
                )
                or node.name in layers(model, exclude_layers)
            )
        ]
        if (exclude or exclude_layers) and not left:
            raise ValueError("no node to leave out")
        prepared = target.with_name("prepared.onnx")
        onnx.save(model, str(prepared))
        quantize_dynamic(
            str(prepared),
            str(target),
            per_channel=per_channel,
            reduce_range=reduce_range,
            weight_type=QuantType.QUInt8 if unsigned else QuantType.QInt8,
            op_types_to_quantize=[*QUANTISED, *(["Gather"] if embeddings == "table" else [])],
            nodes_to_exclude=left,
            extra_options={
                "MatMulConstBOnly": True,
                "DefaultTensorType": onnx.TensorProto.FLOAT,
                "ActivationSymmetric": symmetric,
            },
        )
        prepared.unlink()

    return make


def layers(model: Any, numbers: Sequence[int]) -> set[str]:
    """Names of the matrix products of these encoder layers; -1 is the last."""
    places = {
        node.name: int(found[1])
        for node in model.graph.node
        if node.op_type == "MatMul" and (found := re.search(r"/layer\.(\d+)/", node.name))
    }
    wanted = {number % (max(places.values()) + 1) for number in numbers}
    return {name for name, place in places.items() if place in wanted}


def weights_only(bits: int, *, block: int = 32, accuracy_level: int = 0) -> Recipe:
    """Weights in blocks of `block` with a scale each, activations fp32 or (level 4) int8;
    embeddings by row.
    """

    def make(source: Path, target: Path) -> None:
        import onnx
        from onnxruntime.quantization.matmul_nbits_quantizer import (
            DefaultWeightOnlyQuantConfig,
            MatMulNBitsQuantizer,
        )

        from biopipe.train.export.onnx_graph import fuse
        from biopipe.train.export.precision import quantise_embeddings

        fuse(source, target, attention=False, residual=False)
        model = onnx.load(str(target))
        quantise_embeddings(model)
        config = DefaultWeightOnlyQuantConfig(
            block_size=block, is_symmetric=True, accuracy_level=accuracy_level or None, bits=bits
        )
        quantizer = MatMulNBitsQuantizer(model, algo_config=config)
        quantizer.process()
        onnx.save(quantizer.model.model, str(target))

    return make


def static(documents: Sequence[Document], *, method: str) -> Recipe:
    """Ranges of activations fixed on the first documents, as QDQ pairs; embeddings by row."""

    def make(source: Path, target: Path) -> None:
        import onnx
        from onnxruntime.quantization import (
            CalibrationDataReader,
            CalibrationMethod,
            QuantFormat,
            QuantType,
            quantize_static,
        )
        from onnxruntime.quantization.shape_inference import quant_pre_process

        from biopipe.evaluate.speed import model_feeds
        from biopipe.train.export.onnx_graph import fuse
        from biopipe.train.export.precision import quantise_embeddings

        feeds = model_feeds(target.parent.parent / "fp32", documents[:20])

        class Reader(CalibrationDataReader):  # type: ignore[misc]
            def __init__(self) -> None:
                self.left = iter(feeds)

            def get_next(self) -> Any:
                return next(self.left, None)

        fuse(source, target, attention=False, residual=False)
        model = onnx.load(str(target))
        quantise_embeddings(model)
        prepared = target.with_name("prepared.onnx")
        onnx.save(model, str(prepared))
        # Without the types of the fused operators' outputs most products would be left in fp32.
        quant_pre_process(
            str(prepared),
            str(prepared),
            skip_optimization=True,
            skip_onnx_shape=True,
            auto_merge=True,
        )
        quantize_static(
            str(prepared),
            str(target),
            Reader(),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul"],
            calibrate_method=getattr(CalibrationMethod, method),
            extra_options={"MatMulConstBOnly": True, "DefaultTensorType": onnx.TensorProto.FLOAT},
        )
        prepared.unlink()

    return make


def half_graph(source: Path, target: Path) -> None:
    """fp16, which the processor computes in fp32."""
    from biopipe.train.export.precision import write_in_precision

    write_in_precision(source, target, "fp16")


if __name__ == "__main__":
    main()
