"""Speed of NER: `nlp.pipe` against the bare ONNX Runtime session, and against the transformers
pipeline.

    python benchmarks/ner_speed.py [--documents 200] [--rounds 5]

The transformers pipeline (token-classification, whole entities) runs the same weights in fp32, as
restored from the model directory, at the best of its BATCHES on some of the texts, on as many
threads. All abstracts fit one window, so that neither side cuts one. The three take turns; a ratio
is the middle of the rounds' ratios, of wall time and of processor time, which other work on the
machine disturbs less. Targets: 0.85 of the session's wordpieces per second, 4 times those of
transformers. What bulk adds is in overhead.py.
"""

import itertools
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from overhead import WARM_UP, bare, each, in_turns, recorded
from record import options, record

TARGETS = {"session": 0.85, "transformers": 4.0}
BATCHES = (1, 8, 16, 32)
TRIED = 32


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    source = arguments.data / "text" / "easyner-autophagy-999.json"
    if not source.is_file():
        raise SystemExit(
            f"There is no {source}; give the folder of the texts with --data or $BIOPIPE_DATA."
        )
    record("ner_speed", measure(source, arguments.documents, arguments.rounds), arguments.results)


def measure(source: Path, count: int, rounds: int) -> dict[str, Any]:
    """Seconds of each way in each round, and the middle of their ratios."""
    from biopipe import io
    from biopipe.pipeline import build

    nlp = build({"components": {"biopipe_ner": {}}})
    ner: Any = nlp.get_pipe("biopipe_ner")
    encoder = ner.predictor.encoder
    fitting = (
        d.text for d in io.read(source) if len(encoder.windows(encoder.tokenize([d.text]))) == 1
    )
    texts = list(itertools.islice(fitting, count))
    list(nlp.pipe(texts[:WARM_UP]))
    feeds = recorded(encoder.session, lambda: list(nlp.pipe(texts)))
    wordpieces = sum(int(feed["input_ids"].size) for feed in feeds)
    with tempfile.TemporaryDirectory() as folder:
        classify = transformers_pipeline(
            ner.predictor.model_path, Path(folder), encoder.session.threads
        )
    classify(texts[:2], 1)
    tried = {
        batch: seconds(lambda batch=batch: classify(texts[:TRIED], batch)) for batch in BATCHES
    }
    best = min(tried, key=lambda batch: tried[batch])
    ways: dict[str, Callable[[], float | None]] = {
        "session": bare(encoder.session, feeds),
        "pipe": lambda: each(nlp.pipe(texts)),
        "transformers": lambda: classify(texts, best),
    }
    taken = in_turns(ways, rounds)
    walls = {way: [wall for wall, _ in times] for way, times in taken.items()}
    used = {way: [processor for _, processor in times] for way, times in taken.items()}
    return {
        "documents": len(texts),
        "wordpieces": wordpieces,
        "threads": encoder.session.threads,
        "transformers_batch": best,
        "transformers_seconds_by_batch": {
            str(batch): round(wall, 2) for batch, wall in tried.items()
        },
        "seconds": {way: [round(each, 3) for each in times] for way, times in walls.items()},
        "processor_seconds": {
            way: [round(each, 3) for each in times] for way, times in used.items()
        },
        "wordpieces_per_second": {
            way: round(wordpieces / statistics.median(times)) for way, times in walls.items()
        },
        "times_as_fast_as": {other: times_as_fast(walls, other) for other in TARGETS},
        "processor_times_as_fast_as": {other: times_as_fast(used, other) for other in TARGETS},
        "targets": TARGETS,
    }


def times_as_fast(taken: dict[str, list[float]], other: str) -> float:
    """The middle of the rounds' ratios of `nlp.pipe` to another way."""
    return round(
        statistics.median(a / b for a, b in zip(taken[other], taken["pipe"], strict=True)), 3
    )


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def transformers_pipeline(
    model: Path, folder: Path, threads: int
) -> Callable[[Sequence[str], int], None]:
    """A call that classifies texts in batches of a size, by the weights of a model directory."""
    import torch
    from transformers import pipeline

    from biopipe.train.common.restore import restore

    torch.set_num_threads(threads)
    classify = pipeline(
        "token-classification",
        model=str(restore(model, folder)),
        aggregation_strategy="simple",
        device="cpu",
    )

    def work(texts: Sequence[str], batch: int) -> None:
        classify(list(texts), batch_size=batch)

    return work


if __name__ == "__main__":
    main()
