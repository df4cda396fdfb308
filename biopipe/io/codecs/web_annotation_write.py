"""Documents as a page of the W3C's Web Annotation model in JSON-LD.

A mention is an annotation whose selectors are a position and a quote, its label a tag, its concepts
IRIs of identifiers.org; a relation is one whose target is the list of its two concepts, with the
document as their scope. Scores and novelty are properties of biopipe's own.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from biopipe.document import Document, Mention, Relation
from biopipe.document.unicode import check_text
from biopipe.io.codecs.web_annotation import CONCEPT_IRI, CURIE_IRI, DOCUMENT_IRI
from biopipe.io.losses import HeldFields, Losses
from biopipe.io.streams import replacing

__all__ = ["HELD_FIELDS", "web_annotations", "write"]

HELD_FIELDS = HeldFields.of(
    "id text mentions relations",
    "start end label score concept_ids assertion",
    "head tail label score novel subject",
)

_CONTEXT = [
    "http://www.w3.org/ns/anno.jsonld",
    {
        "score": "urn:biopipe:score",
        "novel": "urn:biopipe:novel",
        "subject": {"@id": "urn:biopipe:subject", "@type": "@id"},
    },
]
_QUOTED_AROUND = 32
_CURIE = re.compile(r"[A-Za-z][A-Za-z0-9.]*:[A-Za-z0-9_.-]+")

Json = dict[str, Any]


def write(documents: Iterable[Document], path: Path, losses: Losses | None = None) -> int:
    """Write one AnnotationPage (gzip for .gz), an annotation a line."""
    count = 0
    head = {"@context": _CONTEXT, "id": "urn:biopipe:page", "type": "AnnotationPage"}
    with replacing(path) as stream:
        stream.write(json.dumps(head)[:-1].encode() + b', "items": [\n')
        separator = b""
        for document in documents:
            for annotation in web_annotations(document):
                line = json.dumps(annotation, ensure_ascii=False)
                check_text(line, f"An annotation of document '{document.id}'")
                stream.write(separator + line.encode("utf-8"))
                separator = b",\n"
            count += 1
        stream.write(b"\n]}\n")
    return count


def web_annotations(document: Document) -> Iterator[Json]:
    """The annotations of a document: first its text, then mentions and relations."""
    iri = DOCUMENT_IRI + quote(document.id, safe="")
    body = {"type": "TextualBody", "value": document.text, "format": "text/plain"}
    yield _annotation(f"{iri}#text", "describing", body, iri)
    for number, mention in enumerate(document.mentions, 1):
        yield _of_mention(document, mention, iri, f"{iri}#m{number}")
    for number, relation in enumerate(document.relations, 1):
        yield _of_relation(relation, iri, f"{iri}#r{number}")


def _annotation(iri: str, motivation: str, body: Any, target: Any) -> Json:
    return {
        "id": iri,
        "type": "Annotation",
        "motivation": motivation,
        "body": body,
        "target": target,
    }


def _of_mention(document: Document, mention: Mention, source: str, iri: str) -> Json:
    text, start, end = document.text, mention.start, mention.end
    body = [
        {"type": "TextualBody", "purpose": "tagging", "value": mention.label},
        *(
            {"type": "SpecificResource", "purpose": "identifying", "source": _concept_iri(concept)}
            for concept in mention.concept_ids
        ),
        *(
            {"type": "TextualBody", "purpose": "classifying", "value": assertion}
            for assertion in sorted(mention.assertion)
        ),
    ]
    quoted = {
        "type": "TextQuoteSelector",
        "exact": text[start:end],
        "prefix": text[max(0, start - _QUOTED_AROUND) : start],
        "suffix": text[end : end + _QUOTED_AROUND],
    }
    place = {"type": "TextPositionSelector", "start": start, "end": end}
    annotation = _annotation(iri, "tagging", body, {"source": source, "selector": [place, quoted]})
    return annotation | ({} if mention.score == 1.0 else {"score": float(mention.score)})


def _of_relation(relation: Relation, source: str, iri: str) -> Json:
    ends = [
        {"type": "SpecificResource", "source": _concept_iri(end), "scope": source}
        for end in (relation.head, relation.tail)
    ]
    body = {"type": "TextualBody", "purpose": "tagging", "value": relation.label}
    annotation = _annotation(iri, "linking", body, {"type": "List", "items": ends})
    if relation.score != 1.0:
        annotation["score"] = float(relation.score)
    if relation.subject is not None:
        annotation["subject"] = _concept_iri(relation.subject)
    return annotation | ({} if relation.novel is None else {"novel": relation.novel})


def _concept_iri(concept_id: str) -> str:
    # identifiers.org resolves CURIEs; an id of another shape would be an address that leads
    # nowhere.
    if _CURIE.fullmatch(concept_id):
        return CURIE_IRI + concept_id
    return CONCEPT_IRI + quote(concept_id, safe="")
