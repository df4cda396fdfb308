"""Export trained checkpoints to model directories; a graph that differs too much from its
checkpoint is refused.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biopipe.document import Document
from biopipe.errors import ModelError
from biopipe.io.atomic import publish_file
from biopipe.runtime.manifest import Manifest, write_manifest
from biopipe.runtime.session import Session
from biopipe.train.export.gliner import CONFIG, trace_gliner
from biopipe.train.export.linking_models import trace_biencoder, trace_reranker
from biopipe.train.export.onnx_graph import OPSET, made_with, output_names
from biopipe.train.export.precision import PRECISIONS, write_in_precision
from biopipe.train.export.publish import published_model
from biopipe.train.export.relation_model import trace_relation_model
from biopipe.train.export.tagger import trace_tagger
from biopipe.train.export.task import ModelDescription, TracedModel, torch_outputs, training_data
from biopipe.train.linking.biencoder import BIENCODER_SETTINGS
from biopipe.train.linking.reranker import RERANKER_SETTINGS

__all__ = ["export_model", "left_by_trainer"]

Tracer = Callable[[str, Path, ModelDescription, Sequence[Document]], TracedModel]


def export_model(
    checkpoint: str,
    output: Path,
    *,
    about: ModelDescription,
    precision: str,
    documents: Sequence[Document],
    also: Sequence[str] = (),
    task: str | None = None,
    states_layer: int | None = None,
) -> Manifest:
    """Write a checkpoint (local folder or hub id) as a model directory and return its manifest.

    `precision` (fp32, fp16 or int8) is that of `model.onnx`; each of `also` goes beside it as a
    variant that the runtime may choose by device. `task` says what the model is; by default what
    our trainers left beside it does, or else it is a token classifier of Hugging Face's.
    `documents` are what parity with the checkpoint is measured on. With `states_layer` a tagger's
    graph has a second output `states` (batch, tokens, width), the hidden states after that encoder
    layer (1 is the first), for another model to read. ModelError for an unknown precision or task,
    and where a graph fails its gate; `output` is then left as it was.
    """
    precisions = list(dict.fromkeys((precision, *also)))
    if unknown := [precision for precision in precisions if precision not in PRECISIONS]:
        raise ModelError(f"Unknown precision '{unknown[0]}'; give one of: {', '.join(PRECISIONS)}.")
    task = task or left_by_trainer(checkpoint) or "token-classification"
    tracer = _tracer(task, states_layer)
    files = {
        precision: "model.onnx" if number == 0 else f"model.{precision}.onnx"
        for number, precision in enumerate(precisions)
    }
    with published_model(output) as folder:
        traced = tracer(checkpoint, folder, about, documents)
        variants = _write_variants(traced, folder, files)
        beside = _write_beside(traced, folder, precisions[0])
        manifest = _manifest(checkpoint, about, task, traced, variants, beside)
        return write_manifest(folder, manifest, [*files.values(), *beside, *traced.files])


def _tracer(task: str, states_layer: int | None) -> Tracer:
    if task not in _TRACERS:
        raise ModelError(f"Cannot export a model for '{task}'; give one of: {', '.join(_TRACERS)}.")
    if states_layer is None:
        return _TRACERS[task]
    if task != "token-classification":
        raise ModelError(f"A graph for {task} gives no hidden states; leave the states layer out.")
    return partial(trace_tagger, states_layer=states_layer)


def left_by_trainer(checkpoint: str) -> str:
    """The task, by the file that only its trainer writes."""
    return next(
        (task for file, task in _LEFT_BY_TRAINERS.items() if (Path(checkpoint) / file).is_file()),
        "",
    )


def _write_variants(
    traced: TracedModel, folder: Path, files: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """Each precision's file and its parity; refused where the gate fails."""
    source = folder / "fp32.onnx"
    names = output_names(source)
    expected = [torch_outputs(traced.module, feed) for feed in traced.feeds]
    variants = {}
    for precision, file in files.items():
        parity = _converted(traced, source, folder / file, precision, expected, names)
        variants[precision] = {"file": file, "parity": parity}
    source.unlink()
    return variants


def _converted(
    traced: TracedModel,
    source: Path,
    target: Path,
    precision: str,
    expected: Sequence[Sequence[NDArray[np.float32]]],
    names: Sequence[str],
) -> dict[str, Any]:
    """Write one precision and return its parity.

    An int8 graph that fails with 8 bits a weight is given 7: processors without VNNI add two
    products in 16 bits, which some weights overflow.
    """
    attempts = (8, 7) if precision == "int8" else (8,)
    for bits in attempts:
        attempt = target.with_name(f"{target.stem}.{bits}bits.onnx")
        write_in_precision(
            source, attempt, precision, exact=traced.exact, whole=traced.whole, bits=bits
        )
        outputs = Session(attempt).run(traced.feeds)
        try:
            parity = traced.gate(outputs, expected, precision=precision, names=names)
        except ModelError:
            attempt.unlink()
            if bits == attempts[-1]:
                raise
            continue
        publish_file(attempt, target)
        break
    return {**parity, "weight_bits": bits} if precision == "int8" else parity


def _write_beside(traced: TracedModel, folder: Path, precision: str) -> dict[str, dict[str, Any]]:
    """The model's further graphs in one precision each, with their parity."""
    parity = {}
    for name, part in traced.further_graphs.items():
        # They run on any device; fp16 has no kernels on a processor.
        own_precision = "fp32" if precision == "fp16" else precision
        source = folder / f"{Path(name).stem}.fp32.onnx"
        expected = [torch_outputs(part.module, feed) for feed in part.feeds]
        parity[name] = _converted(
            part, source, folder / name, own_precision, expected, output_names(source)
        )
        source.unlink()
    return parity


def _manifest(
    checkpoint: str,
    about: ModelDescription,
    task: str,
    traced: TracedModel,
    variants: Mapping[str, Mapping[str, Any]],
    beside: Mapping[str, Mapping[str, Any]],
) -> Manifest:
    precision, first = next(iter(variants.items()))
    task_fields = {
        **traced.manifest_fields,
        "settings": {**traced.manifest_fields["settings"], "precision": precision},
    }
    return Manifest(
        name=about.name,
        version=about.version,
        task=task,
        opset=OPSET,
        base_model=about.base_model or checkpoint,
        licence=about.licence,
        training_data=training_data(checkpoint),
        parity={**first["parity"], **beside},
        variants=variants,
        made_with=made_with(),
        **task_fields,
    )


_LEFT_BY_TRAINERS = {
    CONFIG: "gliner",
    "scheme.json": "relation",
    BIENCODER_SETTINGS: "bi-encoder",
    RERANKER_SETTINGS: "cross-encoder",
}
_TRACERS: dict[str, Tracer] = {
    "token-classification": trace_tagger,
    "gliner": trace_gliner,
    "relation": trace_relation_model,
    "bi-encoder": trace_biencoder,
    "cross-encoder": trace_reranker,
}
