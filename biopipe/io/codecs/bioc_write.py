"""BioC collections, as XML and as JSON, of documents.

A mention's label, ids, score and assertion are the infons `type`, `identifier`, `score` and
`assertion`; a relation names its ends by concept, as `entity1` and `entity2`, as BioRED does. See
https://bioc.sourceforge.net.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from biopipe.document import Document, Mention, Passage, Relation
from biopipe.document.unicode import NOT_XML, check_text
from biopipe.io.concept_ids import join_ids
from biopipe.io.losses import HeldFields, Losses
from biopipe.io.streams import replacing

__all__ = ["HELD_FIELDS", "META_INFONS", "bioc_document", "write_json", "write_xml"]

HELD_FIELDS = HeldFields.of(
    "id text mentions relations passages meta",
    "start end label score concept_ids assertion",
    "head tail label score novel subject",
)

META_INFONS = {
    "date": "date",
    "journal": "journal",
    "doi": "doi",
    "pmc": "article-id_pmc",
    "pmid": "article-id_pmid",
}
"""The infon of a document for each entry of `Document.meta` that the reader knows again."""

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE collection SYSTEM "BioC.dtd">\n'
    "<collection><source>biopipe</source><date></date><key></key>\n"
)
# A reader puts longer gaps between passages together as one blank.
_WIDEST_GAP = 2

Json = dict[str, Any]


def write_json(documents: Iterable[Document], path: Path, losses: Losses | None = None) -> int:
    """Write one BioC JSON collection (gzip for .gz), a document a line of it."""
    count = 0
    with replacing(path) as stream:
        # By hand, a document a line: json.dump would need the whole collection in memory.
        stream.write(b'{"source": "biopipe", "date": "", "key": "", "infons": {}, "documents": [\n')
        for document in documents:
            line = json.dumps(bioc_document(document, losses), ensure_ascii=False)
            check_text(line, f"The BioC of document '{document.id}'")
            stream.write((b",\n" if count else b"") + line.encode("utf-8"))
            count += 1
        stream.write(b"\n]}\n")
    return count


def write_xml(documents: Iterable[Document], path: Path, losses: Losses | None = None) -> int:
    """Write one BioC XML collection (gzip for .gz); characters that XML cannot hold become
    blanks."""
    count = 0
    counted = Losses() if losses is None else losses
    with replacing(path) as stream:
        stream.write(_HEAD.encode())
        for document in documents:
            xml = "".join(_xml_of_document(bioc_document(document, losses), counted))
            check_text(xml, f"The BioC of document '{document.id}'")
            stream.write(xml.encode("utf-8") + b"\n")
            count += 1
        stream.write(b"</collection>\n")
    return count


def bioc_document(document: Document, losses: Losses | None = None) -> Json:
    """A document as BioC JSON."""
    if losses is not None:
        losses.add("meta entries", sum(name not in META_INFONS for name in document.meta))
    passages = _passages(document, losses)
    by_passage: list[list[Json]] = [[] for _ in passages]
    starts = [passage.start for passage in passages]
    for number, mention in enumerate(document.mentions):
        # An annotation lies in the passage that it begins in; readers place it by that passage's
        # offset.
        holder = max((i for i, start in enumerate(starts) if start <= mention.start), default=0)
        by_passage[holder].append(_annotation(document, mention, number))
    return {
        "id": document.id,
        "infons": {
            META_INFONS[name]: v for name, v in document.meta.items() if name in META_INFONS
        },
        "passages": [
            {
                "offset": passage.start,
                "infons": {"type": passage.type} if passage.type else {},
                "text": document.text[passage.start : passage.end],
                "sentences": [],
                "annotations": annotations,
                "relations": [],
            }
            for passage, annotations in zip(passages, by_passage, strict=True)
        ],
        "annotations": [],
        "relations": [_relation(r, number) for number, r in enumerate(document.relations)],
    }


def _passages(document: Document, losses: Losses | None) -> list[Passage]:
    """Passages that hold the text but for blanks between them: the document's own, or else one."""
    own, text = document.passages, document.text
    end, whole = 0, bool(own)
    for number, passage in enumerate(own):
        gap = text[end : passage.start]
        follows = passage.start == 0 if not number else 0 < len(gap) <= _WIDEST_GAP
        whole = whole and follows and not gap.strip(" ") and end <= passage.start < passage.end
        end = passage.end
    if whole and end == len(text):
        return list(own)
    if losses is not None:
        losses.add("passages that overlap or do not hold the whole text", len(own))
    return [Passage("", 0, len(text))]


def _annotation(document: Document, mention: Mention, number: int) -> Json:
    infons = {"type": mention.label}
    if mention.concept_ids:
        infons["identifier"] = join_ids(mention.concept_ids, mention.label)
    # Gold has no scores, and a file that is read and written again should stay as it was.
    if mention.score != 1.0:
        infons["score"] = repr(float(mention.score))
    if mention.assertion:
        infons["assertion"] = ",".join(sorted(mention.assertion))
    return {
        "id": str(number + 1),
        "infons": infons,
        "text": document.text[mention.start : mention.end],
        "locations": [{"offset": mention.start, "length": mention.end - mention.start}],
    }


def _relation(relation: Relation, number: int) -> Json:
    infons = {"type": relation.label, "entity1": relation.head, "entity2": relation.tail}
    if relation.novel is not None:
        infons["novel"] = "Novel" if relation.novel else "No"
    if relation.score != 1.0:
        infons["score"] = repr(float(relation.score))
    if relation.subject is not None:
        infons["subject"] = relation.subject
    return {"id": f"R{number + 1}", "infons": infons, "nodes": []}


def _xml_of_document(document: Json, losses: Losses) -> Iterator[str]:
    def clean(text: str, *, copy: bool = False) -> str:
        fit, changed = NOT_XML.subn(" ", text)
        losses.add("control characters, written as blanks", 0 if copy else changed)
        # A bare carriage return is read as a line feed.
        return html.escape(fit, quote=False).replace("\r", "&#13;")

    def attribute(text: str) -> str:
        # White space in an attribute is read as blanks.
        return re.sub(r"[\t\n\r]", lambda sign: f"&#{ord(sign[0])};", html.escape(text))

    def infons(holder: Json) -> str:
        return "".join(
            f'<infon key="{attribute(key)}">{clean(value)}</infon>'
            for key, value in holder["infons"].items()
        )

    yield f"<document><id>{clean(document['id'])}</id>{infons(document)}"
    for passage in document["passages"]:
        yield f"<passage>{infons(passage)}<offset>{passage['offset']}</offset>"
        yield f"<text>{clean(passage['text'])}</text>"
        for annotation in passage["annotations"]:
            (place,) = annotation["locations"]
            yield f'<annotation id="{annotation["id"]}">{infons(annotation)}'
            yield f'<location offset="{place["offset"]}" length="{place["length"]}"/>'
            yield f"<text>{clean(annotation['text'], copy=True)}</text></annotation>"
        yield "</passage>"
    for relation in document["relations"]:
        yield f'<relation id="{relation["id"]}">{infons(relation)}</relation>'
    yield "</document>"
