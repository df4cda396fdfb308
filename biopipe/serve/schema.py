"""What requests and answers look like, as JSON Schema for the OpenAPI page: made from the field
table.
"""

from collections.abc import Mapping
from typing import Any

from biopipe.document.fields import DOCUMENT_FIELDS, REQUIRED, FieldTable, Kind
from biopipe.serve.requests import ANSWER_FORMATS

__all__ = ["annotation_responses", "document_schema", "request_body"]

_SPAN = {
    "type": "object",
    "properties": {"start": {"type": "integer"}, "end": {"type": "integer"}},
    "required": ["start", "end"],
}
_KINDS: Mapping[Kind | None, dict[str, Any]] = {
    Kind.TEXT: {"type": "string"},
    Kind.INTEGER: {"type": "integer"},
    Kind.SCORE: {"type": "number"},
    Kind.NUMBER: {"type": "number"},
    Kind.FLAG: {"type": "boolean"},
    Kind.TEXTS: {"type": "array", "items": {"type": "string"}},
    Kind.LABELS: {"type": "array", "items": {"type": "string"}},
    Kind.SPANS: {"type": "array", "items": _SPAN},
    Kind.TEXT_MAP: {"type": "object", "additionalProperties": {"type": "string"}},
}
_ERROR = {
    "type": "object",
    "properties": {"error": {"type": "string"}},
    "required": ["error"],
}
_REFUSALS = {
    400: "The body is not JSON.",
    408: "The body did not come within the time limit.",
    413: "The body is larger, or has more texts, than the server takes.",
    415: "The body is not declared as application/json.",
    422: "The JSON is not a request.",
    429: "As many requests are under way as the server takes; try again.",
    503: "The server is stopping, or the pipeline cannot run.",
    504: "The texts were not annotated within the time limit.",
}


def document_schema() -> dict[str, Any]:
    """A document of an answer; offsets count code points of `text`, end exclusive."""
    return _record_schema(DOCUMENT_FIELDS)


def request_body(pipelines: list[str]) -> dict[str, Any]:
    """OpenAPI's `requestBody` of POST /annotate."""
    record = {
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "text": {"type": "string"},
            "title": {"type": "string"},
            "abstract": {"type": "string"},
        },
    }
    properties = {
        "text": {"type": "string", "description": "One text; either this or 'texts'."},
        "texts": {
            "type": "array",
            "minItems": 1,
            "items": {"oneOf": [{"type": "string"}, record]},
            "description": "Texts, or objects with an id and a text or a title and an abstract.",
        },
        "pipeline": {"type": "string", "enum": pipelines, "default": pipelines[0]},
        "format": {"type": "string", "enum": list(ANSWER_FORMATS), "default": ANSWER_FORMATS[0]},
    }
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    example = {"text": "Metformin lowers glucose in diabetes mellitus."}
    return {
        "required": True,
        "content": {"application/json": {"schema": schema, "example": example}},
    }


def annotation_responses() -> dict[int | str, dict[str, Any]]:
    """OpenAPI's `responses` of POST /annotate."""
    failed = {
        "type": "object",
        "properties": {"id": {"type": "string"}, "error": {"type": "string"}},
        "required": ["id", "error"],
    }
    annotated = {
        "type": "object",
        "properties": {
            "pipeline": {"type": "string"},
            "errors": {"type": "integer", "description": "Texts without annotations."},
            "documents": {
                "type": "array",
                "description": "One for each text, in their order.",
                "items": {"oneOf": [document_schema(), failed]},
            },
        },
        "required": ["pipeline", "errors", "documents"],
    }
    success = {
        "description": "The annotated texts: JSON, BioC JSON, or PubTator as text/plain.",
        "content": {
            "application/json": {"schema": annotated},
            "text/plain": {"schema": {"type": "string"}},
        },
    }
    refusals: dict[int | str, dict[str, Any]] = {
        status: {"description": why, "content": {"application/json": {"schema": _ERROR}}}
        for status, why in _REFUSALS.items()
    }
    return {200: success, **refusals}


def _record_schema(table: FieldTable[Any]) -> dict[str, Any]:
    properties = {}
    for field in table.fields:
        if field.table is not None:
            properties[field.name] = {"type": "array", "items": _record_schema(field.table)}
        elif field.kind is not None:
            properties[field.name] = _KINDS[field.kind]
    required = [field.name for field in table.fields if field.default is REQUIRED]
    return {"type": "object", "properties": properties, "required": required}
