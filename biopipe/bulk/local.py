"""Annotate files on this machine: one part for each input fragment, resumable after every part."""

import platform
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from biopipe.bulk.folder import OutputFolder, check_folder, open_folder
from biopipe.bulk.interrupt import Interruption, interruption
from biopipe.bulk.job import Job, WritePart
from biopipe.bulk.journal import Part
from biopipe.bulk.part import Columns, input_state
from biopipe.bulk.progress import OnProgress, Watch
from biopipe.bulk.summary import Summary, first_errors, repeated_ids, total
from biopipe.bulk.workers import run_workers
from biopipe.errors import ConfigError, InputError
from biopipe.io.fragments import Fragment, list_fragments, read_fragment
from biopipe.io.rows import RowError
from biopipe.pipeline import describe

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = ["run"]

_PACKAGES = ("biopipe", "spacy", "onnxruntime", "tokenizers", "pyarrow", "numpy")


class _Write(Protocol):
    """Writes the parts of fragments, in this process or in others."""

    def __call__(
        self,
        fragments: Sequence[Fragment],
        /,
        *,
        on_inputs: Callable[[str, int], None],
        on_part: Callable[[Part], None],
    ) -> None: ...


def run(
    inputs: Sequence[str],
    output: str | Path,
    *,
    pipeline: str = "default",
    text_column: str = "text",
    id_column: str = "id",
    workers: int = 1,
    device: str | None = None,
    restart: bool = False,
    on_progress: OnProgress | None = None,
) -> Summary:
    """Annotate files, folders and patterns into the Parquet tables of the folder `output`.

    Parts that an earlier run with the same configuration finished are left as they are; `restart` deletes
    them first. `device`, if given, goes over what the pipeline says. Killed at any moment and called again,
    the tables are the same as if it had never stopped.
    """
    started = time.perf_counter()
    if workers < 1:
        raise ConfigError(f"The number of workers is {workers}; give 1 or more.")
    folder = Path(output).absolute()
    check_folder(folder)
    columns = Columns(text_column, id_column)
    fragments = _fragments(inputs, folder, columns)
    job = Job(pipeline, folder, columns, device)
    nlp = job.load()
    configuration = _configuration(nlp, columns)
    loaded = time.perf_counter()
    with interruption() as asked, open_folder(folder, configuration, restart=restart) as target:
        asked.check()
        redone = _drop_outdated(target, fragments)
        todo = [fragment for fragment in fragments if fragment.name not in target.parts]
        watch = Watch(todo, on_progress)
        write = (
            partial(_in_this_process, write=job.open(nlp))
            if min(workers, len(todo)) < 2
            else partial(run_workers, job=job, count=workers)
        )
        parts = _finish(target, todo, write, watch, asked)
        summary = _summary(target, parts, (started, loaded), before=len(fragments) - len(todo), redone=redone)
        target.write_run(_run_content(target, summary))
    return summary


def _fragments(inputs: Sequence[str], folder: Path, columns: Columns) -> list[Fragment]:
    """The fragments of the inputs, without what the output folder itself holds."""
    fragments = [each for each in list_fragments(inputs) if not each.path.is_relative_to(folder)]
    if not fragments:
        raise InputError(f"All inputs are inside the output folder {folder}; choose another output folder.")
    _check_columns(fragments, columns)
    return fragments


def _check_columns(fragments: Sequence[Fragment], columns: Columns) -> None:
    """InputError when no Parquet input has the columns; where some have, the others become error rows."""
    problem: InputError | None = None
    for first in {each.path: each for each in reversed(fragments) if each.format == "parquet"}.values():
        try:
            next(read_fragment(first, text_column=columns.text, id_column=columns.id, on_error=_ignore), None)
            return
        except InputError as error:
            problem = error
    if problem is not None:
        raise problem


def _ignore(error: RowError) -> None:
    """For a look ahead: the part itself tells of it."""


def _configuration(nlp: "Language", columns: Columns) -> dict[str, Any]:
    """What decides the content of the tables."""
    return {
        "pipeline": describe(nlp),
        "columns": {"text": columns.text, "id": columns.id},
        "biopipe": version("biopipe"),
    }


def _drop_outdated(target: OutputFolder, fragments: Sequence[Fragment]) -> int:
    """Take out parts that are damaged or whose input has changed since; how many."""
    current = {fragment.name for fragment in fragments}
    states = {str(fragment.path): input_state(fragment.path) for fragment in fragments}
    outdated = [
        part.name
        for part in target.parts.values()
        if part.input in states
        and (
            part.name not in current
            or part.input_state != states[part.input]
            or not part.is_whole(target.path)
        )
    ]
    target.drop(outdated)
    return len(outdated)


def _finish(
    target: OutputFolder, todo: Sequence[Fragment], write: _Write, watch: Watch, asked: Interruption
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

    write(todo, on_inputs=on_inputs, on_part=on_part)
    return parts


def _in_this_process(
    fragments: Sequence[Fragment],
    *,
    write: WritePart,
    on_inputs: Callable[[str, int], None],
    on_part: Callable[[Part], None],
) -> None:
    for fragment in fragments:
        on_part(write(fragment, partial(on_inputs, fragment.name)))


def _summary(
    target: OutputFolder, parts: Sequence[Part], times: tuple[float, float], *, before: int, redone: int
) -> Summary:
    started, loaded = times
    return Summary(
        output=str(target.path),
        counts=total(target.parts.values()),
        repeated_ids=repeated_ids(target.path, target.parts.values()),
        inputs=sum(part.counts.inputs for part in parts),
        parts=len(parts),
        parts_before=before,
        parts_redone=redone,
        seconds=time.perf_counter() - started,
        loading_seconds=loaded - started,
        first_errors=first_errors(target.path, target.parts.values()),
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
