"""Wordpieces per second of taggers on a graphics card, beside the card's own best, and the whole
chain there.

    python benchmarks/gpu.py --device cuda --pipeline fp16.json      # on a machine with a card
    python benchmarks/gpu.py --device cpu --small    # that the script works; says nothing of a card

Two taggers with random weights, which cost what trained ones do: one of the size of the default
model (6 layers of 384) and one of the size of PubMedBERT-base (12 layers of 768), exported in fp16.
Each runs over real abstracts with every token budget of --tokens, with and without CUDA graphs. The
card's peak is measured in the same run by products of large fp16 matrices. --pipeline names a
pipeline whose models have fp16 graphs; its documents per second, loading included, give the hours
for the 36 million abstracts of PubMed.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from record import options, record

PUBMED = 36_000_000
TAGS = ["O", *(f"{prefix}-{label}" for label in ("Gene", "Disease", "Chemical") for prefix in "BI")]


@dataclass(frozen=True)
class Size:
    """The shape of an encoder."""

    layers: int
    hidden: int
    heads: int

    def work(self, lengths: Sequence[int]) -> int:
        """Floating point operations for sequences of these lengths: matrix products with weights,
        and attention.
        """
        weights = 12 * self.hidden**2  # 4 for attention, 8 for the two layers after it
        return sum(
            self.layers * (2 * weights * length + 4 * self.hidden * length**2) for length in lengths
        )


SIZES = {"compact": Size(6, 384, 12), "base": Size(12, 768, 12)}
SMALL = {"compact": Size(2, 64, 2), "base": Size(2, 128, 2)}


def main() -> None:
    arguments = parse()
    on_card = not arguments.device.startswith("cpu")
    texts = list(islice(cycle(read_texts(arguments.data)), arguments.documents))
    peak = matrix_peak(arguments.device, size=512 if arguments.small else 8192, half=on_card)
    result: dict[str, Any] = {
        "device": arguments.device,
        "card": card(),
        "small": arguments.small,
        "precision": arguments.precision,
        "documents": len(texts),
        "peak_tflops": round(peak / 1e12, 3),
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, size in (SMALL if arguments.small else SIZES).items():
            model = write_tagger(size, Path(folder) / name, arguments.precision)
            result[name] = tagger_speeds(model, size, texts, arguments, peak=peak)
    if arguments.pipeline:
        result["chain"] = chain(texts, arguments)
    else:
        result["chain"] = "not run: give --pipeline, whose models have graphs for the device"
    record("gpu-small" if arguments.small else "gpu", result, arguments.results)


def parse() -> argparse.Namespace:
    parser = options(__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--device", default="cuda", help="cuda, cuda:N, tensorrt, or cpu")
    parser.add_argument(
        "--small", action="store_true", help="tiny models and matrices: tries the script"
    )
    parser.add_argument(
        "--documents", type=int, default=8192, help="abstracts, the same ones again and again"
    )
    parser.add_argument(
        "--tokens", default="8192,16384,32768,65536,131072", help="token budgets to try"
    )
    parser.add_argument(
        "--precision", choices=["fp16", "fp32", "int8"], help="default: fp16, on cpu fp32"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pipeline", help="run this pipeline as well")
    parser.add_argument("--chain-documents", type=int, default=50_000)
    parser.add_argument(
        "--workers", type=int, default=1, help="processes of the chain, which share the card"
    )
    arguments = parser.parse_args()
    arguments.precision = arguments.precision or ("fp32" if arguments.device == "cpu" else "fp16")
    if arguments.small:
        arguments.documents = min(arguments.documents, 24)
        arguments.chain_documents = min(arguments.chain_documents, 24)
        arguments.tokens = "1024,4096"
    return arguments


def read_texts(data: Path) -> list[str]:
    """Abstracts, titles in front."""
    from biopipe import io

    source = data / "text" / "easyner-autophagy-999.json"
    if not source.is_file():
        raise SystemExit(
            f"There is no {source}; give the folder of the texts with --data or $BIOPIPE_DATA."
        )
    return [document.text for document in io.read(source)]


def card() -> str | None:
    """Name, memory and driver of the cards, as nvidia-smi says them."""
    command = [
        "nvidia-smi",
        "--query-gpu=name,memory.total,driver_version",
        "--format=csv,noheader",
    ]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def matrix_peak(device: str, *, size: int, half: bool, products: int = 8) -> float:
    """Floating point operations a second of products of large matrices that stay on the device."""
    import numpy as np
    import onnx
    import onnxruntime as ort

    from biopipe.runtime.device import parse_device
    from biopipe.runtime.gpu import check_gpu
    from biopipe.runtime.providers import provider_list
    from biopipe.runtime.session import default_threads

    where = parse_device(device)
    if where.kind != "cpu":
        check_gpu(where)
    number = onnx.TensorProto.FLOAT16 if half else onnx.TensorProto.FLOAT
    names = ["a", *(f"x{i}" for i in range(1, products)), "c"]
    nodes = [
        onnx.helper.make_node("MatMul", [names[i], "b"], [names[i + 1]]) for i in range(products)
    ]
    about = [
        onnx.helper.make_tensor_value_info(name, number, [size, size]) for name in ("a", "b", "c")
    ]
    graph = onnx.helper.make_graph(nodes, "products", about[:2], about[2:])
    model = onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8
    )
    settings = ort.SessionOptions()
    settings.intra_op_num_threads = default_threads()
    session = ort.InferenceSession(
        model.SerializeToString(), settings, providers=provider_list(where), enable_fallback=0
    )
    kind = np.float16 if half else np.float32
    place = ("cpu", 0) if where.kind == "cpu" else ("cuda", where.index)
    binding = session.io_binding()
    values = {}
    for name in ("a", "b"):
        values[name] = ort.OrtValue.ortvalue_from_numpy(
            np.full((size, size), 1 / size, kind), *place
        )
        binding.bind_ortvalue_input(name, values[name])
    values["c"] = ort.OrtValue.ortvalue_from_shape_and_type([size, size], kind, *place)
    binding.bind_ortvalue_output("c", values["c"])
    # A run with bound buffers returns once the device is done, unless told otherwise.
    seconds = best_of(lambda: session.run_with_iobinding(binding), rounds=10)
    return float(2 * size**3 * products / seconds)


def best_of(work: Callable[[], Any], *, rounds: int) -> float:
    """Seconds of the fastest round, after two to warm up, in which CUDA graphs are captured."""
    for _ in range(2):
        work()
    seconds = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def write_tagger(size: Size, output: Path, precision: str) -> Path:
    """A model directory with random weights and the default model's tokenizer, by biopipe's own
    exporter.
    """
    import torch
    from transformers import BertConfig, BertForTokenClassification, PreTrainedTokenizerFast

    from biopipe.runtime.models import find_model
    from biopipe.train.export.model import export_model
    from biopipe.train.export.sample import parity_sample
    from biopipe.train.export.task import ModelDescription

    torch.manual_seed(0)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(find_model("biopipe-ner-minilm") / "tokenizer.json"),
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    )
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=size.hidden,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        intermediate_size=4 * size.hidden,
        id2label=dict(enumerate(TAGS)),
        label2id={tag: i for i, tag in enumerate(TAGS)},
    )
    checkpoint = output.with_name(f"{output.name}-checkpoint")
    model = BertForTokenClassification(config)
    # Random logits are all but equal; wider ones keep the exporter's gate from finding tags that
    # changed.
    torch.nn.init.normal_(model.classifier.weight, std=1.0)
    model.save_pretrained(checkpoint)
    tokenizer.save_pretrained(checkpoint)
    documents = parity_sample(None)[:4]
    export_model(
        str(checkpoint),
        output,
        about=ModelDescription(name=output.name),
        precision=precision,
        documents=documents,
    )
    return output


def tagger_speeds(
    model: Path, size: Size, texts: Sequence[str], arguments: argparse.Namespace, *, peak: float
) -> list[dict[str, Any]]:
    """Wordpieces a second of the graph alone with each budget; padding counts as time, not as
    wordpieces.
    """
    from biopipe.runtime.batching import Plan, planned_batches
    from biopipe.runtime.encoder import TokenEncoder, collate
    from biopipe.runtime.manifest import load_manifest

    rows = []
    for device, plan in settings(arguments):
        encoder = TokenEncoder(model, load_manifest(model), device=device)
        tokens = encoder.tokenize(texts)
        windows = encoder.windows(tokens)
        lengths = [window.end - window.start + 2 for window in windows]
        plan = plan or encoder.session.plan
        batches = list(planned_batches(lengths, plan, most=encoder.manifest.max_length))
        feeds = []
        for batch in batches:
            chosen = [windows[i] for i in batch.windows]
            ids, mask = collate(
                chosen, tokens, encoder.tokenizer, rows=batch.rows, length=batch.length
            )
            feeds.append({"input_ids": ids, "attention_mask": mask})
        session = encoder.session
        seconds = best_of(lambda: session.run(feeds, outputs=["logits"]), rounds=arguments.rounds)  # noqa: B023
        cells = sum(batch.rows * batch.length for batch in batches)
        assert isinstance(plan, Plan)
        rows.append(
            {
                "device": device,
                "token_budget": plan.tokens,
                "batches": len(batches),
                "shapes": len({(batch.rows, batch.length) for batch in batches}),
                "wordpieces_per_second": round(sum(lengths) / seconds),
                "abstracts_per_second": round(len(texts) / seconds, 1),
                "padding_share": round(1 - sum(lengths) / cells, 3),
                "fraction_of_peak": round(size.work(lengths) / seconds / peak, 4),
            }
        )
    return rows


def settings(arguments: argparse.Namespace) -> Iterator[tuple[str, Any]]:
    """Devices with their options; on the CPU, which takes none, the plan of a card is put in by
    hand.
    """
    from biopipe.runtime.batching import Plan

    budgets = [int(each) for each in arguments.tokens.split(",")]
    for budget in budgets:
        if arguments.device == "cpu":
            yield "cpu", Plan(tokens=budget, step=32, enough=budget // 4)
            continue
        yield f"{arguments.device},tokens={budget}", None
        if arguments.device.startswith("cuda"):
            yield f"{arguments.device},graphs,tokens={budget}", None


def chain(texts: Sequence[str], arguments: argparse.Namespace) -> dict[str, Any]:
    """`biopipe run` in processes of its own, loading included."""
    import pyarrow.dataset as ds

    count = arguments.chain_documents
    with tempfile.TemporaryDirectory() as folder:
        source, output = Path(folder) / "in", Path(folder) / "out"
        source.mkdir()
        for part in range(arguments.workers * 4):
            numbers = range(part, count, arguments.workers * 4)
            lines = [json.dumps({"id": str(i), "text": texts[i % len(texts)]}) for i in numbers]
            (source / f"{part:04d}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "biopipe",
            "run",
            str(source),
            "-o",
            str(output),
            "--device",
            arguments.device,
            "--pipeline",
            arguments.pipeline,
            "--workers",
            str(arguments.workers),
        ]
        started = time.perf_counter()
        subprocess.run(command, check=True, stdout=sys.stderr)
        seconds = time.perf_counter() - started
        annotated = ds.dataset(output / "documents", format="parquet").count_rows()
    return {
        "pipeline": arguments.pipeline,
        "workers": arguments.workers,
        "documents": annotated,
        "seconds": round(seconds, 2),
        "documents_per_second": round(annotated / seconds, 2),
        "hours_for_36_million": round(PUBMED / (annotated / seconds) / 3600, 2),
    }


if __name__ == "__main__":
    main()
