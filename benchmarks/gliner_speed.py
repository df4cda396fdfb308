"""Documents per second of the GLiNER component and of the gliner package on the same checkpoint,
six labels.

python benchmarks/gliner_speed.py [--checkpoint FOLDER] [--documents 10] [--rounds 3]

Needs the extra 'gliner'. Everything runs on one thread, in turns, and is counted in seconds of
processor time, so that other work on the machine does not count. By default the checkpoint has
MiniLM's encoder (6 layers of 384) and the head that GLiNER has by default, with random weights that
find nothing (export would refuse int8 of ones that find noise); the package runs it in torch at the
best of its batch sizes.
"""

import logging
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from gliner import GLiNER
from gliner_models import LABELS, make_checkpoint
from record import options, record

from biopipe.io.codecs import pubtator
from biopipe.pipeline import build
from biopipe.train.export.model import export_model
from biopipe.train.export.sample import parity_sample
from biopipe.train.export.task import ModelDescription

BATCHES = (1, 8)
THRESHOLD = 0.9


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--documents", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    gold = pubtator.read(arguments.data / "corpora/biored/dev.pubtator")
    texts = [document.text for document in gold][: arguments.documents]
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = arguments.checkpoint or make_checkpoint(
            "MiniLM", Path(folder) / "checkpoint", texts, silent=True
        )
        runs = {**package_runs(checkpoint), **component_runs(checkpoint, Path(folder))}
        seconds = timed(runs, texts, arguments.rounds)
    speeds = {name: len(texts) / statistics.median(each) for name, each in seconds.items()}
    best = max(speeds[name] for name in speeds if name.startswith("package"))
    result = {
        "documents": len(texts),
        "checkpoint": "MiniLM, random weights"
        if arguments.checkpoint is None
        else arguments.checkpoint.name,
        "labels": len(LABELS),
        "documents_per_processor_second": {name: round(each, 2) for name, each in speeds.items()},
        "times_the_package": {
            name: round(each / best, 2)
            for name, each in speeds.items()
            if name.startswith("component")
        },
        "rounds": {name: [round(each, 3) for each in every] for name, every in seconds.items()},
    }
    record("gliner_speed", result, arguments.results)


def package_runs(checkpoint: Path) -> dict[str, Callable[[list[str]], Any]]:
    package = GLiNER.from_pretrained(str(checkpoint), local_files_only=True)

    def run(size: int) -> Callable[[list[str]], Any]:
        return lambda texts: package.inference(texts, LABELS, threshold=THRESHOLD, batch_size=size)

    return {f"package, torch fp32, batches of {size}": run(size) for size in BATCHES}


def component_runs(checkpoint: Path, folder: Path) -> dict[str, Callable[[list[str]], Any]]:
    runs = {}
    for precision in ("fp32", "int8"):
        model = folder / precision
        export_model(
            str(checkpoint),
            model,
            about=ModelDescription(name=precision),
            precision=precision,
            documents=parity_sample(None),
        )
        said = {"model": str(model), "labels": LABELS, "threshold": THRESHOLD, "threads": 1}
        nlp = build({"components": {"biopipe_gliner": said}})
        runs[f"component, {precision}"] = lambda texts, nlp=nlp: list(nlp.pipe(texts))
    return runs


def timed(
    runs: dict[str, Callable[[list[str]], Any]], texts: list[str], rounds: int
) -> dict[str, list[float]]:
    """Seconds of processor time of each run, in turns, after one to warm up."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        run(texts[:2])
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.process_time()
            run(texts)
            seconds[name].append(time.process_time() - start)
    return seconds


if __name__ == "__main__":
    main()
