"""Annotate files on this machine: one part for each input fragment, resumable after every part."""

import platform
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from biopipe.bulk.engine import ENGINES, Engine, WorkerPool, open_engine
from biopipe.bulk.folder import OutputFolder, check_folder, open_folder
from biopipe.bulk.interrupt import Interruption, interruption
from biopipe.bulk.job import Job
from biopipe.bulk.journal import Part, finished_names
from biopipe.bulk.limits import TIMEOUT
from biopipe.bulk.part import Columns, input_state
from biopipe.bulk.progress import OnProgress, Watch
from biopipe.bulk.summary import Summary, first_errors, repeated_ids, total
from biopipe.errors import ConfigError, InputError
from biopipe.io.fragments import Fragment, list_fragments, read_fragment
from biopipe.io.rows import RowError

__all__ = ["run"]

_PACKAGES = ("biopipe", "spacy", "onnxruntime", "tokenizers", "pyarrow", "numpy")


def run(
    inputs: Sequence[str],
    output: str | Path,
    *,
    pipeline: str = "default",
    text_column: str = "text",
    id_column: str = "id",
    workers: int = 0,
    device: str | None = None,
    engine: str = "local",
    min_workers: int | None = None,
    cpus: int = 1,
    gpus: float = 0.0,
    timeout: float = TIMEOUT,
    restart: bool = False,
    on_progress: OnProgress | None = None,
) -> Summary:
    """Annotate files, folders and patterns into the Parquet tables of the folder `output`.

    Parts that an earlier run with the same configuration finished are left as they are, unless
    damaged; `restart` deletes them first. `device`, if given, goes over what the pipeline says.
    Killed at any moment and called again, the tables are the same as if it had never stopped.
    Ctrl-C and SIGTERM raise Interrupted.

    `workers` are processes (a script then needs the guard `if __name__ == "__main__":`). With them,
    a document that crashes native code or takes longer than `timeout` seconds becomes an error row
    (see `time_limit`; 0 is any time); with 0 the documents run in this process. `engine` is
    "local", or "ray" for a Ray cluster: there the pool grows from `min_workers` to `workers`, each
    with so many `cpus` and `gpus` (a fraction to share one).
    """
    started = time.perf_counter()
    pool = WorkerPool(workers, min_workers, cpus, gpus)
    _check_options(pool, timeout, engine)
    folder = Path(output).absolute()
    check_folder(folder)
    columns = Columns(text_column, id_column)
    fragments = _fragments(inputs, folder, columns)
    job = Job(pipeline, folder, columns, device)
    if engine == "local":
        # Cores are shared out by the number of workers, so there are no more than there is work
        # for.
        unfinished = {each.name for each in fragments} - (
            set() if restart else finished_names(folder)
        )
        pool = WorkerPool(min(workers, len(unfinished) or 1))
    with (
        interruption() as asked,
        open_engine(engine, job, pool=pool, timeout=timeout, asked=asked) as crew,
    ):
        configuration = crew.configuration()
        loaded = time.perf_counter()
        asked.check()
        with open_folder(folder, configuration, restart=restart) as target:
            damaged = target.drop_damaged()
            outdated = _drop_outdated(target, fragments)
            todo = [fragment for fragment in fragments if fragment.name not in target.parts]
            parts = _finish(target, todo, crew, Watch(todo, on_progress), asked)
            before = len(fragments) - len(todo)
            summary = _summary(
                target, parts, (started, loaded), before=before, taken_out=(damaged, outdated)
            )
            target.write_run(_run_content(target, summary))
    return summary


def _check_options(pool: WorkerPool, timeout: float, engine: str) -> None:
    if not timeout >= 0:
        raise ConfigError(f"The timeout is {timeout:g} seconds; give 0 (any time) or more.")
    if engine not in ENGINES:
        raise ConfigError(f"There is no engine '{engine}'; there are: {', '.join(ENGINES)}.")
    if engine != "ray" and pool != WorkerPool(pool.workers):
        raise ConfigError(
            "A least number of workers, and CPUs and GPUs of each, are for the engine 'ray'."
        )


def _fragments(inputs: Sequence[str], folder: Path, columns: Columns) -> list[Fragment]:
    """The fragments of the inputs, without what the output folder itself holds."""
    fragments = [each for each in list_fragments(inputs) if not each.path.is_relative_to(folder)]
    if not fragments:
        raise InputError(
            f"All inputs are inside the output folder {folder}; choose another output folder."
        )
    _check_columns(fragments, columns)
    return fragments


def _check_columns(fragments: Sequence[Fragment], columns: Columns) -> None:
    """InputError when no Parquet input has the columns; where some have, the others become error
    rows.
    """
    problem: InputError | None = None
    for first in {
        each.path: each for each in reversed(fragments) if each.format == "parquet"
    }.values():
        try:
            next(
                read_fragment(
                    first, text_column=columns.text, id_column=columns.id, on_error=_ignore
                ),
                None,
            )
            return
        except InputError as error:
            problem = error
    if problem is not None:
        raise problem


def _ignore(error: RowError) -> None:
    """For a look ahead: the part itself tells of it."""


def _drop_outdated(target: OutputFolder, fragments: Sequence[Fragment]) -> int:
    """Take out parts whose input has changed since; how many."""
    current = {fragment.name for fragment in fragments}
    states = {str(fragment.path): input_state(fragment.path) for fragment in fragments}
    outdated = [
        part.name
        for part in target.parts.values()
        if part.input in states
        and (part.name not in current or part.input_state != states[part.input])
    ]
    target.drop(outdated)
    return len(outdated)


def _finish(
    target: OutputFolder,
    todo: Sequence[Fragment],
    engine: Engine,
    watch: Watch,
    asked: Interruption,
) -> list[Part]:
    """Write the parts of `todo` and return them."""
    parts: list[Part] = []

    def on_inputs(name: str, count: int) -> None:
        watch.inputs(name, count)
        asked.check()

    def on_part(part: Part) -> None:
        parts.append(part)
        target.parts[part.name] = part
        watch.part(part)

    if todo:
        engine.write(todo, on_inputs=on_inputs, on_part=on_part)
    return parts


def _summary(
    target: OutputFolder,
    parts: Sequence[Part],
    times: tuple[float, float],
    *,
    before: int,
    taken_out: tuple[Sequence[str], int],
) -> Summary:
    started, loaded = times
    damaged, outdated = taken_out
    return Summary(
        output=str(target.path),
        counts=total(target.parts.values()),
        repeated_ids=repeated_ids(target.path, target.parts.values()),
        inputs=sum(part.counts.inputs for part in parts),
        parts=len(parts),
        parts_before=before,
        parts_redone=outdated + len(damaged),
        seconds=time.perf_counter() - started,
        loading_seconds=loaded - started,
        first_errors=first_errors(target.path, target.parts.values()),
        damaged=tuple(damaged),
    )


def _run_content(target: OutputFolder, summary: Summary) -> dict[str, Any]:
    parts = (target.parts[name] for name in sorted(target.parts))
    return {
        "finished": True,
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in _PACKAGES},
        },
        "summary": summary.to_dict(),
        "parts": {
            part.name: {
                "input": part.input,
                "row_group": part.row_group,
                "documents": part.counts.documents,
                "errors": part.counts.errors,
            }
            for part in parts
        },
    }
