"""Annotate files: one part for each input fragment, resumable after every part."""

import platform
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from biopipe.bulk.engine import Engine, open_engine
from biopipe.bulk.first_records import first_records
from biopipe.bulk.interrupt import Interruption, watch_signals
from biopipe.bulk.output.folder import OutputFolder, open_output_folder
from biopipe.bulk.output.progress import OnProgress, ProgressTracker
from biopipe.bulk.output.remote import (
    LocalOutput,
    OutputPlace,
    RemoteOutput,
    forget_working_folder,
    working_folder,
)
from biopipe.bulk.output.summary import StartOfRun, Summary, summarise
from biopipe.bulk.parts.part import input_state
from biopipe.bulk.plan import RunPlan
from biopipe.errors import InputError
from biopipe.io.addresses import check_local, is_url, shown_url
from biopipe.io.fragments import Fragment, fragment_reader, list_fragments
from biopipe.io.rows import RowError
from biopipe.io.run_output.folder import check_run_folder
from biopipe.io.run_output.journal import Part, finished_names

__all__ = ["execute", "make_plan", "run"]

# Formats whose files name their columns, so that a look at the first row tells whether they fit.
_WITH_COLUMNS = ("csv", "parquet", "tsv")
# Those whose versions can change what is found or how it is written.
_PACKAGES = ("biopipe", "spacy", "onnxruntime", "tokenizers", "pyarrow", "numpy")


def run(
    inputs: Sequence[str],
    output: str | Path,
    *,
    on_progress: OnProgress | None = None,
    **options: Any,
) -> Summary:
    """Annotate files, folders and patterns into the Parquet tables of the folder `output`; each of
    them may be an address such as s3://bucket/folder.

    `options` are those of RunPlan: pipeline, text_column, id_column, title_column, keep, xrefs,
    limit, device, engine, workers, min_workers, cpus, gpus, timeout, loading_timeout, reading_timeout,
    restart. See `execute`.

        >>> from biopipe import bulk
        >>> bulk.run(["abstracts.parquet"], "out", pipeline="fast", workers=2)
    """
    return execute(make_plan(inputs, output, **options), on_progress=on_progress)


def make_plan(inputs: Sequence[str], output: str | Path, **options: Any) -> RunPlan:
    """The plan of a run into a folder or an address; OutputError for a path that was made of an
    address and is none any more.
    """
    if is_url(str(output)):
        url = str(output)
        folder = working_folder(url) / "output"
        return RunPlan(inputs=tuple(inputs), output=folder, output_url=url, **options)
    check_local(Path(output))
    return RunPlan(inputs=tuple(inputs), output=Path(output).absolute(), **options)


def execute(plan: RunPlan, *, on_progress: OnProgress | None = None) -> Summary:
    """Do what the plan says, and say what was done.

    Parts that an earlier run with the same configuration finished are left as they are, unless they
    are damaged or their input has changed. Killed at any moment and called again, the tables are
    the same as if it had never stopped. A script that uses workers needs the guard
    `if __name__ == "__main__":`.

    Raises InputError when there is nothing to read, OutputError when the folder holds something
    else or cannot be written, WorkerFailure when workers end again and again, the pipeline's own
    error when it cannot be loaded, and Interrupted after Ctrl-C or SIGTERM.
    """
    started = time.perf_counter()
    # Workers and Ray actors may have another working folder.
    plan = replace(plan, output=plan.output.absolute())
    place = _output_place(plan)
    place.fetch_finished(restart=plan.restart)
    # Before inputs are listed and the pipeline is loaded, which may take minutes.
    check_run_folder(plan.output, restart=plan.restart)
    fragments = _list_inputs(plan)
    if plan.engine == "local" and plan.workers:
        plan = _limited_workers(plan, fragments)
    with (
        watch_signals() as interruption,
        open_engine(plan, interruption=interruption) as engine,
    ):
        configuration = engine.configuration()
        loaded = time.perf_counter()
        interruption.check()
        with open_output_folder(plan.output, configuration, restart=plan.restart) as target:
            start, todo = _take_stock(target, fragments, started, loaded)
            tracker = ProgressTracker(todo, on_progress)
            # From here on the address is known as an output: a run that is killed can be started
            # again.
            place.send_start(target.parts.values())
            parts = _write_parts(target, todo, engine, tracker, interruption, place)
            summary = summarise(target.path, target.parts.values(), parts, start)
            summary = replace(summary, output=place.name)
            target.write_run(_run_content(target, summary))
            place.send_all(target.parts.values())
    forget_working_folder(plan.output_url or str(plan.output))
    return summary


def _output_place(plan: RunPlan) -> OutputPlace:
    if plan.output_url:
        return RemoteOutput(plan.output_url, plan.output)
    return LocalOutput(plan.output)


