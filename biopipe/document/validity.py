"""Whether a Document that a reader made fits whatever comes after it: spans within the text, valid
Unicode, whole numbers that a table can hold.

A document is checked here once, whatever its format was. What is wrong with its id or its text
costs the document, anything else that part alone.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from biopipe.document.fields import DOCUMENT_FIELDS, Field, FieldTable, Kind
from biopipe.document.types import Document
from biopipe.document.unicode import check_text
from biopipe.document.value_type import value_type
from biopipe.errors import InputError

__all__ = ["valid_document"]

# The output tables have columns of 32 bits, other files of 64.
_MOST_IN_TABLES = 2**31 - 1
_MOST = 2**63 - 1


def valid_document(document: Document, on_part_error: Callable[[str], None]) -> Document:
    """The document, without the mentions, relations, passages, meta and the like that cannot be;
    `on_part_error` is told of each.

    InputError where the id or the text is not valid.
    """
    check_text(document.id, "the id")
    check_text(document.text, "the text")
    if not document.id.strip():
        raise InputError("the id is empty")
    length = len(document.text)
    changes: dict[str, Any] = {}
    kept: Any
    for field in DOCUMENT_FIELDS.fields:
        value = getattr(document, field.name)
        # Most fields of most documents are at their default, and identity is cheap to ask.
        if field.name in ("id", "text") or value is field.default or not value:
            continue
        if field.kind is Kind.RECORDS and field.table is not None:
            kept = _valid_records(field.table, value, length, field.name, on_part_error)
        elif field.kind is Kind.TEXT_MAP:
            kept = _valid_pairs(value, field.name, on_part_error)
        else:
            problem = _check(field)(value, length)
            kept = field.default if problem else value
            if problem:
                on_part_error(f"the {field.name} are left out, {problem}")
        if kept is not value:
            changes[field.name] = kept
    return replace(document, **changes) if changes else document


def _valid_records(
    table: FieldTable[Any],
    records: tuple[Any, ...],
    length: int,
    name: str,
    on_part_error: Callable[[str], None],
) -> tuple[Any, ...]:
    """The records that can be; the same tuple where all can."""
    problems = [_record_problem(table, record, length) for record in records]
    if not any(problems):
        return records
    for number, problem in enumerate(problems):
        if problem:
            on_part_error(f"number {number} of the {name} is left out, {problem}")
    return tuple(record for record, problem in zip(records, problems, strict=True) if not problem)


def _valid_pairs(
    pairs: Mapping[str, str], name: str, on_part_error: Callable[[str], None]
) -> Mapping[str, str]:
    kept = {}
    for key, value in pairs.items():
        problem = _text_problem(key, 0) or _text_problem(value, 0)
        if problem:
            on_part_error(f"an entry of the {name} is left out, {problem}")
        else:
            kept[key] = value
    # The same object where nothing was left out: the caller sees by that whether to copy the
    # document.
    return pairs if len(kept) == len(pairs) else kept


def _record_problem(table: FieldTable[Any], record: Any, length: int) -> str:
    """What is wrong with a record of the table, a clause; "" where nothing is."""
    for start, end in table.spans:
        if problem := _span_problem((getattr(record, start), getattr(record, end)), length):
            return problem
    for name, default, check in _checks(table):
        value = getattr(record, name)
        if value is default:
            continue
        if problem := check(value, length):
            return f"its {name} {problem.removeprefix('it ')}"
    return ""


@cache
def _checks(table: FieldTable[Any]) -> tuple[tuple[str, Any, Callable[[Any, int], str]], ...]:
    """Name, default and check of each field but for those that are spans of the table."""
    spans = {name for span in table.spans for name in span}
    return tuple(
        (field.name, field.default, _check(field))
        for field in table.fields
        if field.name not in spans
    )


def _check(field: Field) -> Callable[[Any, int], str]:
    table = field.table
    if field.kind is Kind.INTEGER:
        most = _MOST_IN_TABLES if field.output_column else _MOST
        return lambda value, length: _integer_problem(value, most)
    if table is None:
        return _CHECKS[field.kind]

    def check(records: Any, length: int) -> str:
        return next(
            filter(None, (_record_problem(table, record, length) for record in records)), ""
        )

    return check


def _text_problem(value: Any, _length: int) -> str:
    if not isinstance(value, str):
        return f"it is {value_type(value)}, not text"
    try:
        check_text(value, "it")
    except InputError as error:
        return str(error).partition(";")[0]
    return ""


def _texts_problem(values: Any, _length: int) -> str:
    return next(filter(None, (_text_problem(value, 0) for value in values)), "")


def _integer_problem(value: Any, most: int) -> str:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        return f"it is not a whole number from 0 to {most}"
    return ""


def _number_problem(value: Any, _length: int) -> str:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        return f"it is {value_type(value)}, not a finite number"
    return ""


def _flag_problem(value: Any, _length: int) -> str:
    return "" if isinstance(value, bool) else f"it is {value_type(value)}, not true or false"


def _span_problem(span: Any, length: int) -> str:
    start, end = span
    whole = type(start) is int and type(end) is int
    if whole and 0 <= start <= end <= length:
        return ""
    return f"it is no span of the {length} characters"


def _spans_problem(spans: Any, length: int) -> str:
    return next(filter(None, (_span_problem(span, length) for span in spans)), "")


_CHECKS: Mapping[Kind | None, Callable[[Any, int], str]] = {
    Kind.TEXT: _text_problem,
    Kind.SCORE: _number_problem,
    Kind.NUMBER: _number_problem,
    Kind.FLAG: _flag_problem,
    Kind.TEXTS: _texts_problem,
    Kind.LABELS: _texts_problem,
    Kind.SPANS: _spans_problem,
}
