"""The body of a request to annotate: JSON to documents, one by one."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from biopipe.document import Document
from biopipe.document.validity import valid_document
from biopipe.document.value_type import value_type
from biopipe.errors import InputError
from biopipe.io.records import document_from_record
from biopipe.io.rows import BadRecord
from biopipe.io.streams import decode_utf8, parse_json
from biopipe.serve.limits import ServerLimits
from biopipe.serve.refusal import Refusal

__all__ = ["ANSWER_FORMATS", "AnnotationRequest", "TextError", "parse_request"]

ANSWER_FORMATS = ("json", "pubtator", "bioc")
_LONGEST_QUOTE = 60
_KEYS = ("text", "texts", "pipeline", "format")


@dataclass(frozen=True, slots=True)
class TextError:
    """Why one text of a request has no annotations; `document_id` is "" where it has none that can
    be read.
    """

    document_id: str
    error: str


@dataclass(frozen=True, slots=True)
class AnnotationRequest:
    """What a body asks for; `texts` has a Document or an error for each text, in their order."""

    texts: tuple[Document | TextError, ...]
    pipeline: str
    format: str


def parse_request(
    body: bytes, *, pipelines: Sequence[str], limits: ServerLimits
) -> AnnotationRequest:
    """The request of a body; Refusal says what is wrong with the whole of it.

    What is wrong with one of several texts is that text's error. The first of `pipelines` is the
    one that is used where the body names none.
    """
    record = _json_object(body)
    pipeline = _one_of(record, "pipeline", pipelines)
    answer_format = _one_of(record, "format", ANSWER_FORMATS)
    texts = _texts(record, limits)
    return AnnotationRequest(tuple(_documents(texts, limits)), pipeline, answer_format)


def _json_object(body: bytes) -> Mapping[str, Any]:
    if not body.strip():
        raise Refusal(400, 'The body is empty; send JSON such as {"text": "..."}.')
    try:
        record = parse_json(decode_utf8(body, "the body"))
    except json.JSONDecodeError as error:
        where = f"{error.msg} at line {error.lineno}, column {error.colno}"
        raise Refusal(400, f"The body is not JSON: {where}.") from error
    except RecursionError as error:
        raise Refusal(400, "The body is nested too deeply to be read.") from error
    except ValueError as error:
        raise Refusal(400, f"The body cannot be read: {error}.") from error
    if not isinstance(record, Mapping):
        raise Refusal(
            422, f'The body is {value_type(record)}; send a JSON object such as {{"text": "..."}}.'
        )
    # A misspelt "pipline" would otherwise be answered by the default one in silence.
    unknown = [key for key in record if key not in _KEYS]
    if unknown:
        raise Refusal(
            422, f"There is no field {_short(unknown[0])}; the fields are: {', '.join(_KEYS)}."
        )
    return record


def _one_of(record: Mapping[str, Any], field: str, values: Sequence[str]) -> str:
    """The value of a field, the first of `values` where it is missing."""
    value = record.get(field)
    if value is None:
        return values[0]
    if not isinstance(value, str) or value not in values:
        raise Refusal(
            422, f"There is no {field} {_short(value)}; give one of: {', '.join(values)}."
        )
    return value


def _short(value: Any) -> str:
    """A value of the body, as much of it as a person needs to find it again."""
    return repr(value)[:_LONGEST_QUOTE]


def _texts(record: Mapping[str, Any], limits: ServerLimits) -> list[Any]:
    text, texts = record.get("text"), record.get("texts")
    if (text is None) == (texts is None):
        raise Refusal(422, "Send either 'text', one text, or 'texts', a list of them.")
    if texts is None:
        if not isinstance(text, str):
            raise Refusal(422, f"The field 'text' is {value_type(text)}, not text.")
        return [text]
    if not isinstance(texts, list):
        raise Refusal(422, f"The field 'texts' is {value_type(texts)}, not a list.")
    if not texts:
        raise Refusal(422, "The list 'texts' is empty; send at least one text.")
    if len(texts) > limits.texts:
        raise Refusal(
            413, f"The request has {len(texts):,} texts; send at most {limits.texts:,} at a time."
        )
    return texts


def _documents(texts: list[Any], limits: ServerLimits) -> Iterator[Document | TextError]:
    """The document of each text, or of each record in the shapes of JSON lines."""
    for number, item in enumerate(texts, 1):
        record = {"text": item} if isinstance(item, str) else item
        try:
            yield _checked(_document(record, str(number)), limits)
        except BadRecord as error:
            yield TextError(error.document_id or str(number), f"{error}.")
        except InputError as error:
            yield TextError(str(number), f"{error}.".replace("..", "."))


def _document(record: Any, key: str) -> Document:
    # Annotations that a record brings along are replaced anyhow; what of it cannot be is no loss.
    document = document_from_record(record, lambda _id, _error: None, key=key)
    return valid_document(document, lambda _error: None)


def _checked(document: Document, limits: ServerLimits) -> Document:
    if not document.text.strip():
        raise BadRecord("the text is empty", document.id)
    if len(document.text) > limits.text_characters:
        raise BadRecord(
            f"the text has {len(document.text):,} characters; this server takes at most "
            f"{limits.text_characters:,} a text",
            document.id,
        )
    return document
