"""Documents and their parts to plain mappings and back: what JSON and spaCy's user data hold.

Everything comes from the field tables. A mapping holds strings, whole numbers, floats, booleans,
lists and mappings of these only; NumPy scalars become Python's.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

from biopipe.document.fields import REQUIRED, Field, FieldTable, Kind

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
    what is no mapping.
    """
    if isinstance(stored, list | tuple):
        stored = dict(zip((field.name for field in table.fields), stored, strict=False))
    if not isinstance(stored, Mapping):
        raise TypeError(f"a {table.record.__name__} is stored as a mapping, not {stored!r}")
    if text_length is not None:
        for start, end in table.spans:
            _check_span(stored[start], stored[end], text_length)
    values = {}
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
        return tuple([decode_record(field.table, item, text_length=text_length) for item in value])
    if field.kind is Kind.SPANS:
        return tuple([_decode_span(item, text_length) for item in value])
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
    return int(start), int(end)


def _check_span(start: Any, end: Any, text_length: int) -> None:
    whole = isinstance(start, int) and isinstance(end, int)
    if not whole or not 0 <= start <= end <= text_length:
        raise ValueError(
            f"{start}:{end} is not a span of the text, which has {text_length} characters"
        )


def _decode_texts(values: Any) -> tuple[str, ...]:
    if isinstance(values, str):
        # Iterating over it would give its characters.
        raise TypeError(f"a list of strings is stored as a list, not {values!r}")
    return tuple(str(value) for value in values)


_ENCODERS: Mapping[Kind | None, Callable[[Any], Any]] = {
    Kind.TEXT: str,
    Kind.INTEGER: int,
    Kind.SCORE: float,
    Kind.FLAG: bool,
    Kind.TEXTS: list,
    Kind.LABELS: sorted,
    Kind.SPANS: _encode_spans,
    Kind.TEXT_MAP: dict,
}
_DECODERS: Mapping[Kind | None, Callable[[Any], Any]] = {
    Kind.TEXT: str,
    Kind.INTEGER: int,
    Kind.SCORE: float,
    Kind.FLAG: bool,
    Kind.TEXTS: _decode_texts,
    Kind.LABELS: lambda values: frozenset(_decode_texts(values)),
    Kind.TEXT_MAP: dict,
}
