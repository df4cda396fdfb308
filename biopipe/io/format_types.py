"""What a format is: its names, its reader and writer, and what it cannot hold."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from biopipe.document import Document
from biopipe.io.input_columns import InputColumns
from biopipe.io.losses import HeldFields, Losses
from biopipe.io.pieces import FilePiece
from biopipe.io.rows import OnError

__all__ = ["Format", "ReadOptions", "Reader", "Writer"]

_USUAL = InputColumns()


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a file is read: see `biopipe.io.read`."""

    columns: InputColumns = _USUAL
    on_error: OnError | None = None
    piece: FilePiece | None = None
    gold: bool = False


# One signature for all formats: each takes of the options what it knows.
Reader: TypeAlias = Callable[[Path, ReadOptions], Iterator[Document]]
Writer: TypeAlias = Callable[[Iterable[Document], Path, Losses], int]


@dataclass(frozen=True, slots=True)
class Format:
    """One format; `endings` are those of its files' names, all but Parquet's also with .gz.

    `write` is None where there is no writer. `held` are the fields that a written file keeps,
    and `lacks` says in words what else it cannot hold.
    """

    title: str
    endings: tuple[str, ...]
    read: Reader
    write: Writer | None = None
    held: HeldFields = field(default_factory=HeldFields)
    lacks: str = ""
