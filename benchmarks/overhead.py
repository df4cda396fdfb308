"""What spaCy and bulk add to the arithmetic of one component: NER against the bare ONNX Runtime
session.

    python benchmarks/overhead.py [--documents 400] [--rounds 5]

The same abstracts go through `nlp.pipe` of a pipeline of NER alone, through `biopipe run` (its
function, without the time to load the pipeline), and their token batches through the session by
itself, on as many threads; in turns, so that other work on the machine falls on all three. Targets:
85% and 80% of the session's wordpieces per second.
"""

import gc
import itertools
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from record import options, record

TARGETS = {"pipe": 0.85, "run": 0.80}
WARM_UP = 8


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--documents", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    source = arguments.data / "text" / "easyner-autophagy-999.json"
    if not source.is_file():
        raise SystemExit(
            f"There is no {source}; give the folder of the texts with --data or $BIOPIPE_DATA."
        )
    result = measure(source, arguments.documents, arguments.rounds)
    record("overhead", result, arguments.results)


def measure(source: Path, count: int, rounds: int) -> dict[str, Any]:
    """Seconds of each way in each round, and the ratios of the medians."""
    from biopipe import io
    from biopipe.pipeline import build

    texts = [document.text for document in itertools.islice(io.read(source), count)]
    nlp = build({"components": {"biopipe_ner": {}}})
    ner: Any = nlp.get_pipe("biopipe_ner")
    list(nlp.pipe(texts[:WARM_UP]))
    feeds = recorded(ner.predictor.encoder.session, lambda: list(nlp.pipe(texts)))
    wordpieces = sum(int(feed["input_ids"].size) for feed in feeds)
    with tempfile.TemporaryDirectory() as folder:
        write_inputs(Path(folder), texts)
        ways: dict[str, Callable[[], float | None]] = {
            "session": bare(ner.predictor.encoder.session, feeds),
            "pipe": lambda: each(nlp.pipe(texts)),
            "run": lambda: run(Path(folder)),
        }
        taken = in_turns(ways, rounds)
    seconds = {way: statistics.median(wall for wall, _ in times) for way, times in taken.items()}
    processor = {way: statistics.median(used for _, used in times) for way, times in taken.items()}
    return {
        "documents": len(texts),
        "wordpieces": wordpieces,
        "wordpieces_per_second": {way: round(wordpieces / value) for way, value in seconds.items()},
        "seconds": {way: [round(wall, 3) for wall, _ in times] for way, times in taken.items()},
        "processor_seconds": {way: round(value, 3) for way, value in processor.items()},
        "ratio_to_session": {way: round(seconds["session"] / seconds[way], 3) for way in TARGETS},
        "processor_ratio_to_session": {
            way: round(processor["session"] / processor[way], 3) for way in TARGETS
        },
        "targets": TARGETS,
    }


def in_turns(
    ways: dict[str, Callable[[], float | None]], rounds: int
) -> dict[str, list[tuple[float, float]]]:
    """Wall and processor seconds of each way by round; a way that returns seconds has timed
    itself.
    """
    taken: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, work in ways.items():
            gc.collect()
            started, used = time.perf_counter(), time.process_time()
            own = work()
            wall, used = time.perf_counter() - started, time.process_time() - used
            taken[way].append((own or wall, used))
    return taken


def recorded(session: Any, work: Callable[[], object]) -> list[dict[str, Any]]:
    """What `work` feeds the session."""
    feeds: list[dict[str, Any]] = []
    run = session.run

    def recording(batch: Sequence[dict[str, Any]], **options: Any) -> Any:
        feeds.extend(batch)
        return run(batch, **options)

    session.run = recording
    try:
        work()
    finally:
        del session.run
    return feeds


def bare(session: Any, feeds: Sequence[dict[str, Any]]) -> Callable[[], None]:
    """The feeds through ONNX Runtime alone, side by side as biopipe runs them."""
    import onnxruntime as ort

    settings = ort.SessionOptions()
    settings.intra_op_num_threads = settings.inter_op_num_threads = 1
    raw = ort.InferenceSession(str(session.path), settings, providers=["CPUExecutionProvider"])
    pool = ThreadPoolExecutor(session.threads)

    def work() -> None:
        for _ in pool.map(lambda feed: raw.run(None, feed), feeds):
            pass

    work()
    return work


def each(docs: Any) -> None:
    """Take Docs one by one and keep none, as a program that writes them does."""
    for _ in docs:
        pass


def write_inputs(folder: Path, texts: Sequence[str]) -> None:
    """The Parquet file and the pipeline of `biopipe run`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({"id": [str(number) for number in range(len(texts))], "text": list(texts)})
    pq.write_table(table, folder / "in.parquet")
    (folder / "ner.json").write_text(
        json.dumps({"components": {"biopipe_ner": {}}}), encoding="utf-8"
    )


def run(folder: Path) -> float:
    """Seconds of `biopipe run` after its pipeline is loaded: reading, annotating, writing, the
    journal.
    """
    from biopipe.bulk import run as run_files

    summary = run_files(
        [str(folder / "in.parquet")],
        folder / "out",
        pipeline=str(folder / "ner.json"),
        restart=True,
    )
    return summary.seconds - summary.loading_seconds


if __name__ == "__main__":
    main()
