"""Parts by Ray: a real cluster of two processes on this machine, whose actors are killed."""

import importlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from biopipe.bulk import run
from biopipe.bulk.folder import open_folder
from biopipe.bulk.interrupt import Interrupted, Interruption
from biopipe.bulk.job import Job
from biopipe.bulk.journal import SCRATCH, Part, read_journal
from biopipe.bulk.part import Columns
from biopipe.bulk.tables import TABLES
from biopipe.errors import ConfigError, DeviceError
from biopipe.io.fragments import list_fragments

# Ray 2.60 warns of its own use of its own settings when its context is made.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:ray.data.context")

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """A Ray cluster of two processes that this process is connected to; its actors find the package of poison."""
    pytest.importorskip("ray", reason="needs the extra 'ray'")
    from biopipe.bulk.cluster import connected

    with pytest.MonkeyPatch.context() as patch:
        for name in ("poison", "no_torch"):
            patch.syspath_prepend(DATA / name)
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path[:2]))
        with connected(workers=2, cpus=1, gpus=0):
            yield


@pytest.fixture
def poison(tmp_path: Path) -> str:
    """A pipeline with abbreviations and a component that does what texts tell it to."""
    path = tmp_path / "poison.json"
    components = {"biopipe_poison": {"seen": str(tmp_path)}, "biopipe_abbreviations": {}}
    path.write_text(json.dumps({"components": components}))
    return str(path)


def _texts(count: int) -> list[str]:
    return [f"Tumor necrosis factor (TNF) in study {number}." for number in range(count)]


def _by_ray(
    inputs: Sequence[Path],
    output: Path,
    pipeline: str,
    *,
    asked: Interruption | None = None,
    on_part: Callable[[Part], None] | None = None,
) -> list[Part]:
    """The parts that the run wrote."""
    from biopipe.bulk.ray import Pool, open_ray

    job = Job(pipeline, output, Columns())
    parts: list[Part] = []
    counted: dict[str, int] = {}

    def count(name: str, number: int) -> None:
        counted[name] = counted.get(name, 0) + number

    with open_ray(job, pool=Pool(2), asked=asked or Interruption()) as engine:
        configuration = engine.configuration()
        with open_folder(output, configuration) as folder:
            fragments = list_fragments([str(path) for path in inputs])
            todo = [fragment for fragment in fragments if fragment.name not in folder.parts]
            engine.write(todo, on_inputs=count, on_part=on_part or parts.append)
    assert counted == {part.name: part.counts.inputs for part in parts}
    assert not list((output / SCRATCH).iterdir())
    return parts


def _files(output: Path) -> dict[str, bytes]:
    """The bytes of every part file."""
    return {
        f"{table}/{path.name}": path.read_bytes() for table in TABLES for path in (output / table).iterdir()
    }


def _errors(output: Path) -> list[tuple[int, str, str]]:
    rows = pq.read_table(output / "errors").to_pylist()
    return [(row["row"], row["stage"], row["error"]) for row in rows]


def test_the_files_are_those_of_the_local_engine_and_a_second_run_does_what_is_missing(
    cluster: None, tmp_path: Path, pipeline: str, write_input
) -> None:
    paths = [write_input("a", _texts(300), row_group_size=100), write_input("b", ["x", None, "y"])]
    run(list(map(str, paths)), tmp_path / "local", pipeline=pipeline, workers=0)
    output = tmp_path / "ray"
    assert len(_by_ray(paths, output, pipeline)) == 4
    assert _files(output) == _files(tmp_path / "local")
    assert _by_ray(paths, output, pipeline) == []
    lost = min(read_journal(output))
    (output / "journal" / f"{lost}.json").unlink()
    assert [part.name for part in _by_ray(paths, output, pipeline)] == [lost]
    assert _files(output) == _files(tmp_path / "local")
    # The local engine goes on where Ray stopped: the same journal, the same configuration.
    assert run(list(map(str, paths)), output, pipeline=pipeline, workers=0).parts == 0


def test_a_killed_actor_costs_time_and_a_poison_document_a_row(
    cluster: None, tmp_path: Path, poison: str, write_input
) -> None:
    texts = _texts(30)
    texts[12] = "mark pid"
    path = write_input("a", texts, row_group_size=10)
    poisoned = write_input("b", [*_texts(3), "memory is out", *_texts(2)])
    with ThreadPoolExecutor(1) as pool:
        killed = pool.submit(_kill_when_marked, tmp_path / "pid")
        parts = _by_ray([path, poisoned], tmp_path / "ray", poison)
        assert killed.result()
    assert sorted(part.counts.documents for part in parts) == [5, 10, 10, 10]
    assert _errors(tmp_path / "ray") == [(3, "crash", "ended its process")]
    importlib.import_module("biopipe_poison")  # entry points were read before it was there
    run([str(path)], tmp_path / "local", pipeline=poison, workers=0)
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
    paths = [write_input("a", _texts(3)), write_input("b", ["hang"])]
    asked = Interruption()

    def stop(_: Part) -> None:
        signal.raise_signal(signal.SIGTERM)

    asked.listen()
    try:
        with pytest.raises(Interrupted):
            _by_ray(paths, tmp_path / "ray", poison, asked=asked, on_part=stop)
    finally:
        asked.close()
    assert [name[:2] for name in read_journal(tmp_path / "ray")] == ["a-"]


def test_an_error_of_an_actor_is_raised_as_it_is(
    cluster: None, tmp_path: Path, pipeline: str, write_input
) -> None:
    path = write_input("a", _texts(3))
    with pytest.raises(ConfigError, match="There is no pipeline 'nowhere'"):
        _by_ray([path], tmp_path / "out", "nowhere")


def test_a_gpu_that_no_node_has_is_an_error(cluster: None, tmp_path: Path) -> None:
    from biopipe.bulk.ray import Pool, open_ray

    job = Job("default", tmp_path, Columns(), "cuda")
    with (
        pytest.raises(DeviceError, match="No node of the Ray cluster has the 64 GPUs of a worker"),
        open_ray(job, pool=Pool(1, gpus=64), asked=Interruption()),
    ):
        pass


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"most": 0}, "The number of workers is 0 to 0"),
        ({"most": 2, "least": 3}, "The number of workers is 3 to 2"),
        ({"most": 1, "gpus": 1.5}, "A worker cannot have 1.5 GPUs"),
    ],
)
def test_a_pool_that_cannot_be(options: dict[str, float], message: str) -> None:
    from biopipe.bulk.ray import Pool

    with pytest.raises(ConfigError, match=re.escape(message)):
        Pool(**options)


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
        "from biopipe.bulk.cluster import ray_modules\n"
        "from biopipe.errors import ExtraMissing\n"
        "try:\n"
        "    ray_modules()\n"
        "except ExtraMissing as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "The package 'ray' is not installed; install it with: pip install 'biopipe[ray]'.\n"
