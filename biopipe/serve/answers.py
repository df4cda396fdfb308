"""Annotated texts as the body of an answer: JSON, PubTator or BioC JSON."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from biopipe.document import Document
from biopipe.document.fields import DOCUMENT_FIELDS
from biopipe.document.mapping import encode_record
from biopipe.io.codecs.bioc_write import bioc_document
from biopipe.io.codecs.pubtator import document_lines
from biopipe.serve.batching import Outcome
from biopipe.serve.requests import TextError

__all__ = ["ERRORS_HEADER", "answer"]

ERRORS_HEADER = "biopipe-errors"
"""How many texts of the request have no annotations, in every format."""

_LINE_BREAKS = str.maketrans("\r\n", "  ")


def answer(outcomes: Sequence[Outcome], *, pipeline: str, format: str) -> Response:
    """The outcomes of a request, in the order of its texts.

    JSON has the error of a text in its place, BioC as an infon of a document without passages, and
    PubTator, which has no place for it, as a comment line `#ID<tab>ERROR`.
    """
    errors = sum(isinstance(outcome, TextError) for outcome in outcomes)
    content, media_type = _FORMATS[format](outcomes, pipeline)
    # What a client sent as half a surrogate pair stands in an error as the JSON escape that it was.
    return Response(
        content.encode("utf-8", "backslashreplace"),
        media_type=media_type,
        headers={ERRORS_HEADER: str(errors)},
    )


def _json(outcomes: Sequence[Outcome], pipeline: str) -> tuple[str, str]:
    body = {
        "pipeline": pipeline,
        "errors": sum(isinstance(outcome, TextError) for outcome in outcomes),
        "documents": [_record(outcome) for outcome in outcomes],
    }
    return json.dumps(body, ensure_ascii=False) + "\n", "application/json"


def _record(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, TextError):
        return {"id": outcome.document_id, "error": outcome.error}
    # Defaults are left out of a record; a client that counts mentions wants an empty list.
    empty = {"id": outcome.id, "text": outcome.text, "mentions": [], "relations": []}
    return empty | encode_record(DOCUMENT_FIELDS, outcome)


def _pubtator(outcomes: Sequence[Outcome], _pipeline: str) -> tuple[str, str]:
    blocks = []
    for outcome in outcomes:
        if isinstance(outcome, TextError):
            lines = [f"#{outcome.document_id}\t{outcome.error}".translate(_LINE_BREAKS)]
        else:
            lines = list(document_lines(_on_one_line(outcome)))
        blocks.append("".join(f"{line}\n" for line in lines))
    return "\n".join(blocks), "text/plain; charset=utf-8"


def _on_one_line(document: Document) -> Document:
    """The document with a space for each character of a line break, which PubTator cannot hold; all
    offsets stay.
    """
    return replace(document, text=document.text.translate(_LINE_BREAKS))


def _bioc(outcomes: Sequence[Outcome], pipeline: str) -> tuple[str, str]:
    collection = {
        "source": "biopipe",
        "date": "",
        "key": "",
        "infons": {"pipeline": pipeline},
        "documents": [_bioc_record(outcome) for outcome in outcomes],
    }
    return json.dumps(collection, ensure_ascii=False) + "\n", "application/json"


def _bioc_record(outcome: Outcome) -> Any:
    if isinstance(outcome, TextError):
        infons = {"error": outcome.error}
        return {"id": outcome.document_id, "infons": infons, "passages": [], "relations": []}
    return bioc_document(outcome)


_FORMATS: Mapping[str, Callable[[Sequence[Outcome], str], tuple[str, str]]] = {
    "json": _json,
    "pubtator": _pubtator,
    "bioc": _bioc,
}
