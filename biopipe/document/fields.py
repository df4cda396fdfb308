"""The table of fields that every codec of documents is made from.

Each dataclass of `biopipe.document.types` that is stored has one FieldTable here. JSON and spaCy's
`doc.user_data` (`biopipe.document.mapping`), Arrow and Parquet (`biopipe.document.arrow`) and the
output tables of `biopipe run` (`biopipe.bulk.tables`) all walk it, so that a new field is one line
in the dataclass and one here. Defaults are those of the dataclass; a field that has one may be
missing in a file, as it is in files from before the field was there.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, replace
from enum import Enum
from typing import Any, Final, Generic, TypeVar

from biopipe.document.attributes import (
    Measurement,
    Medication,
    MedicationAttribute,
    TimeExpression,
)
from biopipe.document.types import (
    Abbreviation,
    Candidate,
    Document,
    Mention,
    NoteSection,
    Passage,
    Relation,
)

__all__ = [
    "ABBREVIATION_FIELDS",
    "CANDIDATE_FIELDS",
    "DICTIONARY_SOURCE",
    "DOCUMENT_FIELDS",
    "MEASUREMENT_FIELDS",
    "MEDICATION_ATTRIBUTE_FIELDS",
    "MEDICATION_FIELDS",
    "MENTION_FIELDS",
    "PASSAGE_FIELDS",
    "RELATION_FIELDS",
    "REQUIRED",
    "SECTION_FIELDS",
    "TIME_FIELDS",
    "Field",
    "FieldTable",
    "Kind",
]

T = TypeVar("T")

REQUIRED: Final = object()
"""The default of a field that no file may lack."""

DICTIONARY_SOURCE: Final = "dictionary:"
"""Begins the source of a mention that a dictionary found; the knowledge base's name follows."""


class Kind(str, Enum):
    """What the values of a field are, in Python and stored.

    RECORDS are tuples of the dataclass of `Field.table`, stored as a list of mappings; SPANS are
    tuples of `(start, end)`, stored as a list of mappings with these two keys; LABELS are
    frozensets of strings, stored as a sorted list. A NUMBER is any number, a SCORE a probability.
    """

    TEXT = "text"
    INTEGER = "integer"
    SCORE = "score"
    NUMBER = "number"
    FLAG = "flag"
    TEXTS = "texts"
    LABELS = "labels"
    SPANS = "spans"
    RECORDS = "records"
    TEXT_MAP = "text map"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a dataclass.

    `kind` is None for what is derived or transient and never stored. `table` belongs to RECORDS.
    `default` is filled in from the dataclass; a value that equals it is left out of JSON, unless
    the field is `always_written`, as those without a default are. `output_column` says whether the
    bulk output tables have a column of this name. `from_older` gives the value that a mapping of an
    earlier version has under other keys, None where it has none.
    """

    name: str
    kind: Kind | None
    table: "FieldTable[Any] | None" = None
    default: Any = REQUIRED
    always_written: bool = False
    output_column: bool = True
    from_older: Callable[[Mapping[str, Any]], Any] | None = None

    @property
    def required(self) -> bool:
        """Whether a stored mapping without this field cannot be read."""
        return self.default is REQUIRED


@dataclass(frozen=True, slots=True, eq=False)
class FieldTable(Generic[T]):
    """The stored fields of one dataclass, in the order in which they are written.

    `transient` names the fields that are never stored. `spans` are the pairs of fields that are
    the start and the end of a span of the document's text.
    """

    record: type[T]
    fields: tuple[Field, ...]
    transient: tuple[str, ...] = ()
    spans: tuple[tuple[str, str], ...] = ()


def _field_table(
    record: type[T], *fields: Field, spans: tuple[tuple[str, str], ...] = ()
) -> FieldTable[T]:
    """A table whose fields have the defaults of the dataclass."""
    defaults: dict[str, Any] = {}
    for field in dataclasses.fields(record):  # type: ignore[arg-type]
        if field.default_factory is not MISSING:
            defaults[field.name] = field.default_factory()
        else:
            defaults[field.name] = REQUIRED if field.default is MISSING else field.default
    return FieldTable(
        record,
        tuple(_with_default(field, defaults[field.name]) for field in fields if field.kind),
        tuple(field.name for field in fields if not field.kind),
        spans,
    )


def _with_default(field: Field, default: Any) -> Field:
    # A reader that lacks a required field refuses the record, so no writer may leave it out.
    always = field.always_written or default is REQUIRED
    return replace(field, default=default, always_written=always)


def _older_sources(mention: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Version 0.1.0 had one string `source`, of several names joined by "|"."""
    source = mention.get("source")
    return tuple(str(source).split("|")) if source else None


def _older_dictionary(mention: Mapping[str, Any]) -> str | None:
    """Version 0.1.0 had the name of the knowledge base in `source` alone."""
    names = _older_sources(mention) or ()
    bases = [name for name in names if name.startswith(DICTIONARY_SOURCE)]
    if not bases or not mention.get("concept_ids"):
        return None
    return bases[0].removeprefix(DICTIONARY_SOURCE)


_SPAN = (Field("start", Kind.INTEGER), Field("end", Kind.INTEGER))

