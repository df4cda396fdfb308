from collections.abc import Iterator
from itertools import chain

import pytest

from biopipe.document import Document
from biopipe.errors import InputError
from biopipe.io.rows import BadRecord, OnPartError, RowError, build_documents

KINDS = ("ValueError at biopipe.io.rows:", "KeyError at biopipe.io.rows:")


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


@pytest.mark.parametrize("error", [OverflowError("big"), TypeError("odd"), KeyError("x")])
def test_whatever_a_record_does_to_its_reader_is_an_error_row(error: Exception) -> None:
    def failing(number: int, on_part_error: OnPartError) -> Document:
        if number == 1:
            raise error
        return Document(str(number), "x")

    errors: list[RowError] = []
    documents = list(build_documents("a", iter([0, 1, 2]), failing, errors.append))
    assert [document.id for document in documents] == ["0", "2"]
    assert [(told.row, type(error).__name__ in told.error) for told in errors] == [(1, True)]


def test_what_an_unforeseen_exception_quotes_is_not_told() -> None:
    def failing(record: str, on_part_error: OnPartError) -> Document:
        return Document(record, "x", windows=int(record))

    def breaking() -> Iterator[str]:
        yield "3"
        yield from ({}[name] for name in ["John Smith, born 1950"])

    errors: list[RowError] = []
    read = build_documents("a", iter(["John Smith, born 1950"]), failing, errors.append)
    read = chain(read, build_documents("a", breaking(), failing, errors.append))
    assert [document.id for document in read] == ["3"]
    assert [name in told.error for name, told in zip(KINDS, errors, strict=True)] == [True, True]
    assert not any("Smith" in told.error for told in errors)


def test_an_error_of_who_listens_is_not_one_of_the_record() -> None:
    def odd(number: int, on_part_error: OnPartError) -> Document:
        on_part_error(str(number), "in part")
        return Document(str(number), "x")

    def listen(error: RowError) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(build_documents("a", iter([0]), odd, listen))


def test_a_source_that_breaks_in_an_odd_way_is_one_error_row() -> None:
    def breaking() -> Iterator[int]:
        yield 0
        raise OverflowError("date value out of range")

    def plain(number: int, on_part_error: OnPartError) -> Document:
        return Document(str(number), "x")

    errors: list[RowError] = []
    assert len(list(build_documents("a", breaking(), plain, errors.append))) == 1
    assert [(error.row, "OverflowError" in error.error) for error in errors] == [(1, True)]


def test_parts_are_told_one_by_one_up_to_a_limit() -> None:
    def odd(number: int, on_part_error: OnPartError) -> Document:
        for part in range(1000):
            on_part_error("x", f"part {part} is left out")
        return Document("x", "text")

    errors: list[RowError] = []
    assert len(list(build_documents("a", iter([0]), odd, errors.append))) == 1
    assert [error.error for error in errors[:2]] == ["part 0 is left out", "part 1 is left out"]
    assert errors[-1].error == f"{1000 - len(errors) + 1} more parts of the document are left out"
    assert len(errors) < 50
