"""onnxruntime's transformer fusions for each architecture: operators fused, and speed against none.

    python benchmarks/fusions.py

Taggers of each architecture with random weights, 6 layers and a width of 384 like the shipped ones.
ONNX Runtime optimises every graph again when it opens it. Speed is that of one unpadded window at a
time, the graphs in turn.
"""

import shutil
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from record import options, record

LENGTHS = (64, 256, 512)
FUSIONS: dict[str, dict[str, bool] | None] = {
    "none": None,
    "norms and activations": {"attention": False, "residual": False},
    "and attention": {"attention": True, "residual": False},
    "and residuals": {"attention": False, "residual": True},
    "all": {"attention": True, "residual": True},
}
FUSED = (
    "Attention",
    "MultiHeadAttention",
    "SkipLayerNormalization",
    "BiasGelu",
    "FastGelu",
    "Gelu",
)
DEBERTA = {
    "relative_attention": True,
    "pos_att_type": ["p2c", "c2p"],
    "position_buckets": 256,
    "norm_rel_ebd": "layer_norm",
    "share_att_key": True,
    "position_biased_input": False,
    "type_vocab_size": 0,
}
ARCHITECTURES: dict[str, dict[str, Any]] = {
    "bert": {},
    "electra": {"embedding_size": 128},
    "roberta": {"max_position_embeddings": 514, "pad_token_id": 1},
    "distilbert": {"dim": 384, "n_layers": 6, "n_heads": 12, "hidden_dim": 1536},
    "deberta-v2": DEBERTA,
}


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--architecture", action="append", choices=ARCHITECTURES)
    arguments = parser.parse_args()
    wanted = arguments.architecture or list(ARCHITECTURES)
    record("fusions", {name: compare(name, arguments.rounds) for name in wanted}, arguments.results)


def compare(name: str, rounds: int) -> dict[str, Any]:
    """One architecture with each set of fusions, in fp32 and int8."""
    import onnx
    import torch

    from biopipe.train.export.onnx_graph import fuse, trace
    from biopipe.train.export.precision import quantise

    config, module = tagger(name)
    example = {
        "input_ids": torch.full((2, 9), 5),
        "attention_mask": torch.ones((2, 9), dtype=torch.long),
    }
    axes = {each: {0: "batch", 1: "tokens"} for each in (*example, "logits")}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        trace(module, example, ["logits"], axes, folder / "traced.onnx", config=config)
        graphs = {}
        for label, fusions in FUSIONS.items():
            path = graphs[f"fp32, {label}"] = folder / f"{label}.onnx"
            if fusions is None:
                shutil.copyfile(folder / "traced.onnx", path)
            else:
                fuse(folder / "traced.onnx", path, **fusions)
            quantise(path, folder / f"{label}.int8.onnx")
            graphs[f"int8, {label}"] = folder / f"{label}.int8.onnx"
        nodes = {
            label: Counter(n.op_type for n in onnx.load(str(folder / f"{label}.onnx")).graph.node)
            for label in FUSIONS
        }
        speeds = timed(graphs, rounds)
    return {
        "nodes": {label: kinds.total() for label, kinds in nodes.items()},
        "fused": {
            label: {each: kinds[each] for each in FUSED if kinds[each]}
            for label, kinds in nodes.items()
        },
        "times_as_fast_as_none": speeds,
    }


def timed(graphs: dict[str, Path], rounds: int) -> dict[str, dict[str, float]]:
    """By the length of the windows: speed of each graph in that of the same precision without
    fusions.

    Processor time of the one thread that runs, which other work on the machine hardly changes.
    """
    from biopipe.runtime.session import Session

    sessions = {name: Session(path, threads=1) for name, path in graphs.items()}
    result = {}
    for length in LENGTHS:
        ids = np.random.default_rng(0).integers(5, 1000, (max(2, 1024 // length), 1, length))
        feeds = [{"input_ids": each, "attention_mask": np.ones_like(each)} for each in ids]
        seconds: dict[str, list[float]] = {name: [] for name in graphs}
        for _ in range(rounds + 1):
            for name, session in sessions.items():
                started = time.thread_time()
                session.run(feeds)
                seconds[name].append(time.thread_time() - started)
        middle = {name: statistics.median(each[1:]) for name, each in seconds.items()}
        result[f"{length} tokens"] = {
            name: round(middle[f"{name.partition(',')[0]}, none"] / each, 2)
            for name, each in middle.items()
        }
    return result


def tagger(name: str) -> Any:
    """Configuration and module of a tagger with random weights, in evaluation mode."""
    import torch
    from transformers import AutoConfig, AutoModelForTokenClassification

    torch.manual_seed(0)
    sizes = {
        "vocab_size": 1000,
        "hidden_size": 384,
        "num_hidden_layers": 6,
        "num_attention_heads": 12,
        "intermediate_size": 1536,
        "num_labels": 13,
    }
    config = AutoConfig.for_model(name, **{**sizes, **ARCHITECTURES[name]})
    config.return_dict = True
    model = AutoModelForTokenClassification.from_config(config, attn_implementation="eager").eval()

    class Logits(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            logits: torch.Tensor = self.model(
                input_ids=input_ids, attention_mask=attention_mask
            ).logits
            return logits

    return config, Logits()


if __name__ == "__main__":
    main()
