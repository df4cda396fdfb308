"""What a reader says of a record it cannot read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from biopipe.errors import InputError

__all__ = ["OnError", "RowError", "report"]


@dataclass(frozen=True, slots=True)
class RowError:
    """A record that did not become a Document; `row` counts the records of the input from 0."""

    input: str
    row: int
    document_id: str
    error: str


OnError: TypeAlias = Callable[[RowError], None]


def report(error: RowError, on_error: OnError | None) -> None:
    """Hand `error` to `on_error`, or raise it as InputError when nobody listens."""
    if on_error is not None:
        on_error(error)
        return
    name = f" ({error.document_id})" if error.document_id else ""
    raise InputError(f"{error.input}, record {error.row}{name}: {error.error}")
