"""A relation model as a graph, for `export_model`."""

from collections.abc import Sequence
from pathlib import Path

from biopipe.document import Document
from biopipe.relations.related_rates import RATES_FILE
from biopipe.train.export.parity import check_parity
from biopipe.train.export.task import ModelDescription, TracedModel
from biopipe.train.relations.tracing import trace_relations

__all__ = ["trace_relation_model"]

# The regressions and trees on counts of words, the log-sum-exp over mentions and the attention over
# all windows need more than fp16 has; the encoder and the layers that read pairs do not.
EXACT = r"/[^/]+$|/words/|/mix/|/trees/"


def trace_relation_model(
    checkpoint: str, folder: Path, about: ModelDescription, documents: Sequence[Document]
) -> TracedModel:
    """Write `folder`/fp32.onnx with the outputs of each scheme."""
    graph = trace_relations(Path(checkpoint), folder, documents)
    return TracedModel(
        module=graph.model,
        feeds=graph.feeds,
        gate=check_parity,
        manifest_fields={
            "labels": graph.scheme.relation_labels,
            "max_length": graph.scheme.max_length,
            "stride": graph.scheme.stride,
            "settings": dict(graph.settings),
        },
        exact=EXACT,
        files=("tokenizer.json", *([RATES_FILE] if graph.scheme.rates else [])),
    )