def _list_inputs(plan: RunPlan) -> list[Fragment]:
    """The fragments of the inputs, without what the output folder itself holds."""
    copies = working_folder(plan.output_url or str(plan.output)) / "inputs"
    fragments = [
        fragment
        for fragment in list_fragments(plan.inputs, copies=copies)
        if not _is_output(fragment, plan)
    ]
    if not fragments:
        raise InputError(
            f"All inputs are inside the output folder {plan.output}; choose another output folder."
        )
    _check_columns(fragments, plan)
    if plan.limit is not None:
        return first_records(fragments, plan.limit, plan.columns)
    return fragments


def _is_output(fragment: Fragment, plan: RunPlan) -> bool:
    if plan.output_url and fragment.url:
        return fragment.url.startswith(f"{shown_url(plan.output_url).rstrip('/')}/")
    return fragment.path.is_relative_to(plan.output)


def _check_columns(fragments: Sequence[Fragment], plan: RunPlan) -> None:
    """InputError when no Parquet file and no table has the columns; where some have, the others
    become error rows.
    """
    problem: InputError | None = None
    # Reversed, so that of each file its first fragment stays.
    first_fragments = {
        fragment.path: fragment
        for fragment in reversed(fragments)
        if fragment.format in _WITH_COLUMNS
    }
    for fragment in first_fragments.values():
        read = fragment_reader(fragment, plan.columns)
        try:
            next(read(_ignore), None)
            return
        except InputError as error:
            problem = error
    if problem is not None:
        raise problem


def _ignore(error: RowError) -> None:
    """For a look ahead: the part itself tells of it."""


def _limited_workers(plan: RunPlan, fragments: Sequence[Fragment]) -> RunPlan:
    """The plan with no more workers than there is work for: they share out the cores by their
    number.
    """
    # By the journal alone: whether the parts are whole is found out when the folder is held.
    finished = set() if plan.restart else finished_names(plan.output)
    unfinished = {fragment.name for fragment in fragments} - finished
    return replace(plan, workers=min(plan.workers, len(unfinished) or 1))


def _take_stock(
    target: OutputFolder, fragments: Sequence[Fragment], started: float, loaded: float
) -> tuple[StartOfRun, list[Fragment]]:
    """What the folder holds once the parts that do not stand are taken out, and the fragments that
    are still to do.
    """
    damaged = tuple(target.drop_damaged())
    outdated = _drop_outdated(target, fragments)
    # Their parts stay, as files are often moved away once they are done; but that is said.
    missing = _missing_inputs(target.parts.values())
    todo = [fragment for fragment in fragments if fragment.name not in target.parts]
    parts_before = len(fragments) - len(todo)
    return StartOfRun(started, loaded, parts_before, damaged, outdated, missing), todo


def _drop_outdated(target: OutputFolder, fragments: Sequence[Fragment]) -> int:
    """Take out parts whose input has changed, or is cut otherwise, since; how many."""
    current = {fragment.name for fragment in fragments}
    states = {fragment.source: input_state(fragment.path) for fragment in fragments}
    outdated = [
        part.name
        for part in target.parts.values()
        if part.input in states
        and (part.name not in current or part.input_state != states[part.input])
    ]
    target.drop(outdated)
    return len(outdated)


def _missing_inputs(parts: Iterable[Part]) -> tuple[str, ...]:
    """The inputs of parts that are no longer where they were read, sorted.

    Their parts stay: a folder of results may well outlive its inputs. But they are named, for a
    file that was only moved is read again under its new path, and is then in the tables twice.
    """
    inputs = {part.input for part in parts}
    # An address would have to be asked over the network for every part of every earlier run.
    paths = (name for name in inputs if not is_url(name))
    return tuple(sorted(path for path in paths if not Path(path).exists()))


def _write_parts(
    target: OutputFolder,
    todo: Sequence[Fragment],
    engine: Engine,
    tracker: ProgressTracker,
    interruption: Interruption,
    place: OutputPlace,
) -> list[Part]:
    """Write the parts of `todo`, send each to its place, and return them."""
    parts: list[Part] = []

    def on_inputs(name: str, count: int) -> None:
        tracker.add_inputs(name, count)
        interruption.check()

    def on_part(part: Part) -> None:
        parts.append(part)
        target.parts[part.name] = part
        place.send_part(part)
        tracker.add_part(part)

    if todo:
        engine.write(todo, on_inputs=on_inputs, on_part=on_part)
    return parts


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
                "first_row": part.first_row,
                "documents": part.counts.documents,
                "errors": part.counts.errors,
            }
            for part in parts
        },
    }