CANDIDATE_FIELDS = _field_table(
    Candidate,
    Field("concept_id", Kind.TEXT),
    Field("name", Kind.TEXT),
    Field("score", Kind.SCORE),
)
PASSAGE_FIELDS = _field_table(Passage, Field("type", Kind.TEXT), *_SPAN, spans=(("start", "end"),))
SECTION_FIELDS = _field_table(
    NoteSection,
    Field("category", Kind.TEXT),
    *_SPAN,
    Field("body", Kind.INTEGER),
    spans=(("start", "end"),),
)
ABBREVIATION_FIELDS = _field_table(
    Abbreviation,
    *_SPAN,
    Field("long_start", Kind.INTEGER),
    Field("long_end", Kind.INTEGER),
    spans=(("start", "end"), ("long_start", "long_end")),
)
MEDICATION_ATTRIBUTE_FIELDS = _field_table(
    MedicationAttribute,
    Field("kind", Kind.TEXT),
    *_SPAN,
    Field("value", Kind.TEXT),
    Field("amount", Kind.NUMBER),
    Field("upper_amount", Kind.NUMBER),
    Field("unit", Kind.TEXT),
    spans=(("start", "end"),),
)
MEDICATION_FIELDS = _field_table(
    Medication,
    Field("name", Kind.TEXT),
    *_SPAN,
    Field("status", Kind.TEXT, always_written=True),
    Field("attributes", Kind.RECORDS, MEDICATION_ATTRIBUTE_FIELDS),
    Field("section", Kind.TEXT),
    spans=(("start", "end"),),
)
MEASUREMENT_FIELDS = _field_table(
    Measurement,
    Field("name", Kind.TEXT),
    *_SPAN,
    Field("value_start", Kind.INTEGER),
    Field("value_end", Kind.INTEGER),
    Field("test", Kind.TEXT),
    Field("code", Kind.TEXT),
    Field("comparator", Kind.TEXT),
    Field("amount", Kind.NUMBER),
    Field("upper_amount", Kind.NUMBER),
    Field("unit", Kind.TEXT),
    Field("implied_unit", Kind.FLAG),
    Field("flag", Kind.TEXT),
    Field("section", Kind.TEXT),
    spans=(("start", "end"), ("value_start", "value_end")),
)
TIME_FIELDS = _field_table(
    TimeExpression,
    Field("kind", Kind.TEXT),
    *_SPAN,
    Field("value", Kind.TEXT),
    Field("offset", Kind.TEXT),
    Field("anchor", Kind.TEXT),
    Field("section", Kind.TEXT),
    spans=(("start", "end"),),
)
MENTION_FIELDS = _field_table(
    Mention,
    *_SPAN,
    Field("label", Kind.TEXT),
    Field("score", Kind.SCORE, always_written=True),
    Field("concept_ids", Kind.TEXTS),
    Field("candidates", Kind.RECORDS, CANDIDATE_FIELDS),
    Field("assertion", Kind.LABELS),
    # The output tables have both as text: source joins the names, knowledge_base the dictionary.
    Field("sources", Kind.TEXTS, output_column=False, from_older=_older_sources),
    Field("dictionary", Kind.TEXT, output_column=False, from_older=_older_dictionary),
    Field("section", Kind.TEXT),
    Field("long_form", Kind.TEXT),
    spans=(("start", "end"),),
)
RELATION_FIELDS = _field_table(
    Relation,
    Field("head", Kind.TEXT),
    Field("tail", Kind.TEXT),
    Field("label", Kind.TEXT),
    Field("score", Kind.SCORE, always_written=True),
    Field("novel", Kind.FLAG),
    Field("novel_score", Kind.SCORE),
    Field("evidence", Kind.SPANS),
    Field("assertion", Kind.LABELS),
    Field("head_label", Kind.TEXT),
    Field("tail_label", Kind.TEXT),
    Field("head_name", Kind.TEXT),
    Field("tail_name", Kind.TEXT),
    Field("subject", Kind.TEXT),
    Field("subject_score", Kind.SCORE),
)
DOCUMENT_FIELDS = _field_table(
    Document,
    Field("id", Kind.TEXT),
    Field("text", Kind.TEXT, output_column=False),
    Field("mentions", Kind.RECORDS, MENTION_FIELDS, output_column=False),
    Field("relations", Kind.RECORDS, RELATION_FIELDS, output_column=False),
    Field("passages", Kind.RECORDS, PASSAGE_FIELDS),
    Field("abbreviations", Kind.RECORDS, ABBREVIATION_FIELDS, output_column=False),
    Field("meta", Kind.TEXT_MAP, output_column=False),
    Field("windows", Kind.INTEGER),
    # The output tables say it in words, in the column limits.
    Field("pairs_left_out", Kind.INTEGER, output_column=False),
    Field("sections", Kind.RECORDS, SECTION_FIELDS),
    Field("medications", Kind.RECORDS, MEDICATION_FIELDS),
    Field("measurements", Kind.RECORDS, MEASUREMENT_FIELDS),
    Field("times", Kind.RECORDS, TIME_FIELDS),
    Field("sentences", None),
    Field("concepts", None),
    Field("shared", None),
    Field("concept_basis", None),
)
