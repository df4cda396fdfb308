"""One against two worker processes on two cores: documents per second, and the memory that is each
worker's own.

    python benchmarks/workers.py

Three runs of `biopipe run` over the same abstracts: one worker on one core, one worker on two
cores, and two workers on two cores. Memory is read from the kernel while they work (smaps_rollup):
what a worker shares with nobody, beside what opening its ONNX graphs takes. Pages of mapped files
that no other process happens to have in use are not its own: they are the knowledge base's, and the
kernel takes them back at will. PyTorch, which no
worker needs but spaCy imports where it is installed, is hidden from the processes unless
--with-torch is given.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from record import PROJECT, options, record

PARTS = 20
MEMORY_NAMES = {"Rss", "Pss", "Private_Clean", "Private_Dirty"}
OPEN_GRAPHS = """
import ctypes, re, sys
from pathlib import Path
from biopipe.runtime.session import Session

def own():
    text = Path("/proc/self/smaps_rollup").read_text()
    return int(re.search(r"^Private_Dirty: +(\\d+)", text, re.M)[1]) / 1024

import onnxruntime
before = own()
sessions = [Session(Path(path)) for path in sys.argv[1:]]
[session.outputs for session in sessions]
# As a worker does: what opening took and left free is not the models'.
ctypes.CDLL(None).malloc_trim(0)
print(own() - before)
"""
SETUPS = {
    "1 worker, 1 core": (1, 1),
    "1 worker, 2 cores": (1, 2),
    "2 workers, 2 cores": (2, 2),
}


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--limit", type=int, help="only so many abstracts")
    parser.add_argument("--with-torch", action="store_true", help="leave PyTorch visible")
    arguments = parser.parse_args()
    source = arguments.data / "text" / "easyner-autophagy-999.json"
    if not source.is_file():
        raise SystemExit(
            f"There is no {source}; give the folder of the texts with --data or $BIOPIPE_DATA."
        )
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise SystemExit("Two cores are needed to compare one worker with two.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = cut(source, folder / "in.parquet", arguments.limit)
        environment = dict(os.environ) | (
            {} if arguments.with_torch else {"PYTHONPATH": str(without_torch(folder))}
        )
        runs = {
            setup: run(path, folder / setup.replace(" ", "-"), workers, cores[:count], environment)
            for setup, (workers, count) in SETUPS.items()
        }
        graphs = graph_megabytes(folder / "2-workers,-2-cores" / "run.json", environment)
    record("workers", report(runs, graphs), arguments.results)


def cut(source: Path, path: Path, limit: int | None) -> Path:
    """The abstracts as one Parquet file of equal row groups, so that two workers end at about the
    same time.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    from biopipe import io

    documents = list(io.read(source))[:limit]
    table = pa.table(
        {"id": [each.id for each in documents], "text": [each.text for each in documents]}
    )
    pq.write_table(table, path, row_group_size=max(1, -(-len(documents) // PARTS)))
    return path


def without_torch(folder: Path) -> Path:
    """A folder that hides PyTorch from processes that have it in their PYTHONPATH."""
    (folder / "path").mkdir()
    (folder / "path" / "torch.py").write_text("raise ImportError('hidden by the benchmark')\n")
    return folder / "path"


def run(
    path: Path, output: Path, workers: int, cores: Iterable[int], environment: dict[str, str]
) -> dict[str, Any]:
    """One `biopipe run` on these cores, and the most memory that each of its processes had."""
    command = [sys.executable, "-m", "biopipe", "run", str(path), "-o", str(output), "--json"]
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        child = subprocess.Popen(
            [*command, "--workers", str(workers)],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
    finally:
        os.sched_setaffinity(0, before)
    peaks: dict[int, dict[str, float]] = {}
    while child.poll() is None:
        for process in [child.pid, *workers_of(child.pid)]:
            memory = memory_of(process)
            peaks[process] = max(
                memory, peaks.get(process, {}), key=lambda each: each.get("own_mb", 0.0)
            )
        time.sleep(0.2)
    assert child.stdout is not None
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {child.returncode}.")
    summary = json.loads(child.stdout.read())
    supervisor = peaks.pop(child.pid)
    return {
        "documents": summary["documents"],
        "mentions": sum(summary["mentions"].values()),
        "errors": summary["errors"],
        "documents_per_second": summary["this_run"]["documents_per_second"],
        "seconds": summary["this_run"]["seconds"],
        "loading_seconds": summary["this_run"]["loading_seconds"],
        "supervisor": supervisor,
        "workers": list(peaks.values()),
    }


def workers_of(process: int) -> list[int]:
    """The worker processes of a run: the children of the process that forks them."""
    try:
        return [
            worker
            for child in children_of(process)
            if b"forkserver" in Path(f"/proc/{child}/cmdline").read_bytes()
            for worker in children_of(child)
        ]
    except OSError:
        return []


def children_of(process: int) -> list[int]:
    """The processes that a process has started."""
    return [*map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split())]


def memory_of(process: int) -> dict[str, float]:
    """Megabytes of a process: in all, its share of what is shared, and what is its own."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return {}
    sizes = {
        name: int(kilobytes) / 1024
        for name, kilobytes in re.findall(r"^(\w+): +(\d+) kB", text, re.M)
    }
    if not sizes.keys() >= MEMORY_NAMES:
        return {}
    return {
        "rss_mb": round(sizes["Rss"], 1),
        "pss_mb": round(sizes["Pss"], 1),
        "private_mb": round(sizes["Private_Clean"] + sizes["Private_Dirty"], 1),
        "private_files_mb": round(sizes["Private_Clean"], 1),
        "own_mb": round(sizes["Private_Dirty"], 1),
    }


def graph_megabytes(run_file: Path, environment: dict[str, str]) -> dict[str, float]:
    """The ONNX graphs of the run's pipeline: their files, and what opening them adds to a process's
    own memory.
    """
    components = json.loads(run_file.read_text())["configuration"]["pipeline"]["components"]
    names = {
        component["uses"]["model"]["name"]
        for component in components
        if "model" in component["uses"]
    }
    paths = [
        path
        for name in sorted(names)
        if (path := PROJECT / "models" / name / "model.onnx").is_file()
    ]
    code = [sys.executable, "-c", OPEN_GRAPHS, *map(str, paths)]
    opened = subprocess.run(
        code, env=environment, check=True, capture_output=True, text=True
    ).stdout
    return {
        "files_mb": round(sum(path.stat().st_size for path in paths) / 2**20, 1),
        "opened_mb": round(float(opened), 1),
    }


def report(runs: dict[str, dict[str, Any]], graphs: dict[str, float]) -> dict[str, Any]:
    """The runs, their rates beside each other, and what a second worker adds beyond its models."""
    one, threads, two = (runs[setup]["documents_per_second"] for setup in SETUPS)
    own = [worker["own_mb"] for worker in runs["2 workers, 2 cores"]["workers"]]
    return {
        "runs": runs,
        "scaling_efficiency": round(two / (2 * one), 3),
        "two_workers_against_two_threads": round(two / threads, 3),
        "graphs": graphs,
        "private_beyond_models_mb": [round(each - graphs["opened_mb"], 1) for each in own],
        "target_private_beyond_models_mb": 150,
    }


if __name__ == "__main__":
    main()
