"""The four Arrow tables of bulk output, and annotated documents as their rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from biopipe.relations.pairs import concepts
from biopipe.types import Candidate, Document, Mention, Relation

__all__ = ["SCHEMAS", "TABLES", "ErrorRow", "document_tables", "error_table"]

_SPAN = pa.struct([pa.field("start", pa.int32()), pa.field("end", pa.int32())])
_PASSAGE = pa.struct([pa.field("type", pa.string()), *_SPAN])
_CANDIDATE = pa.struct(
    [pa.field("concept_id", pa.string()), pa.field("name", pa.string()), pa.field("score", pa.float32())]
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

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """A document that is not in the output, and why; `row` counts the records of the input from 0."""

    input: str
    row: int
    document_id: str
    stage: str
    error: str


def document_tables(documents: Sequence[Document], kb_names: Mapping[str, str]) -> dict[str, pa.Table]:
    """The rows of `documents`, in their order; `kb_names` is the knowledge base by label, "" any other."""
    rows: dict[str, list[Row]] = {
        "documents": [_document_row(document) for document in documents],
        "mentions": [row for document in documents for row in _mention_rows(document, kb_names)],
        "relations": [row for document in documents for row in _relation_rows(document)],
    }
    return {table: pa.Table.from_pylist(rows[table], schema=SCHEMAS[table]) for table in rows}


def error_table(errors: Iterable[ErrorRow]) -> pa.Table:
    """The rows of `errors`; text that is not valid Unicode is written escaped."""
    rows = [
        {
            "input": _printable(error.input),
            "row": error.row,
            "document_id": _printable(error.document_id) or None,
            "stage": error.stage,
            "error": _printable(error.error),
        }
        for error in errors
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMAS["errors"])


def _printable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _document_row(document: Document) -> Row:
    return {
        "id": document.id,
        "text_length": len(document.text),
        "passages": [{"type": part.type, "start": part.start, "end": part.end} for part in document.passages],
        "date": document.meta.get("date") or None,
        "mentions": len(document.mentions),
        "relations": len(document.relations),
        "windows": int(document.meta.get("windows", 1)),
    }


def _mention_rows(document: Document, kb_names: Mapping[str, str]) -> Iterable[Row]:
    for number, mention in enumerate(document.mentions):
        chosen = _chosen(mention)
        linked = bool(mention.concept_ids)
        yield {
            "document_id": document.id,
            "mention": number,
            "start": mention.start,
            "end": mention.end,
            "text": document.text[mention.start : mention.end],
            "label": mention.label,
            "score": mention.score,
            "concept_id": mention.concept_ids[0] if linked else None,
            "concept_ids": list(mention.concept_ids),
            "concept_name": chosen.name if chosen else None,
            "concept_score": chosen.score if chosen else None,
            "knowledge_base": kb_names.get(mention.label, kb_names.get("")) if linked else None,
            "candidates": [_candidate_row(candidate) for candidate in mention.candidates],
            "assertion": sorted(mention.assertion),
            "source": mention.source,
        }


def _chosen(mention: Mention) -> Candidate | None:
    first = mention.concept_ids[:1]
    return next((candidate for candidate in mention.candidates if (candidate.concept_id,) == first), None)


def _candidate_row(candidate: Candidate) -> Row:
    return {"concept_id": candidate.concept_id, "name": candidate.name, "score": candidate.score}


def _relation_rows(document: Document) -> Iterable[Row]:
    labels = {each.id: each.label for each in concepts(document)} if document.relations else {}
    for relation in document.relations:
        yield _relation_row(document.id, relation, labels)


def _relation_row(document_id: str, relation: Relation, labels: Mapping[str, str]) -> Row:
    return {
        "document_id": document_id,
        "head": relation.head,
        "tail": relation.tail,
        "head_label": labels.get(relation.head),
        "tail_label": labels.get(relation.tail),
        "label": relation.label,
        "score": relation.score,
        "novel": relation.novel,
        "novel_score": relation.novel_score,
        "evidence": [{"start": start, "end": end} for start, end in relation.evidence],
        "assertion": sorted(relation.assertion),
    }
