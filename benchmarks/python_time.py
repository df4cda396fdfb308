"""Processor time outside ONNX Runtime: milliseconds an abstract that the Python of a pipeline takes.

    python benchmarks/python_time.py [--documents 300] [--rounds 2] [--spacy-rounds 1]

One process on one core: the predictors of each pipeline over batches of documents, as bulk runs
them, then the rows of the output tables; and beside it `nlp.pipe`. What is reported is the processor
time of the process (all its threads, so the tokenizers' too) without that inside
`InferenceSession.run`, by stage. Knowledge bases and models are open and warm before the first
round, and every round has abstracts of its own, as what was seen lately is remembered. A card can
only be fed as fast as this: 36 million abstracts in three hours on 16 cores leave 4.8 ms.
"""

import gc
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from record import options, record

TARGET_MS = 5.0
BATCH_DOCUMENTS = 64  # as in biopipe.bulk
WARM_UP = 99

Seconds = dict[str, float]


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--documents", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--spacy-rounds", type=int, default=1)
    parser.add_argument("--pipelines", nargs="+", default=["default", "fast"])
    parser.add_argument("--name", default="python_time", help="name of the result file")
    arguments = parser.parse_args()
    source = arguments.data / "text" / "easyner-autophagy-999.json"
    if not source.is_file():
        raise SystemExit(
            f"There is no {source}; give the folder of the texts with --data or $BIOPIPE_DATA."
        )
    use_one_core()
    result = {
        "documents": arguments.documents,
        "rounds": arguments.rounds,
        "target_ms": TARGET_MS,
        "pipelines": {
            name: measure(
                name, source, arguments.documents, arguments.rounds, arguments.spacy_rounds
            )
            for name in arguments.pipelines
        },
    }
    record(arguments.name, result, arguments.results)


def use_one_core() -> None:
    """Sessions and lanes take as many threads as the process may use cores."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    os.environ["TOKENIZERS_PARALLELISM"] = "false"


def measure(
    pipeline: str, source: Path, count: int, rounds: int, spacy_rounds: int
) -> dict[str, Any]:
    """Milliseconds an abstract of one pipeline: medians of the rounds, and each round's total."""
    from biopipe import io
    from biopipe.pipeline import load

    read = list(io.read(source))
    parts = [read[start : start + count] for start in range(0, len(read) - WARM_UP, count)]
    if rounds + spacy_rounds > len(parts) or len(parts[rounds + spacy_rounds - 1]) < count:
        raise SystemExit(f"{source} has {len(read)} abstracts; ask for fewer documents or rounds.")
    nlp = load(pipeline)
    with inference_clock() as inside:
        bulk_round(nlp, read[-WARM_UP:], inside)
        bulk = [bulk_round(nlp, part, inside) for part in parts[:rounds]]
        spacy = [spacy_round(nlp, part, inside) for part in parts[rounds:][:spacy_rounds]]
    stages = [stage for stage in bulk[0] if stage != "onnxruntime"]
    totals = [sum(each[stage] for stage in stages) for each in bulk]
    return {
        "bulk_ms": milliseconds(statistics.median(totals), count),
        "bulk_ms_rounds": [milliseconds(total, count) for total in totals],
        "bulk_ms_by_stage": {
            stage: milliseconds(statistics.median(each[stage] for each in bulk), count)
            for stage in stages
        },
        "spacy_ms": milliseconds(statistics.median(each["python"] for each in spacy), count)
        if spacy
        else None,
        "spacy_ms_rounds": [milliseconds(each["python"], count) for each in spacy],
        "onnxruntime_ms": milliseconds(
            statistics.median(each["onnxruntime"] for each in bulk), count
        ),
    }


def milliseconds(seconds: float, documents: int) -> float:
    """Milliseconds a document."""
    return round(1000 * seconds / documents, 3)


@contextmanager
def inference_clock() -> Iterator[Callable[[], float]]:
    """Count the processor seconds inside `InferenceSession.run`; gives a function that reads them.

    The graphs run in the calling thread (biopipe opens its sessions with one thread of arithmetic).
    """
    import onnxruntime as ort

    run: Callable[..., Any] = ort.InferenceSession.run
    seconds = 0.0

    def timed(*arguments: Any, **named: Any) -> Any:
        nonlocal seconds
        started = time.thread_time()
        try:
            return run(*arguments, **named)
        finally:
            seconds += time.thread_time() - started

    ort.InferenceSession.run = timed
    try:
        yield lambda: seconds
    finally:
        ort.InferenceSession.run = run


def bulk_round(nlp: Any, documents: Sequence[Any], inside: Callable[[], float]) -> Seconds:
    """Seconds by stage over batches of documents, and those inside ONNX Runtime."""
    from biopipe.bulk.parts.collector import rare_collections
    from biopipe.pipeline import predictors

    chain = predictors(nlp)
    if chain is None:
        raise SystemExit("The pipeline holds components that are not biopipe's.")
    stages = [(name, each.predict) for name, each in zip(nlp.pipe_names, chain, strict=True)]
    stages.append(("tables", make_tables))
    spent: Seconds = defaultdict(float)
    gc.collect()
    begun = inside()
    with rare_collections():
        for start in range(0, len(documents), BATCH_DOCUMENTS):
            batch: Any = documents[start : start + BATCH_DOCUMENTS]
            for name, step in stages:
                started, native = time.process_time(), inside()
                batch = step(batch)
                spent[name] += time.process_time() - started - (inside() - native)
    return {**spent, "onnxruntime": inside() - begun}


def make_tables(documents: Sequence[Any]) -> Mapping[str, Any]:
    """The rows of the output tables."""
    from biopipe.bulk.tables import document_tables

    tables: Mapping[str, Any] = document_tables(documents, {})
    return tables


def spacy_round(nlp: Any, documents: Sequence[Any], inside: Callable[[], float]) -> Seconds:
    """Seconds of `nlp.pipe` over the texts, outside and inside ONNX Runtime."""
    gc.collect()
    started, native = time.process_time(), inside()
    with nlp.memory_zone():
        for _ in nlp.pipe(document.text for document in documents):
            pass
    native = inside() - native
    return {"python": time.process_time() - started - native, "onnxruntime": native}


if __name__ == "__main__":
    main()
