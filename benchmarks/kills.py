"""Runs that are killed, or find the disk full, at each of their steps on disk: started again, they
give the same bytes.

    python benchmarks/kills.py

A step is a rename, a new folder, a deletion or a flush. A run over four inputs, and one that begins
again with --restart, is ended before and after every step of it, in a process of its own. The same
command then has to end well, with the tables of a run that was never stopped.
"""

import errno
import json
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa
import pyarrow.parquet as pq
from record import options, record

from biopipe.bulk import run
from biopipe.bulk.tables import TABLES

STEPS = ("replace", "rename", "mkdir", "unlink", "rmdir", "fsync")


class Steps:
    """Calls of the system that change a disk, counted; at the one numbered `at` something happens."""

    def __init__(self, at: int, happens: Callable[[], None], *, after: bool) -> None:
        self.names: list[str] = []
        self._at, self._happens, self._after = at, happens, after

    def watch(self) -> None:
        """Count from now on, in this process."""
        for name in STEPS:
            setattr(os, name, self._counted(name, getattr(os, name)))

    def _counted(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **options: Any) -> Any:
            self.names.append(name)
            number = len(self.names) - 1
            if number == self._at and not self._after:
                self._happens()
            done = call(*arguments, **options)
            if number == self._at and self._after:
                self._happens()
            return done

        return counted


def in_process(work: Callable[[], None]) -> int:
    """The exit code of `work` in a process of its own that has everything imported."""
    process = os.fork()
    if not process:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def killed() -> NoReturn:
    os._exit(77)


def full() -> NoReturn:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


# A disk that is full is so before a step as well as after it.
WHAT_HAPPENS = (("kill", killed, False), ("kill", killed, True), ("full disk", full, False))


def inputs(folder: Path) -> list[str]:
    folder.mkdir()
    for number in range(4):
        ids = [f"{number}-{row}" for row in range(5)]
        texts = [f"Tumour necrosis factor (TNF) {row}." if row else None for row in range(5)]
        pq.write_table(pa.table({"id": ids, "text": texts}), folder / f"{number}.parquet")
    return [str(folder)]


def content(output: Path) -> dict[str, bytes]:
    """Every file of the tables, and the names of the others."""
    files = {
        str(path.relative_to(output)): path.read_bytes()
        for table in TABLES
        for path in (output / table).iterdir()
    }
    others = [path for path in output.rglob("*") if path.relative_to(output).parts[0] not in TABLES]
    return files | {str(path.relative_to(output)): b"" for path in others}


class Trial:
    """One way of starting a run, with the folder that it starts from and the result it must have."""

    def __init__(self, folder: Path, *, restart: bool) -> None:
        self._folder, self._restart = folder, restart
        self._inputs = [str(folder / "in")]
        self._pipeline = str(folder / "pipeline.json")
        self.start = folder / "start"
        if restart:
            self.run(self.start, restart=False)
        self.expected = self._result()

    def run(self, output: Path, *, restart: bool) -> None:
        run(self._inputs, output, pipeline=self._pipeline, restart=restart)

    def _result(self) -> dict[str, bytes]:
        output = self.fresh()
        self.run(output, restart=False)
        return content(output)

    def fresh(self) -> Path:
        output = self._folder / "out"
        shutil.rmtree(output, ignore_errors=True)
        if self.start.exists():
            shutil.copytree(self.start, output)
        return output

    def steps(self) -> list[str]:
        """The steps of a run that is left alone."""
        output, told = self.fresh(), self._folder / "steps.json"

        def work() -> None:
            steps = Steps(-1, killed, after=False)
            steps.watch()
            self.run(output, restart=self._restart)
            names = list(steps.names)
            told.write_text(json.dumps(names))

        in_process(work)
        names: list[str] = json.loads(told.read_text())
        return names

    def outcome(self, at: int, happens: Callable[[], None], *, after: bool) -> str:
        """What became of a run that something happened to, and of the next one."""
        output = self.fresh()

        def work() -> None:
            Steps(at, happens, after=after).watch()
            self.run(output, restart=self._restart)

        first = in_process(work)
        # Without --restart: what a killed --restart left is whole or is done again.
        second = in_process(lambda: self.run(output, restart=False))
        if second:
            return "the next run fails"
        left = content(output)
        if left != self.expected:
            return "other bytes"
        return "equal" if first else "equal, and the run was not ended"


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--steps", default=",".join(STEPS), help="Kinds of steps to stop at.")
    arguments = parser.parse_args()
    kinds = arguments.steps.split(",")
    outcomes: dict[str, Counter[str]] = {}
    failures: list[str] = []
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        inputs(folder / "in")
        (folder / "pipeline.json").write_text(
            json.dumps({"components": {"biopipe_abbreviations": {}}})
        )
        for restart in (False, True):
            trial = Trial(folder, restart=restart)
            steps = trial.steps()
            print(len(steps), "steps:", Counter(steps), flush=True)
            for at, step in enumerate(steps):
                for what, happens, after in WHAT_HAPPENS if step in kinds else ():
                    outcome = trial.outcome(at, happens, after=after)
                    when = "--restart, " if restart else ""
                    key = f"{when}{what} {'after' if after else 'before'} {step}"
                    outcomes.setdefault(key, Counter())[outcome] += 1
                    if not outcome.startswith("equal"):
                        failures.append(f"{key} number {at}: {outcome}")
                        print(failures[-1], flush=True)
    record(
        "kills",
        {
            "trials": sum(sum(count.values()) for count in outcomes.values()),
            "steps of": kinds,
            "not equal": len(failures),
            "seconds": round(time.perf_counter() - started, 1),
            "outcomes": {key: dict(sorted(count.items())) for key, count in outcomes.items()},
            "failures": failures,
        },
        arguments.results,
    )


if __name__ == "__main__":
    main()
