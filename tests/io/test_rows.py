from collections.abc import Iterator

import pytest

from biopipe.document import Document
from biopipe.errors import InputError
from biopipe.io.rows import BadRecord, OnPartError, RowError, build_documents


def numbers() -> Iterator[int]:
    yield from range(4)
    raise EOFError


def build(number: int, on_part_error: OnPartError) -> Document:
    if number == 1:
        raise BadRecord("odd", "one")
    if number == 2:
        on_part_error("two", "in part")
    return Document(str(number), "")


def test_bad_records_are_left_out_and_a_break_ends_the_source() -> None:
    errors: list[RowError] = []
    read = build_documents("a", numbers(), build, errors.append, first_row=10)
    assert [d.id for d in read] == ["0", "2", "3"]
    assert errors == [
        RowError("a", 11, "one", "odd"),
        RowError("a", 12, "two", "in part"),
        RowError("a", 14, "", "the file ends in the middle of its compressed data (truncated)"),
    ]


def test_nothing_is_an_error_only_where_that_is_said() -> None:
    empty: list[int] = []
    assert list(build_documents("a", iter(empty), build, None)) == []
    with pytest.raises(InputError, match="a, record 0: the file is empty"):
        list(build_documents("a", iter(empty), build, None, nothing="the file is empty"))


def test_an_error_of_the_program_is_not_an_error_row() -> None:
    def failing(number: int, on_part_error: OnPartError) -> Document:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(build_documents("a", numbers(), failing, lambda error: None))
