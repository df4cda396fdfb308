"""Documents and their parts to plain mappings and back: what JSON and spaCy's user data hold.

Everything comes from the field tables. A mapping holds strings, whole numbers, floats, booleans,
lists and mappings of these only; NumPy scalars become Python's.
"""

from collections.abc import Callable, Mapping
from functools import cache, partial
from numbers import Integral, Real
from typing import Any, TypeVar

from biopipe.document.fields import REQUIRED, Field, FieldTable, Kind
from biopipe.document.value_type import value_type

__all__ = ["decode_field", "decode_record", "encode_record"]

T = TypeVar("T")


def encode_record(table: FieldTable[T], record: T) -> dict[str, Any]:
    """The stored fields of a record by name; those that have their default are left out."""
    encoded = {}
    for name, encode, default, always in _encoders(table):
        value = getattr(record, name)
        if value is not None and (always or value != default):
            encoded[name] = encode(value)
    return encoded


def decode_record(table: FieldTable[T], stored: Any, *, text_length: int | None = None) -> T:
    """The record of a mapping that `encode_record` made, now or in an earlier version.

    Unknown keys are passed over, and null is as good as no key. A list or tuple is read as the
    values in the table's order. With `text_length` all spans must lie within a text of so many
    characters. KeyError names a field that is missing, ValueError a value that cannot be, TypeError
    one of another type. Text may be stored as a number, a number as text, neither as true or false.
    """
    if isinstance(stored, list | tuple):
        # DocBin keeps tuples; a shorter one is from a version that had fewer fields.
        stored = dict(zip((field.name for field in table.fields), stored, strict=False))
    if not isinstance(stored, Mapping):
        raise TypeError(
            f"a {table.record.__name__} is stored as a mapping, not {value_type(stored)}"
        )
    if text_length is not None:
        # Before the record is made: nothing behind this checks offsets again.
        for start, end in table.spans:
            _check_span(stored[start], stored[end], text_length)
    values: dict[str, Any] = {}
    for field in table.fields:
        value = stored.get(field.name)
        if value is None and field.from_older is not None:
            value = field.from_older(stored)
        if value is not None:
            values[field.name] = decode_field(field, value, text_length=text_length)
        elif field.default is REQUIRED:
            raise KeyError(field.name)
    return table.record(**values)


def decode_field(field: Field, value: Any, *, text_length: int | None = None) -> Any:
    """The value of one field from what is stored of it; errors as of `decode_record`."""
    if field.table is not None:
        records = _checked_list(value)
        return tuple(
            [decode_record(field.table, item, text_length=text_length) for item in records]
        )
    if field.kind is Kind.SPANS:
        return tuple([_decode_span(item, text_length) for item in _checked_list(value)])
    return _DECODERS[field.kind](value)


# By the identity of the table: what is looked up once a field would be looked up once a value.
@cache
def _encoders(
    table: FieldTable[Any],
) -> tuple[tuple[str, Callable[[Any], Any], Any, bool], ...]:
    """Name, encoder, default, and whether it is always written, of each field."""
    return tuple(
        (field.name, _encoder(field), field.default, field.always_written) for field in table.fields
    )


def _encoder(field: Field) -> Callable[[Any], Any]:
    table = field.table
    if table is None:
        return _ENCODERS[field.kind]
    return lambda records: [encode_record(table, record) for record in records]


def _encode_spans(spans: Any) -> list[dict[str, int]]:
    return [{"start": int(start), "end": int(end)} for start, end in spans]


def _decode_span(item: Any, text_length: int | None) -> tuple[int, int]:
    start, end = (item["start"], item["end"]) if isinstance(item, Mapping) else item
    if text_length is not None:
        _check_span(start, end, text_length)
    return _decode_integer(start), _decode_integer(end)


def _check_span(start: Any, end: Any, text_length: int) -> None:
    whole = _is_whole(start) and _is_whole(end)
    if not whole or not 0 <= start <= end <= text_length:
        raise ValueError(
            f"{str(start)[:40]}:{str(end)[:40]} is not a span of the text, which has "
            f"{text_length} characters"
        )


def _is_whole(value: Any) -> bool:
    # Most are Python's own; asking an abstract class takes several times as long.
    return type(value) is int or (isinstance(value, Integral) and not isinstance(value, bool))


def _checked_list(values: Any) -> list[Any] | tuple[Any, ...]:
    # Iterating over text would give its characters, over a mapping its keys.
    if not isinstance(values, list | tuple):
        raise TypeError(f"a list is stored as a list, not {value_type(values)}")
    return values


def _decode_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    # Ids such as 24566975, which JSON writers of others leave as numbers.
    if isinstance(value, Integral) and not isinstance(value, bool):
        return str(value)
    raise TypeError(f"text is stored as text, not {value_type(value)}")


def _decode_integer(value: Any) -> int:
    if type(value) is int:
        return value
    if isinstance(value, bool) or not isinstance(value, Real | str):
        raise TypeError(f"a whole number is stored as a number, not {value_type(value)}")
    # 2.0 is what tables with a gap in the column make of 2.
    if isinstance(value, float) and not value.is_integer():
        raise ValueError("a whole number is stored with a fraction")
    number: Any = value
    return int(number)


def _decode_number(value: Any, what: str = "a number") -> float:
    if type(value) is float:
        return value
    if isinstance(value, bool) or not isinstance(value, Real | str):
        raise TypeError(f"{what} is stored as a number, not {value_type(value)}")
    try:
        return float(value)
    except OverflowError as error:
        raise ValueError(f"{what} is too large for a number of 64 bits") from error


def _decode_flag(value: Any) -> bool:
    # What is no flag, such as "No", is true for Python. NumPy's own is no number of Python's.
    if value not in (False, True):
        raise TypeError(f"a flag is stored as true or false, not {value_type(value)}")
    return bool(value)


def _decode_texts(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list | tuple | set | frozenset):
        # Iterating over a string would give its characters.
        raise TypeError(f"a list of strings is stored as a list, not {value_type(values)}")
    return tuple(map(_decode_text, values))


_ENCODERS: Mapping[Kind | None, Callable[[Any], Any]] = {
    Kind.TEXT: str,
    Kind.INTEGER: int,
    Kind.SCORE: float,
    Kind.NUMBER: float,
    Kind.FLAG: bool,
    Kind.TEXTS: list,
    # Sets have another order in every process; files of equal documents are equal.
    Kind.LABELS: sorted,
    Kind.SPANS: _encode_spans,
    Kind.TEXT_MAP: dict,
}
_DECODERS: Mapping[Kind | None, Callable[[Any], Any]] = {
    Kind.TEXT: _decode_text,
    Kind.INTEGER: _decode_integer,
    Kind.SCORE: partial(_decode_number, what="a score"),
    Kind.NUMBER: _decode_number,
    Kind.FLAG: _decode_flag,
    Kind.TEXTS: _decode_texts,
    Kind.LABELS: lambda values: frozenset(_decode_texts(values)),
    Kind.TEXT_MAP: dict,
}
