"""Parts by Ray: a real cluster of two processes on this machine, whose actors are killed."""

import importlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from biopipe.bulk import Progress, run
from biopipe.bulk.interrupt import Interrupted
from biopipe.bulk.tables import TABLES
from biopipe.errors import ConfigError, DeviceError
from biopipe.io.run_output.folder import JOURNAL, SCRATCH
from biopipe.io.run_output.journal import read_journal

# Ray 2.60 warns of its own use of its own settings when its context is made.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:ray.data.context")

DATA = Path(__file__).parents[2] / "data"


PACKAGES = [str(DATA / name) for name in ("poison", "no_torch")]


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """A Ray cluster of two processes and one GPU, as far as Ray knows; its actors find the package
    of poison.
    """
    ray = pytest.importorskip("ray", reason="needs the extra 'ray'")
    with pytest.MonkeyPatch.context() as patch:
        for path in PACKAGES:
            patch.syspath_prepend(path)
        patch.setenv("PYTHONPATH", os.pathsep.join(PACKAGES))
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_worker_niceness", "0")
        patch.setenv("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        patch.delenv("RAY_ADDRESS", raising=False)
        ray.init(
            address="local",
            num_cpus=2,
            num_gpus=1,
            include_dashboard=False,
            object_store_memory=80 * 2**20,
        )
        try:
            yield
        finally:
            ray.shutdown()


@pytest.fixture
def poison(tmp_path: Path) -> str:
    """A pipeline with abbreviations and a component that does what texts tell it to."""
    path = tmp_path / "poison.json"
    components = {"biopipe_poison": {"seen": str(tmp_path)}, "biopipe_abbreviations": {}}
    path.write_text(json.dumps({"components": components}))
    return str(path)


def _texts(count: int) -> list[str]:
    return [f"Tumor necrosis factor (TNF) in study {number}." for number in range(count)]


def _files(output: Path) -> dict[str, bytes]:
    """The bytes of every part file."""
    return {
        f"{table}/{path.name}": path.read_bytes()
        for table in TABLES
        for path in (output / table).iterdir()
    }


def _errors(output: Path) -> list[tuple[int, str, str]]:
    rows = pq.read_table(output / "errors").to_pylist()
    return [(row["row"], row["stage"], row["error"]) for row in rows]


def test_the_files_are_those_of_the_local_engine_and_a_second_run_does_what_is_missing(
    cluster: None, tmp_path: Path, pipeline: str, write_input
) -> None:
    paths = [write_input("a", _texts(300), row_group_size=100), write_input("b", ["x", None, "y"])]
    inputs = [str(path) for path in paths]
    local, output = run(inputs, tmp_path / "local", pipeline=pipeline), tmp_path / "ray"
    seen: list[Progress] = []
    summary = run(
        inputs, output, pipeline=pipeline, engine="ray", workers=2, on_progress=seen.append
    )
    assert (summary.parts, summary.counts) == (4, local.counts)
    assert (seen[-1].parts, seen[-1].inputs) == (4, 303)
    assert _files(output) == _files(tmp_path / "local")
    assert not list((output / SCRATCH).iterdir())
    lost = min(read_journal(output))
    (output / JOURNAL / f"{lost}.json").unlink()
    assert run(inputs, output, pipeline=pipeline, engine="ray", workers=2, gpus=0.5).parts == 1
    assert _files(output) == _files(tmp_path / "local")
    # The engines share journal and configuration: each goes on where the other stopped.
    assert run(inputs, output, pipeline=pipeline).parts == 0
    assert run(inputs, output, pipeline=pipeline, engine="ray").parts == 0


def test_a_killed_actor_costs_time_and_a_poison_document_a_row(
    cluster: None, tmp_path: Path, poison: str, write_input
) -> None:
    texts = _texts(30)
    texts[12] = "mark pid"
    path = write_input("a", texts, row_group_size=10)
    poisoned = write_input("b", [*_texts(3), "segfault now", *_texts(2)])
    with ThreadPoolExecutor(1) as pool:
        killed = pool.submit(_kill_when_marked, tmp_path / "pid")
        run([str(path), str(poisoned)], tmp_path / "ray", pipeline=poison, engine="ray", workers=2)
        assert killed.result()
    assert _errors(tmp_path / "ray") == [(3, "crash", "ended its process (SIGSEGV)")]
    assert pq.read_table(tmp_path / "ray" / "documents").num_rows == 35
    importlib.import_module("biopipe_poison")  # entry points were read before it was there
    run([str(path)], tmp_path / "local", pipeline=poison)
    local = _files(tmp_path / "local")
    assert {name: _files(tmp_path / "ray")[name] for name in local} == local


def _kill_when_marked(mark: Path) -> int:
    """Kill the process that leaves its pid in `mark`."""
    for _ in range(1200):
        if mark.exists() and (pid := mark.read_text()):
            os.kill(int(pid), signal.SIGKILL)
            return int(pid)
        time.sleep(0.1)
    raise TimeoutError(f"nobody left {mark}")


def test_a_run_that_is_asked_to_stop_keeps_its_parts(
    cluster: None, tmp_path: Path, poison: str, write_input
) -> None:
    inputs = [str(write_input("a", _texts(3))), str(write_input("b", ["hang"]))]

    def stop(progress: Progress) -> None:
        if progress.parts:
            signal.raise_signal(signal.SIGTERM)

    with pytest.raises(Interrupted):
        run(inputs, tmp_path / "ray", pipeline=poison, engine="ray", workers=2, on_progress=stop)
    assert [name[:2] for name in read_journal(tmp_path / "ray")] == ["a-"]


def test_an_error_of_an_actor_is_raised_as_it_is(
    cluster: None, tmp_path: Path, write_input
) -> None:
    path = write_input("a", _texts(3))
    with pytest.raises(ConfigError, match="There is no pipeline 'nowhere'"):
        run([str(path)], tmp_path / "out", pipeline="nowhere", engine="ray")


@pytest.mark.parametrize(
    ("device", "gpus", "error", "message"),
    [
        ("cpu", 64.0, DeviceError, "No node of the Ray cluster has the 64 GPUs of a worker"),
        (
            "cuda:1",
            1.0,
            ConfigError,
            "The device is 'cuda:1', but Ray chooses the GPU of each worker",
        ),
    ],
)
def test_a_gpu_that_cannot_be_had(
    cluster: None,
    tmp_path: Path,
    write_input,
    device: str,
    gpus: float,
    error: type[Exception],
    message: str,
) -> None:
    path = write_input("a", _texts(3))
    with pytest.raises(error, match=re.escape(message)):
        run([str(path)], tmp_path / "out", engine="ray", device=device, gpus=gpus)


def test_the_command_has_a_cluster_of_its_own_that_says_nothing(
    tmp_path: Path, poison: str, write_input
) -> None:
    pytest.importorskip("ray", reason="needs the extra 'ray'")
    path = write_input("a", [*_texts(3), "segfault now"])
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    command = [
        sys.executable,
        "-m",
        "biopipe",
        "run",
        str(path),
        "-o",
        str(tmp_path / "out"),
        "--json",
    ]
    done = subprocess.run(
        [*command, "--pipeline", poison, "--engine", "ray", "--workers", "2", "--min-workers", "1"],
        env={**environment, "PYTHONPATH": os.pathsep.join(PACKAGES)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert (summary["documents"], summary["errors"]) == (3, 1)
    assert not re.search("ray|warning|error", done.stderr, flags=re.IGNORECASE), done.stderr


def test_without_ray_the_extra_is_named(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "import biopipe.bulk\n"
        "assert 'ray' not in sys.modules\n"
        "class Without:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] == 'ray':\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Without())\n"
        "from biopipe.bulk.ray.cluster import ray_modules\n"
        "from biopipe.errors import ExtraMissing\n"
        "try:\n"
        "    ray_modules()\n"
        "except ExtraMissing as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (
        done.stdout
        == "The package 'ray' is not installed; install it with: pip install 'biopipe[ray]'.\n"
    )
