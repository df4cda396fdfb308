"""The W3C's Web Annotation model as JSON-LD: annotations of one source are one document.

See https://www.w3.org/TR/annotation-model. The text of a source stands in an annotation that
describes it, as `biopipe.io.codecs.web_annotation_write` writes it. Positions are code points; those of
programs in JavaScript may be UTF-16, which shows in the quotes beside them.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from biopipe.document import Document, Mention, Relation
from biopipe.document.labels import ASSERTIONS
from biopipe.io.offset_counts import OffsetCount, count_that_fits
from biopipe.io.records import checked_text
from biopipe.io.rows import BadRecord, OnPartError, valid_text
from biopipe.io.spans import aligned_span, check_mention

__all__ = [
    "CONCEPT_IRI",
    "CURIE_IRI",
    "DOCUMENT_IRI",
    "AnnotatedSource",
    "annotated_sources",
    "document_from_source",
]

DOCUMENT_IRI = "urn:biopipe:document:"
CONCEPT_IRI = "urn:biopipe:concept:"
CURIE_IRI = "https://identifiers.org/"

_TYPES = frozenset({"Annotation", "AnnotationPage", "AnnotationCollection"})
_ASSERTIONS = frozenset(ASSERTIONS)
_ODD = (AttributeError, LookupError, TypeError, ValueError)

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AnnotatedSource:
    """The annotations of one source."""

    iri: str
    annotations: tuple[Json, ...]


def annotated_sources(data: Any) -> list[AnnotatedSource] | None:
    """The sources of JSON-LD in the order of their first annotations; None for other JSON."""
    if not _is_web_annotation(data):
        return None
    by_source: dict[str, list[Json]] = defaultdict(list)
    for annotation in _annotations(data):
        # In the order of the file, and no matter how annotations of several sources are mixed.
        by_source[_source(annotation)].append(annotation)
    return [AnnotatedSource(iri, tuple(those)) for iri, those in by_source.items()]


def _is_web_annotation(data: Any) -> bool:
    if isinstance(data, list):
        return bool(data) and all(map(_is_web_annotation, data))
    if not isinstance(data, Mapping):
        return False
    types = data.get("type")
    return bool(_TYPES & set(types if isinstance(types, list) else [str(types)])) and (
        "anno.jsonld" in str(data.get("@context", "")) or "target" in data
    )


def _annotations(data: Any) -> Iterator[Json]:
    """The annotations of a list, a page, a collection with its pages, or the only one."""
    if isinstance(data, list):
        for part in data:
            yield from _annotations(part)
    elif isinstance(data, Mapping):
        parts = [data[name] for name in ("items", "first", "next") if name in data]
        if parts and "target" not in data:
            yield from _annotations(parts)
        elif "target" in data:
            yield data


def _source(annotation: Json) -> str:
    target = annotation["target"]
    if isinstance(target, Mapping) and isinstance(target.get("items"), list):
        target = target["items"][0] if target["items"] else ""
        return str(target.get("scope", "")) if isinstance(target, Mapping) else ""
    if isinstance(target, list):
        target = target[0] if target else ""
    if isinstance(target, Mapping):
        source = target.get("source", target.get("id", ""))
        return str(source.get("id", "")) if isinstance(source, Mapping) else str(source)
    return str(target)


def document_from_source(source: AnnotatedSource, on_part_error: OnPartError) -> Document:
    """The Document of a source; BadRecord where its text is not in the file.

    The label of a mention is the first tag of its annotation. What cannot be read is left out, and
    `on_part_error` is told so.
    """
    identifier = valid_text(unquote(source.iri.removeprefix(DOCUMENT_IRI)), "the id")
    if not identifier:
        raise BadRecord("an annotation names no source")
    text = _text(source, identifier)
    copies = [
        (place["start"], place["end"], quote["exact"])
        for annotation in source.annotations
        for place, quote in [_selectors(annotation)]
        if place and isinstance(quote.get("exact"), str) and _has_whole_offsets(place)
    ]
    count = count_that_fits(text, copies)
    mentions: list[Mention] = []
    relations: list[Relation] = []
    for number, annotation in enumerate(source.annotations):
        try:
            if any(_selectors(annotation)):
                mentions.append(_mention(text, annotation, count))
            elif isinstance(annotation["target"], Mapping) and "items" in annotation["target"]:
                relations.append(_relation(annotation))
            elif not _is_text(annotation):
                raise ValueError("it selects no part of the text by position or quote")
        except _ODD as error:
            why = f"it has no {error}" if isinstance(error, KeyError) else str(error)
            on_part_error(identifier, f"annotation {number} is left out, {why}")
    return Document(identifier, text, tuple(mentions), tuple(relations))


def _text(source: AnnotatedSource, identifier: str) -> str:
    for annotation in source.annotations:
        if _is_text(annotation):
            return checked_text(_bodies(annotation)[0].get("value"), identifier, "text")
    raise BadRecord("the text of the source is not in the file", identifier)


def _is_text(annotation: Json) -> bool:
    return annotation.get("motivation") == "describing" and isinstance(annotation["target"], str)


def _bodies(annotation: Json) -> list[Json]:
    body = annotation.get("body")
    bodies = body if isinstance(body, list) else [body]
    return [
        {"type": "TextualBody", "value": part} if isinstance(part, str) else part
        for part in bodies
        if isinstance(part, str | Mapping)
    ]


def _selectors(annotation: Json) -> tuple[Json, Json]:
    """The selector by position and the one by quote, empty where there is none."""
    target = annotation["target"]
    target = target[0] if isinstance(target, list) and target else target
    selector = target.get("selector") if isinstance(target, Mapping) else None
    by_type = {
        part.get("type"): part
        for part in (selector if isinstance(selector, list) else [selector])
        if isinstance(part, Mapping)
    }
    return by_type.get("TextPositionSelector", {}), by_type.get("TextQuoteSelector", {})


def _has_whole_offsets(place: Json) -> bool:
    return all(
        isinstance(place.get(name), int) and not isinstance(place[name], bool)
        for name in ("start", "end")
    )


def _mention(text: str, annotation: Json, count: OffsetCount) -> Mention:
    start, end = _span(text, *_selectors(annotation), count)
    tags: list[str] = []
    concept_ids: list[str] = []
    said: set[str] = set()
    for body in _bodies(annotation):
        value, purpose = body.get("value"), body.get("purpose", "tagging")
        if purpose == "identifying":
            concept_ids.append(_concept(body.get("source", body.get("id", value))))
        elif purpose == "classifying" and value in _ASSERTIONS:
            said.add(str(value))
        elif purpose == "tagging" and isinstance(value, str) and value:
            tags.append(value)
    if not tags:
        raise ValueError("it has no tag for a label")
    ids = tuple(dict.fromkeys(concept_ids))
    return Mention(start, end, tags[0], _score(annotation), ids, assertion=frozenset(said))


def _span(text: str, place: Json, quote: Json, count: OffsetCount) -> tuple[int, int]:
    exact = quote.get("exact")
    if place:
        if not _has_whole_offsets(place):
            raise ValueError("its position is no pair of whole numbers")
        start, end = count.place(place["start"]), count.place(place["end"])
        copy = exact if isinstance(exact, str) else text[max(start, 0) : end]
        try:
            check_mention(text, start, end, copy)
        except ValueError:
            near = aligned_span(text, start, copy) if isinstance(exact, str) else None
            if near is None:
                raise
            return near
        return start, end
    if not isinstance(exact, str) or not exact:
        raise ValueError("its quote is empty")
    before = str(quote.get("prefix", ""))
    whole = f"{before}{exact}{quote.get('suffix', '')}"
    # Without a position only a quote that stands there once tells a place.
    if text.count(whole) != 1:
        raise ValueError(f"its quote is {text.count(whole)} times in the text, and has no position")
    start = text.index(whole) + len(before)
    return start, start + len(exact)


def _relation(annotation: Json) -> Relation:
    ends = [_concept(item["source"]) for item in annotation["target"]["items"]]
    labels = [body["value"] for body in _bodies(annotation) if isinstance(body.get("value"), str)]
    if len(ends) != 2 or not labels:
        raise ValueError(f"it has {len(ends)} ends and {len(labels)} labels, not 2 and 1")
    novel, subject = annotation.get("novel"), annotation.get("subject")
    return Relation(
        ends[0],
        ends[1],
        labels[0],
        _score(annotation),
        novel=novel if isinstance(novel, bool) else None,
        subject=None if subject is None else _concept(subject),
    )


def _concept(iri: Any) -> str:
    if not isinstance(iri, str) or not iri:
        raise ValueError("an id of a concept in it is no text")
    for prefix in (CURIE_IRI, "http://identifiers.org/", CONCEPT_IRI):
        if iri.startswith(prefix):
            return unquote(iri.removeprefix(prefix))
    return iri


def _score(annotation: Json) -> float:
    score = annotation.get("score")
    if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
        return 1.0
    return float(score)
