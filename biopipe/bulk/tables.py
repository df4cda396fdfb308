"""The four Arrow tables of bulk output, and annotated documents as their rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from operator import attrgetter
from typing import Any

import pyarrow as pa

from biopipe.bulk.cross_references import CrossReferences
from biopipe.document import Candidate, Document, Mention
from biopipe.document.arrow import NARROW, arrow_type
from biopipe.document.fields import (
    DOCUMENT_FIELDS,
    MENTION_FIELDS,
    RELATION_FIELDS,
    Field,
    FieldTable,
    Kind,
)
from biopipe.text.concepts import NIL_PREFIX

__all__ = [
    "SCHEMAS",
    "TABLES",
    "TABLES_FORMAT",
    "ErrorRow",
    "Origin",
    "document_tables",
    "error_table",
    "schemas_with",
]

TABLES_FORMAT = 2
"""Goes up when a column is added or changes, so that no folder holds parts of two kinds."""


def _schema(
    order: str, computed: dict[str, pa.DataType], fields: FieldTable[Any] | None = None
) -> pa.Schema:
    """The columns named in `order`, then all further ones: first fields, then what is computed."""
    types = {field.name: arrow_type(field, NARROW) for field in _output_fields(fields)} | computed
    names = order.split()
    names += [name for name in types if name not in names]
    return pa.schema([(name, types[name]) for name in names])


def _output_fields(fields: FieldTable[Any] | None) -> list[Field]:
    return [field for field in fields.fields if field.output_column] if fields else []


# By these a row is told from others whose document has the same id.
_ORIGIN = {"input": pa.string(), "row": pa.int64()}

# Programs read these tables by place as well as by name: what exists keeps its place, and a new
# field of a mention, a relation or a document comes after it by itself.
SCHEMAS: Mapping[str, pa.Schema] = {
    "documents": _schema(
        "id text_length passages date mentions relations windows limits sections medications "
        "measurements times input row",
        {
            "text_length": NARROW.integer,
            "date": pa.string(),
            "mentions": NARROW.integer,
            "relations": NARROW.integer,
            "limits": pa.list_(pa.string()),
            **_ORIGIN,
        },
        DOCUMENT_FIELDS,
    ),
    "mentions": _schema(
        "document_id mention start end text label score concept_id concept_ids concept_name "
        "concept_score knowledge_base candidates assertion source section long_form input row",
        {
            "document_id": pa.string(),
            "mention": NARROW.integer,
            "text": pa.string(),
            "concept_id": pa.string(),
            "concept_name": pa.string(),
            "concept_score": NARROW.score,
            "knowledge_base": pa.string(),
            "source": pa.string(),
            **_ORIGIN,
        },
        MENTION_FIELDS,
    ),
    "relations": _schema(
        "document_id head tail head_label tail_label label score novel novel_score evidence "
        "assertion head_name tail_name subject subject_score linked input row",
        {"document_id": pa.string(), "linked": pa.bool_(), **_ORIGIN},
        RELATION_FIELDS,
    ),
    "errors": _schema(
        "input row document_id stage error",
        {
            **_ORIGIN,
            "document_id": pa.string(),
            "stage": pa.string(),
            "error": pa.string(),
        },
    ),
}

TABLES = tuple(SCHEMAS)

Columns = dict[str, "list[Any] | pa.Array"]


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """A document that is not in the output, and why; `row` counts the records of the input from
    0.
    """

    input: str
    row: int
    document_id: str
    stage: str
    error: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where documents come from: the name of their input, and the record of it that each is,
    counted from 0.
    """

    input: str
    rows: Sequence[int]


def schemas_with(keep: Sequence[str] = (), *, xrefs: bool = False) -> Mapping[str, pa.Schema]:
    """SCHEMAS, with a column of text behind those of `documents` for each name of `keep`, and with
    the column `xrefs` behind those of `mentions` where that is asked for.
    """
    if not keep and not xrefs:
        return SCHEMAS
    documents = pa.schema([*SCHEMAS["documents"], *((name, pa.string()) for name in keep)])
    other_ids = [("xrefs", pa.list_(pa.string()))] if xrefs else []
    mentions = pa.schema([*SCHEMAS["mentions"], *other_ids])
    return {**SCHEMAS, "documents": documents, "mentions": mentions}


def document_tables(
    documents: Sequence[Document],
    kb_names: Mapping[str, str],
    *,
    origin: Origin | None = None,
    keep: Sequence[str] = (),
    xrefs: CrossReferences | None = None,
) -> dict[str, pa.Table]:
    """The rows of `documents`, in their order; `kb_names` is the knowledge base by label, "" any
    other. Without `origin` the columns `input` and `row` are null; `keep` names the columns of
    `documents` that come from `Document.meta`, `xrefs` gives `mentions` a column of further ids.
    """
    schemas = schemas_with(keep, xrefs=xrefs is not None)
    origins = (
        [(_printable(origin.input), row) for row in origin.rows]
        if origin
        else [(None, None)] * len(documents)
    )
    mentions = [
        place for place, document in zip(origins, documents, strict=True) for _ in document.mentions
    ]
    relations = [
        place
        for place, document in zip(origins, documents, strict=True)
        for _ in document.relations
    ]
    kept: Columns = {name: [document.meta.get(name) for document in documents] for name in keep}
    other_ids: Columns = {"xrefs": _xrefs_column(documents, xrefs)} if xrefs else {}
    columns = {
        "documents": _document_columns(documents) | kept | _origin_columns(origins),
        "mentions": _mention_columns(documents, kb_names) | other_ids | _origin_columns(mentions),
        "relations": _relation_columns(documents) | _origin_columns(relations),
    }
    return {name: _table(schemas[name], columns[name]) for name in columns}


