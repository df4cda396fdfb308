"""The plan of a run: all that was asked for, checked once and passed on as one value."""

from dataclasses import dataclass
from pathlib import Path

from biopipe.bulk.tables import SCHEMAS
from biopipe.errors import ConfigError
from biopipe.io.addresses import is_url, shown_url
from biopipe.io.input_columns import InputColumns

__all__ = [
    "DOCUMENT_SECONDS",
    "ENGINES",
    "LOADING_SECONDS",
    "READING_SECONDS",
    "RunPlan",
]

ENGINES = ("local", "ray")
DOCUMENT_SECONDS = 120.0
"""Seconds a document may take: many times what the slowest abstract takes on one core."""
LOADING_SECONDS = 300.0
"""Seconds a worker may take to load its pipeline: a hundred times what the default one takes from a
local disk, so that cold network disks have time as well."""
READING_SECONDS = 600.0
"""Seconds a worker may take to read on to its next document. The last range of records of a
compressed file is read from the file's start: at 50 MB a second that is a file of 30 GB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """What a run is to do; plain data, so that it can be sent to another process.

    `inputs` are files, folders, patterns and addresses such as s3://bucket/folder; `output` is the
    folder of the tables. Where the tables go to an address, `output_url` is that, and `output` the
    folder of this machine that they are made in (see `biopipe.bulk.runner.make_plan`). `device` and
    `kb` (a knowledge base directory), if given, take precedence over what the pipeline says.

    `workers` are processes; 0 is none beside the caller's, and the least of a Ray cluster is 1.
    With them, a document that crashes native code or takes longer than `timeout` seconds becomes an
    error row (see `time_limit`), and a worker that takes longer than `loading_timeout` seconds to
    load the pipeline is replaced. One that reads for longer than `reading_timeout` seconds without
    coming to a document, as from a disk that does not answer, is replaced too, and its fragment
    becomes an error row when that happens again and again. 0 is any time for all three.

    `engine` is one of ENGINES. For "ray" the pool begins with `min_workers` and grows to `workers`,
    each with so many `cpus` (whole cores) and `gpus` (a part of one such as 0.25, or a whole
    number).

    `text_column`, `id_column`, `title_column` and `keep` are columns of tables and fields of JSON
    (see InputColumns); `documents` has a column of text for each name of `keep`. Of formats with
    neither, `keep` may name what their readers put in `Document.meta`, such as "journal". `limit`
    is how many records of the inputs are read, the first ones in their order. `xrefs` are systems of
    ids (prefixes, such as "MONDO") that `mentions` gives the concepts' ids of, in a column xrefs.

    `restart` deletes the parts of earlier runs in `output` first.

    Raises ConfigError for values that make no sense.
    """

    inputs: tuple[str, ...]
    output: Path
    pipeline: str = "default"
    text_column: str = "text"
    id_column: str = "id"
    title_column: str = ""
    keep: tuple[str, ...] = ()
    xrefs: tuple[str, ...] = ()
    limit: int | None = None
    device: str | None = None
    kb: str | None = None
    engine: str = "local"
    workers: int = 0
    min_workers: int | None = None
    cpus: int = 1
    gpus: float = 0.0
    timeout: float = DOCUMENT_SECONDS
    loading_timeout: float = LOADING_SECONDS
    reading_timeout: float = READING_SECONDS
    restart: bool = False
    output_url: str = ""

    def __post_init__(self) -> None:
        if self.engine not in ENGINES:
            raise ConfigError(
                f"There is no engine '{self.engine}'; there are: {', '.join(ENGINES)}."
            )
        _check_seconds("timeout", self.timeout)
        _check_seconds("timeout for loading", self.loading_timeout)
        _check_seconds("timeout for reading", self.reading_timeout)
        _check_kept(self.keep)
        if self.limit is not None and self.limit < 1:
            raise ConfigError(f"The limit is {self.limit} documents; give 1 or more.")
        if self.workers < 0:
            raise ConfigError(f"The number of workers is {self.workers}; give 0 or more.")
        if self.engine == "ray":
            # Here, and not when Ray starts: joining a cluster takes seconds, and a typing error
            # should not.
            _check_actors(self)
            _check_shared(self)
        elif (self.min_workers, self.cpus, self.gpus) != (None, 1, 0.0):
            raise ConfigError(
                "A least number of workers, and CPUs and GPUs of each, are for the engine 'ray'."
            )

    @property
    def columns(self) -> InputColumns:
        """Where the inputs keep text, id and title, and what of them is kept."""
        return InputColumns(self.text_column, self.id_column, self.title_column, self.keep)

    @property
    def actors(self) -> tuple[int, int]:
        """How many Ray actors there are at first and at most."""
        most = max(1, self.workers)
        return most if self.min_workers is None else self.min_workers, most

    @property
    def gpus_each(self) -> float:
        """GPUs of a Ray actor: a whole one where the device is a card and no share is named."""
        # Ray shows a worker the cards that it reserved and no other; reserving none would hide them
        # all.
        on_card = (self.device or "cpu").partition(":")[0] == "cuda"
        return 1.0 if on_card and not self.gpus else self.gpus


def _check_kept(names: tuple[str, ...]) -> None:
    for name in names:
        if name in SCHEMAS["documents"].names:
            raise ConfigError(
                f"The column '{name}' cannot be kept: the table documents has one of that name."
            )
        if not name or names.count(name) > 1:
            raise ConfigError(f"The column to keep '{name}' is named {names.count(name)} times.")


def _check_seconds(name: str, seconds: float) -> None:
    if not seconds >= 0:  # this way round for nan as well
        raise ConfigError(f"The {name} is {seconds:g} seconds; give 0 (any time) or more.")


def _check_shared(plan: RunPlan) -> None:
    if address := next(filter(is_url, (plan.output_url, *plan.inputs)), ""):
        raise ConfigError(
            f"The machines of a Ray cluster share a disk and nothing of {shown_url(address)}; give "
            "paths on that disk."
        )


def _check_actors(plan: RunPlan) -> None:
    first, most = plan.actors
    if not 1 <= first <= most:
        raise ConfigError(
            f"The number of workers is {first} to {most}; give 1 or more, the smaller first."
        )
    if plan.cpus < 1:
        raise ConfigError(f"A worker cannot have {plan.cpus} CPUs; give 1 or more.")
    # Ray shares out one card in parts, and several only whole.
    if plan.gpus < 0 or (plan.gpus > 1 and plan.gpus % 1):
        raise ConfigError(
            f"A worker cannot have {plan.gpus:g} GPUs; give a part of one, such as 0.5, or a whole "
            "number."
        )
    kind, _, index = (plan.device or "cpu").partition(":")
    if kind == "cuda" and index:
        raise ConfigError(
            f"The device is '{plan.device}', but Ray chooses the GPU of each worker; give cuda."
        )
