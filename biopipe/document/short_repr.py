"""Representations that a person can read in a notebook or a debugger."""

import dataclasses
from collections.abc import Collection, Mapping
from typing import Any

__all__ = ["short_repr"]

_LONGEST_TEXT = 60
_MOST_ITEMS = 3


def short_repr(record: Any) -> str:
    """What a dataclass holds that is not its default: long texts cut, long tuples counted.

    >>> Mention(0, 5, "Gene")
    Mention(start=0, end=5, label='Gene')
    """
    shown = [
        f"{field.name}={_value(getattr(record, field.name))}"
        for field in dataclasses.fields(record)
        # What has its default would hide the two or three values that matter.
        if field.repr and getattr(record, field.name) != _default(field)
    ]
    return f"{type(record).__name__}({', '.join(shown)})"


def _default(field: "dataclasses.Field[Any]") -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def _value(value: Any) -> str:
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        return f"{value[:_LONGEST_TEXT]!r}... ({len(value):,} characters)"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, frozenset):
        return f"{{{', '.join(sorted(map(repr, value)))}}}"
    if isinstance(value, tuple | Mapping) and not _is_short(value):
        kinds = {type(item).__name__ for item in value} if isinstance(value, tuple) else {"str"}
        return f"<{len(value):,} {'/'.join(sorted(kinds))}>"
    return repr(value)


def _is_short(value: Collection[object]) -> bool:
    """Whether a few plain values, which are shown as they are."""
    if isinstance(value, Mapping):
        return len(value) <= _MOST_ITEMS
    plain = all(not dataclasses.is_dataclass(item) for item in value)
    return plain and len(value) <= _MOST_ITEMS