def _origin_columns(places: Sequence[tuple[str | None, int | None]]) -> Columns:
    return {"input": [input for input, _ in places], "row": [row for _, row in places]}


def _table(schema: pa.Schema, columns: Columns) -> pa.Table:
    """A table of columns of plain values, or of Arrow's."""
    if not any(map(len, columns.values())):
        return schema.empty_table()
    arrays = [_as_array(columns[field.name], field.type) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def error_table(errors: Iterable[ErrorRow]) -> pa.Table:
    """The rows of `errors`; text that is not valid Unicode is written escaped."""
    rows = list(errors)
    return _table(
        SCHEMAS["errors"],
        {
            # Names of files may hold bytes that are not UTF-8, and readers quote what they choke
            # on.
            "input": [_printable(error.input) for error in rows],
            "row": [error.row for error in rows],
            "document_id": [_printable(error.document_id) or None for error in rows],
            "stage": [error.stage for error in rows],
            "error": [_printable(error.error) for error in rows],
        },
    )


def _printable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _document_columns(documents: Sequence[Document]) -> Columns:
    return _field_columns(DOCUMENT_FIELDS, documents) | {
        "text_length": [len(document.text) for document in documents],
        "date": [document.meta.get("date") or None for document in documents],
        "mentions": [len(document.mentions) for document in documents],
        "relations": [len(document.relations) for document in documents],
        "limits": [_limits(document) for document in documents],
    }


def _limits(document: Document) -> list[str]:
    """What was cut short in a document, in words."""
    pairs = document.pairs_left_out
    return [f"relation pairs left out: {pairs}"] if pairs else []


def _mention_columns(documents: Sequence[Document], kb_names: Mapping[str, str]) -> Columns:
    rows = [
        (document, number, mention)
        for document in documents
        for number, mention in enumerate(document.mentions)
    ]
    mentions = [mention for _, _, mention in rows]
    concepts = [_linked_candidate(mention) for mention in mentions]
    return _field_columns(MENTION_FIELDS, mentions) | {
        "document_id": [document.id for document, _, _ in rows],
        "mention": [number for _, number, _ in rows],
        "text": [document.text[mention.start : mention.end] for document, _, mention in rows],
        "concept_id": [
            mention.concept_ids[0] if mention.concept_ids else None for mention in mentions
        ],
        "concept_name": [concept.name if concept else None for concept in concepts],
        "concept_score": [concept.score if concept else None for concept in concepts],
        "knowledge_base": [_knowledge_base(mention, kb_names) for mention in mentions],
        "source": ["|".join(mention.sources) for mention in mentions],
    }


def _xrefs_column(documents: Sequence[Document], xrefs: CrossReferences) -> list[list[str]]:
    return [
        xrefs.of(mention.concept_ids) for document in documents for mention in document.mentions
    ]


def _linked_candidate(mention: Mention) -> Candidate | None:
    """The candidate that became the first concept of the mention."""
    if mention.concept_ids:
        first = mention.concept_ids[0]
        for candidate in mention.candidates:
            if candidate.concept_id == first:
                return candidate
    return None


def _knowledge_base(mention: Mention, kb_names: Mapping[str, str]) -> str | None:
    if not mention.concept_ids:
        return None
    return mention.dictionary or kb_names.get(mention.label, kb_names.get(""))


def _relation_columns(documents: Sequence[Document]) -> Columns:
    rows = [(document.id, relation) for document in documents for relation in document.relations]
    return _field_columns(RELATION_FIELDS, [relation for _, relation in rows]) | {
        "document_id": [document_id for document_id, _ in rows],
        "linked": [
            not (r.head.startswith(NIL_PREFIX) or r.tail.startswith(NIL_PREFIX)) for _, r in rows
        ],
    }


def _field_columns(table: FieldTable[Any], records: Sequence[Any]) -> Columns:
    return {
        field.name: _column(field, list(map(attrgetter(field.name), records)))
        for field in _output_fields(table)
    }


def _column(field: Field, values: list[Any]) -> "list[Any] | pa.Array":
    """The values of a field as Arrow takes them; optional text that is empty is null."""
    if field.table is not None:
        return _records_array(field.table, arrow_type(field, NARROW), values)
    if field.kind is Kind.LABELS:
        # A set has another order in every process, and equal runs give equal files.
        return [sorted(labels) for labels in values]
    if field.kind is Kind.TEXT and not field.required:
        return [text or None for text in values]
    return values


def _records_array(
    table: FieldTable[Any], of_type: pa.DataType, values: Sequence[Sequence[Any]]
) -> pa.Array:
    """Lists of records, of `of_type`, made field by field: a tuple a record would take far longer."""
    # None, as of sections that nobody looked for, is an empty list here.
    values = [list(value or ()) for value in values]
    records = list(chain.from_iterable(values))
    parts = list(of_type.value_type)
    arrays = [
        _as_array(_column(field, list(map(attrgetter(field.name), records))), part.type)
        for field, part in zip(table.fields, parts, strict=True)
    ]
    edges = pa.array([0, *accumulate(map(len, values))], pa.int32())
    structs = pa.StructArray.from_arrays(arrays, fields=parts)
    return pa.ListArray.from_arrays(edges, structs, type=of_type)


def _as_array(column: "list[Any] | pa.Array", of_type: pa.DataType) -> pa.Array:
    return column if isinstance(column, pa.Array) else pa.array(column, of_type)
