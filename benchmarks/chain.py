"""Speed and memory of the whole default chain over the 999 autophagy abstracts.

    python benchmarks/chain.py [--pipeline fast]

First `biopipe run` as a user runs it: documents per second, loading included, and the peak memory
of its processes together (each page they share counted once). Then the same work in this process,
one batch after the other and stage by stage, and beside it the same token batches through the bare
ONNX Runtime sessions: what biopipe adds to the arithmetic of its models.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from record import options, record

BATCH = 64
WARM_UP = 8


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--limit", type=int, help="stages over this many documents only")
    parser.add_argument("--pipeline", default="default", help="pipeline by name")
    arguments = parser.parse_args()
    source = arguments.data / "text" / "easyner-autophagy-999.json"
    if not source.is_file():
        raise SystemExit(
            f"There is no {source}; give the folder of the texts with --data or $BIOPIPE_DATA."
        )
    build_knowledge_base()
    # The run comes before the imports below: a child's peak memory starts at that of its parent.
    with tempfile.TemporaryDirectory() as folder:
        run = run_command(source, Path(folder) / "out", arguments.pipeline)
    measured = stages(source, arguments.limit, arguments.pipeline)
    # The raw sessions are the least time in which these models can do it on these cores.
    raw = sum(measured["stages"]["raw_sessions_seconds"].values()) / measured["stages"]["documents"]
    run["share_of_raw_sessions"] = round(raw * run["documents_per_second"], 3)
    name = "chain" if arguments.pipeline == "default" else f"chain_{arguments.pipeline}"
    record(name, {"run": run, **measured}, arguments.results)
    if run["exit"]:
        raise SystemExit(1)


def build_knowledge_base() -> None:
    """The default knowledge base is built once a machine; that is not part of the run."""
    code = "from biopipe.kb.default import base_directory; base_directory()"
    subprocess.run([sys.executable, "-c", code], check=True)


def run_command(source: Path, output: Path, pipeline: str) -> dict[str, Any]:
    """`biopipe run` in a process of its own."""
    import pyarrow.dataset as ds

    started = time.perf_counter()
    command = [
        sys.executable,
        "-m",
        "biopipe",
        "run",
        str(source),
        "-o",
        str(output),
        "--pipeline",
        pipeline,
    ]
    child = subprocess.Popen(command, stdout=sys.stderr)
    peak = 0
    while (ended := os.wait4(child.pid, os.WNOHANG))[0] == 0:
        peak = max(peak, sum(map(proportional_kb, family(child.pid))))
        time.sleep(0.2)
    _, status, usage = ended
    seconds = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    counts = {
        table: ds.dataset(output / table, format="parquet").count_rows()
        if (output / table).is_dir()
        else 0
        for table in ("documents", "mentions", "relations", "errors")
    }
    return {
        "exit": child.returncode,
        "seconds": round(seconds, 2),
        "documents_per_second": round(counts["documents"] / seconds, 2),
        "peak_memory_mb": round(peak / 1024),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 2),
        **counts,
    }


def family(process: int) -> list[int]:
    """A process and all that it started, directly or not."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # one that has just ended
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    members = [process]
    for member in members:
        members += [child for child, parent in parents.items() if parent == member]
    return members


def proportional_kb(process: int) -> int:
    """Memory of a process, each page divided by the number of processes that share it."""
    with suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


class Stopwatch:
    """Seconds by name, and the processor seconds of all threads together."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.processor = 0.0

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        started, used = time.perf_counter(), time.process_time()
        yield
        self.processor += time.process_time() - used
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started


class RecordingSession:
    """Keeps what a predictor feeds its session, to feed it again without the predictor."""

    def __init__(self, session: Any) -> None:
        self.batches: list[tuple[Sequence[Any], dict[str, Any]]] = []
        self.seconds = 0.0
        self._run = session.run
        session.run = self

    def __call__(self, feeds: Sequence[Any], **asked: Any) -> Any:
        self.batches.append((feeds, asked))
        started = time.perf_counter()
        outputs = self._run(feeds, **asked)
        self.seconds += time.perf_counter() - started
        return outputs

    def replay(self) -> None:
        """All batches once more through the session alone."""
        for feeds, asked in self.batches:
            self._run(feeds, **asked)

    @property
    def wordpieces(self) -> int:
        """Tokens fed, special tokens and padding included."""
        return sum(int(feed["attention_mask"].size) for feeds, _ in self.batches for feed in feeds)


def stages(source: Path, limit: int | None, pipeline: str) -> dict[str, Any]:
    """Seconds of reading, each component and writing, in this process."""
    from biopipe import io
    from biopipe.bulk.tables import document_tables
    from biopipe.pipeline import load, predictors

    watch = Stopwatch()
    with watch("open"):
        nlp = load(pipeline)
        chain = predictors(nlp)
    if chain is None:
        raise SystemExit(
            "The default pipeline holds a component that is not biopipe's; nothing to take apart."
        )
    with watch("read"):
        documents = list(io.read(source))[:limit]
    with watch("first_documents"):
        run_chain(dict(zip(nlp.pipe_names, chain, strict=True)), documents[:WARM_UP], Stopwatch())
    sessions = {name: session_of(each) for name, each in zip(nlp.pipe_names, chain, strict=True)}
    recorders = {
        name: RecordingSession(session) for name, session in sessions.items() if session is not None
    }
    work = Stopwatch()
    annotated = []
    for start in range(0, len(documents), BATCH):
        batch = documents[start : start + BATCH]
        annotated += run_chain(dict(zip(nlp.pipe_names, chain, strict=True)), batch, work)
    with work("write"), tempfile.TemporaryDirectory() as folder:
        write(document_tables(annotated, {}), Path(folder))
    return {"stages": report(watch, work, recorders, len(documents))}


def run_chain(chain: dict[str, Any], documents: Sequence[Any], watch: Stopwatch) -> list[Any]:
    """The documents through all predictors."""
    current = list(documents)
    for name, predictor in chain.items():
        with watch(name):
            current = predictor.predict(current)
    return current


def session_of(predictor: Any) -> Any:
    """The ONNX session of a predictor that has one."""
    return getattr(getattr(predictor, "encoder", predictor), "session", None)


def write(tables: dict[str, Any], folder: Path) -> None:
    """Parquet, as bulk writes it."""
    import pyarrow.parquet as pq

    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")


def report(
    watch: Stopwatch, work: Stopwatch, recorders: dict[str, RecordingSession], documents: int
) -> dict[str, Any]:
    """Seconds by stage, and the chain's beside those of its bare sessions."""
    total = watch.seconds["read"] + sum(work.seconds.values())
    raw = Stopwatch()
    for name, recorder in recorders.items():
        with raw(name):
            recorder.replay()
    rounded = {
        name: round(seconds, 3) for name, seconds in {**watch.seconds, **work.seconds}.items()
    }
    return {
        "documents": documents,
        "seconds": rounded,
        "documents_per_second": round(documents / total, 2),
        "in_sessions_seconds": {name: round(each.seconds, 3) for name, each in recorders.items()},
        "raw_sessions_seconds": {name: round(seconds, 3) for name, seconds in raw.seconds.items()},
        "wordpieces": {name: each.wordpieces for name, each in recorders.items()},
        "ratio_to_raw_sessions": round(total / sum(raw.seconds.values()), 3)
        if raw.seconds
        else None,
        # Wall time is what a user waits for; processor time is what other work on the machine does
        # not change.
        "processor_ratio_to_raw_sessions": round(work.processor / raw.processor, 3)
        if raw.processor
        else None,
    }


if __name__ == "__main__":
    main()
