"""The four Arrow tables of bulk output, and annotated documents as their rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from biopipe.document import Candidate, Document, Mention

__all__ = ["SCHEMAS", "TABLES", "ErrorRow", "document_tables", "error_table"]

_SPAN = pa.struct([pa.field("start", pa.int32()), pa.field("end", pa.int32())])
_PASSAGE = pa.struct([pa.field("type", pa.string()), *_SPAN])
_CANDIDATE = pa.struct(
    [
        pa.field("concept_id", pa.string()),
        pa.field("name", pa.string()),
        pa.field("score", pa.float32()),
    ]
)
_STRINGS = pa.list_(pa.string())

SCHEMAS: Mapping[str, pa.Schema] = {
    "documents": pa.schema(
        {
            "id": pa.string(),
            "text_length": pa.int32(),
            "passages": pa.list_(_PASSAGE),
            "date": pa.string(),
            "mentions": pa.int32(),
            "relations": pa.int32(),
            "windows": pa.int32(),
        }
    ),
    "mentions": pa.schema(
        {
            "document_id": pa.string(),
            "mention": pa.int32(),
            "start": pa.int32(),
            "end": pa.int32(),
            "text": pa.string(),
            "label": pa.string(),
            "score": pa.float32(),
            "concept_id": pa.string(),
            "concept_ids": _STRINGS,
            "concept_name": pa.string(),
            "concept_score": pa.float32(),
            "knowledge_base": pa.string(),
            "candidates": pa.list_(_CANDIDATE),
            "assertion": _STRINGS,
            "source": pa.string(),
        }
    ),
    "relations": pa.schema(
        {
            "document_id": pa.string(),
            "head": pa.string(),
            "tail": pa.string(),
            "head_label": pa.string(),
            "tail_label": pa.string(),
            "label": pa.string(),
            "score": pa.float32(),
            "novel": pa.bool_(),
            "novel_score": pa.float32(),
            "evidence": pa.list_(_SPAN),
            "assertion": _STRINGS,
        }
    ),
    "errors": pa.schema(
        {
            "input": pa.string(),
            "row": pa.int64(),
            "document_id": pa.string(),
            "stage": pa.string(),
            "error": pa.string(),
        }
    ),
}

TABLES = tuple(SCHEMAS)

Columns = dict[str, list[Any]]


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


def document_tables(
    documents: Sequence[Document], kb_names: Mapping[str, str]
) -> dict[str, pa.Table]:
    """The rows of `documents`, in their order; `kb_names` is the knowledge base by label, "" any
    other.
    """
    return {
        "documents": _table("documents", _document_columns(documents)),
        "mentions": _table("mentions", _mention_columns(documents, kb_names)),
        "relations": _table("relations", _relation_columns(documents)),
    }


def _table(name: str, columns: Columns) -> pa.Table:
    """A table of columns of plain values; structs are tuples."""
    schema = SCHEMAS[name]
    if not any(columns.values()):
        return schema.empty_table()
    arrays = [pa.array(columns[field.name], field.type) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def error_table(errors: Iterable[ErrorRow]) -> pa.Table:
    """The rows of `errors`; text that is not valid Unicode is written escaped."""
    rows = list(errors)
    return _table(
        "errors",
        {
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
    return {
        "id": [document.id for document in documents],
        "text_length": [len(document.text) for document in documents],
        "passages": [
            [(p.type, p.start, p.end) for p in document.passages] for document in documents
        ],
        "date": [document.meta.get("date") or None for document in documents],
        "mentions": [len(document.mentions) for document in documents],
        "relations": [len(document.relations) for document in documents],
        "windows": [document.windows for document in documents],
    }


def _mention_columns(documents: Sequence[Document], kb_names: Mapping[str, str]) -> Columns:
    rows = [
        (document, number, m)
        for document in documents
        for number, m in enumerate(document.mentions)
    ]
    mentions = [mention for _, _, mention in rows]
    chosen = [_chosen(mention) for mention in mentions]
    return {
        "document_id": [document.id for document, _, _ in rows],
        "mention": [number for _, number, _ in rows],
        "start": [mention.start for mention in mentions],
        "end": [mention.end for mention in mentions],
        "text": [document.text[mention.start : mention.end] for document, _, mention in rows],
        "label": [mention.label for mention in mentions],
        "score": [mention.score for mention in mentions],
        "concept_id": [
            mention.concept_ids[0] if mention.concept_ids else None for mention in mentions
        ],
        "concept_ids": [mention.concept_ids for mention in mentions],
        "concept_name": [each.name if each else None for each in chosen],
        "concept_score": [each.score if each else None for each in chosen],
        "knowledge_base": [
            mention.dictionary or kb_names.get(mention.label, kb_names.get(""))
            if mention.concept_ids
            else None
            for mention in mentions
        ],
        "candidates": [[(c.concept_id, c.name, c.score) for c in m.candidates] for m in mentions],
        "assertion": [sorted(mention.assertion) for mention in mentions],
        "source": ["|".join(mention.sources) for mention in mentions],
    }


def _chosen(mention: Mention) -> Candidate | None:
    first = mention.concept_ids[:1]
    return next(
        (candidate for candidate in mention.candidates if (candidate.concept_id,) == first), None
    )


def _relation_columns(documents: Sequence[Document]) -> Columns:
    rows = [(document, relation) for document in documents for relation in document.relations]
    relations = [relation for _, relation in rows]
    return {
        "document_id": [document.id for document, _ in rows],
        "head": [relation.head for relation in relations],
        "tail": [relation.tail for relation in relations],
        "head_label": [relation.head_label or None for relation in relations],
        "tail_label": [relation.tail_label or None for relation in relations],
        "label": [relation.label for relation in relations],
        "score": [relation.score for relation in relations],
        "novel": [relation.novel for relation in relations],
        "novel_score": [relation.novel_score for relation in relations],
        "evidence": [relation.evidence for relation in relations],
        "assertion": [sorted(relation.assertion) for relation in relations],
    }
