"""Documents as plain mappings, as JSON carries them: biopipe's own shape and those of others.

biopipe's own shape is that of `biopipe.document.mapping`: a key for each stored field of a
Document, defaults left out. Others: "title" and "abstract", or PubMedQA's "QUESTION", "CONTEXTS"
and "LONG_ANSWER".
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from biopipe.document import Document, Passage
from biopipe.document.fields import DOCUMENT_FIELDS
from biopipe.document.mapping import decode_field
from biopipe.document.value_type import value_type
from biopipe.io.input_columns import InputColumns, kept_text, nested_value
from biopipe.io.passages import Block, Section, assemble
from biopipe.io.rows import BadRecord, OnPartError, valid_text

__all__ = ["checked_id", "checked_text", "document_from_record", "read_meta", "read_parts"]

_USUAL = InputColumns()
# From here on not every whole number is a float of 64 bits.
_LEAST_INEXACT = 2.0**53
_OTHER_IDS = ("pmid", "PMID", "_id")
_META = {
    "date": "date",
    "pubdate": "date",
    "YEAR": "date",
    "journal": "journal",
    "doi": "doi",
    "pmc": "pmc",
}


def document_from_record(
    record: Any,
    on_part_error: OnPartError,
    *,
    columns: InputColumns = _USUAL,
    key: str = "",
) -> Document:
    """The Document of one record; `key` is its id where the record has none of its own.

    A field that `columns` keeps and the record lacks is left out of `meta`.
    """
    if not isinstance(record, Mapping):
        raise BadRecord(f"the record is {value_type(record)}, not an object", key)
    identifier = checked_id(_id_of(record, columns.id, key))
    text, passages = _text_and_passages(record, columns, identifier)
    meta = read_meta(record)
    title = nested_value(record, columns.title or "title")[1]
    if nested_value(record, columns.text)[0] and title and isinstance(title, str):
        meta.setdefault("title", title)
    for name in columns.keep:
        value = kept_text(nested_value(record, name)[1])
        if value is not None:
            meta.setdefault(name, valid_text(value, name, identifier))
    if columns.title:
        return Document(identifier, text, meta=meta, passages=passages)
    parts = read_parts(record, len(text), lambda error: on_part_error(identifier, error))
    return Document(identifier, text, meta=meta, **({"passages": passages} | parts))


def checked_id(value: Any) -> str:
    """A document id from text or a whole number, of whatever type; BadRecord for anything else."""
    if value is None:
        raise BadRecord("the id is null")
    if isinstance(value, float | Decimal):
        value = _whole(value)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadRecord(f"the id is {value_type(value)}, not text or a whole number")
    if not str(value).strip():
        raise BadRecord("the id is empty")
    return valid_text(str(value), "the id")


def _whole(value: float | Decimal) -> int:
    """The whole number that a number is; a table with a missing id has all of them as floats."""
    # NaN, which pandas makes of a missing id.
    if value != value:
        raise BadRecord("the id is null")
    if isinstance(value, float) and abs(value) >= _LEAST_INEXACT:
        raise BadRecord(f"the id is {value}, a number too large to be told from the next one")
    if value % 1:
        raise BadRecord(f"the id is {value}, not text or a whole number")
    return int(value)


def _id_of(record: Mapping[str, Any], id_column: str, key: str) -> Any:
    there, value = nested_value(record, id_column)
    if there:
        return value
    # Who names a field wants that one and no other.
    for name in _OTHER_IDS if id_column == "id" else ():
        if name in record:
            return record[name]
    if not key:
        raise BadRecord(
            f"there is no field '{id_column}' for the id; the fields are: {_field_names(record)}"
        )
    return key


def _text_and_passages(
    record: Mapping[str, Any], columns: InputColumns, identifier: str
) -> tuple[str, tuple[Passage, ...]]:
    column = columns.text
    there, value = nested_value(record, column)
    if there:
        text = checked_text(value, identifier, "text")
        return _titled(record, columns.title, text, identifier) if columns.title else (text, ())
    if column == "text" and ("title" in record or "abstract" in record):
        fields = [(name, record.get(name)) for name in ("title", "abstract")]
        if all(value is None for _, value in fields):
            raise BadRecord("text is null", identifier)
        blocks = [
            Block(checked_text(value or "", identifier, name), (Section(name),))
            for name, value in fields
        ]
        return assemble(blocks, " ")
    if column == "text" and "QUESTION" in record and isinstance(record.get("CONTEXTS"), list):
        return assemble(_pubmedqa(record, identifier), " ")
    raise BadRecord(
        f"there is no field '{column}' for the text; the fields are: {_field_names(record)}",
        identifier,
    )


def _titled(
    record: Mapping[str, Any], column: str, text: str, identifier: str
) -> tuple[str, tuple[Passage, ...]]:
    there, title = nested_value(record, column)
    if not there:
        names = _field_names(record)
        raise BadRecord(
            f"there is no field '{column}' for the title; the fields are: {names}", identifier
        )
    heading = Block(checked_text(title or "", identifier, "title"), (Section("title"),))
    return assemble([heading, Block(text, (Section("abstract"),))], " ")


def _pubmedqa(record: Mapping[str, Any], identifier: str) -> list[Block]:
    """PubMedQA takes an abstract apart: title, labelled sections, and the conclusion as the long
    answer.
    """
    abstract = Section("abstract")
    labels = record.get("LABELS")
    names = [str(label).lower() for label in labels] if isinstance(labels, list) else []
    blocks = [Block(checked_text(record["QUESTION"], identifier, "QUESTION"), (Section("title"),))]
    for number, context in enumerate(record["CONTEXTS"]):
        section = Section(names[number]) if number < len(names) else abstract
        blocks.append(
            Block(checked_text(context, identifier, "CONTEXTS"), tuple({abstract: 0, section: 0}))
        )
    answer = checked_text(record.get("LONG_ANSWER") or "", identifier, "LONG_ANSWER")
    return [*blocks, Block(answer, (abstract, Section("conclusions")))]


def checked_text(value: Any, identifier: str, name: str) -> str:
    """`value` if it is text without lone surrogates, else BadRecord says what it is."""
    if value is None:
        raise BadRecord(f"{name} is null", identifier)
    if not isinstance(value, str):
        raise BadRecord(f"{name} is {value_type(value)}, not text", identifier)
    return valid_text(value, name, identifier)


def read_meta(record: Mapping[str, Any]) -> dict[str, str]:
    """The record's own meta, and the fields other tools keep a date, a journal and ids in."""
    own = record.get("meta")
    pairs = list(own.items()) if isinstance(own, Mapping) else []
    pairs += [(name, record.get(field)) for field, name in _META.items()]
    meta: dict[str, str] = {}
    for name, value in pairs:
        if (
            isinstance(value, str | int)
            and not isinstance(value, bool)
            and (value != "" or name not in _META)
        ):
            # The record's own meta comes first and stays.
            meta.setdefault(str(name), str(value))
    return meta


def read_parts(
    record: Mapping[str, Any], text_length: int, on_part_error: Callable[[str], None]
) -> dict[str, Any]:
    """The fields of a Document, but for its id, text and meta, that a record in biopipe's own shape
    holds.

    A field that is not in that shape is left out, and `on_part_error` is told so.
    """
    parts: dict[str, Any] = {}
    for field in DOCUMENT_FIELDS.fields:
        stored = record.get(field.name)
        if stored is None or field.name in ("id", "text", "meta"):
            continue
        try:
            value = decode_field(field, stored, text_length=text_length)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            on_part_error(
                f"the {field.name} are left out, they are not in biopipe's shape "
                f"({_decoding_error(error)})"
            )
            continue
        # An empty list says no more than a missing one, but for abbreviations: none were found.
        if value != field.default:
            parts[field.name] = value
    return parts


def _field_names(record: Mapping[str, Any]) -> str:
    return ", ".join(sorted(map(str, record))[:30]) or "none"


def _decoding_error(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"no '{error.args[0]}'"
    return str(error) if isinstance(error, ValueError) else "values of another type"
