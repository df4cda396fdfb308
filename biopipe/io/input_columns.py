"""Where tables and JSON keep what becomes a document."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

__all__ = ["InputColumns", "kept_text", "nested_value"]


@dataclass(frozen=True, slots=True)
class InputColumns:
    """Names of the columns of Parquet, CSV and TSV, and of the fields of JSON.

    A name with dots, such as "meta.source", is also a field inside of others. `title` is put
    before the text, with a blank between, and is "" where no column is. The values of `keep` go to
    `Document.meta` under their names, as text.
    """

    text: str = "text"
    id: str = "id"
    title: str = ""
    keep: tuple[str, ...] = ()


def nested_value(record: Mapping[str, Any], name: str) -> tuple[bool, Any]:
    """Whether a record has a field of this name, at its top or inside of others, and its value."""
    if name in record:
        return True, record[name]
    outer, dot, inner = name.partition(".")
    # A name with several dots may be cut at any of them: "note.v2.text" may be "text" in "note.v2".
    while dot:
        within = record.get(outer)
        if isinstance(within, Mapping):
            there, value = nested_value(within, inner)
            if there:
                return True, value
        further, dot, inner = inner.partition(".")
        outer = f"{outer}.{further}"
    return False, None


def kept_text(value: Any) -> str | None:
    """A value as text: numbers that are whole without a fraction, lists and records as JSON; None
    for none.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float | Decimal) and not isinstance(value, bool):
        return str(int(value)) if value == value and value % 1 == 0 else str(value)
    if isinstance(value, bool | int | list | tuple | Mapping):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
