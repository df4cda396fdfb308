"""BioC, as XML and as JSON: passages with annotations, relations over annotations or concept ids.

BioC counts offsets from the start of the document and may leave gaps. The text is rebuilt with a
space where passages do not follow each other closely, and every annotation is placed by its
distance from its passage.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from biopipe.document import Document, Mention, Passage, Relation
from biopipe.io.concept_ids import concept_ids, curie, known_ids
from biopipe.io.pieces import FilePiece
from biopipe.io.records import document_id
from biopipe.io.rows import BadRecord, Complain, OnError, documents, valid_text
from biopipe.io.spans import check_mention
from biopipe.io.streams import open_binary
from biopipe.io.xml_records import xml_records

__all__ = ["documents_of", "from_record", "is_document", "read"]

_ID_INFONS = (
    "identifier",
    "Identifier",
    "MESH",
    "MeSH",
    "OMIM",
    "NCBI GENE",
    "NCBI Gene",
    "normalized_id",
)
_END_INFONS = (
    ("entity1", "entity2"),
    ("role1", "role2"),
    ("Chemical", "Disease"),
    ("head", "tail"),
)
_META = {
    "date": "date",
    "year": "date",
    "journal": "journal",
    "doi": "doi",
    "article-id_doi": "doi",
} | {
    "article-id_pmc": "pmc",
    "article-id_pmid": "pmid",
}
_MAX_GAP = 2
_NOVEL: dict[str, bool | None] = {"novel": True, "no": False}


def read(
    path: Path, *, on_error: OnError | None = None, piece: FilePiece | None = None
) -> Iterator[Document]:
    """Documents of a BioC XML collection (also gzip), one after the other."""

    def build(element: Element, complain: Complain) -> Document:
        return from_record(_record(element), complain)

    with open_binary(path) as stream:
        elements = xml_records(stream, frozenset({"document"}))
        nothing = "the file holds no BioC document"
        yield from documents(str(path), elements, build, on_error, nothing=nothing, piece=piece)


def documents_of(data: Any) -> list[Any] | None:
    """The documents of a BioC JSON collection, None when it is not one."""
    if not isinstance(data, Mapping):
        return None
    for name in ("documents", "PubTator3"):
        if isinstance(data.get(name), list):
            return list(data[name])
    return [data] if is_document(data) else None


def is_document(record: Any) -> bool:
    """Whether a JSON value is a BioC document rather than a record with a text."""
    if (
        not isinstance(record, Mapping)
        or "text" in record
        or not isinstance(record.get("passages"), list)
    ):
        return False
    return all(
        isinstance(passage, Mapping) and "offset" in passage for passage in record["passages"]
    )


def from_record(record: Mapping[str, Any], complain: Complain) -> Document:
    """The Document of one BioC JSON document."""
    identifier = document_id(record.get("id"))
    try:
        units = _units(record, identifier)
        text, passages = _laid_out(units)
    except BadRecord:
        raise
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadRecord(
            f"the document is not as BioC describes it ({error!r})", identifier
        ) from error
    mentions, by_reference = _mentions(identifier, units, text, complain)
    relations = _relations(identifier, record, mentions, by_reference, complain)
    return Document(identifier, text, mentions, relations, passages, meta=_meta(record))


@dataclass(slots=True)
class _Unit:
    """A passage, or a sentence of one, with its offset in the file and its place in the text."""

    type: str
    offset: int
    text: str
    annotations: list[Mapping[str, Any]]
    passage: int
    start: int = 0


def _units(record: Mapping[str, Any], identifier: str) -> list[_Unit]:
    units: list[_Unit] = []
    for number, passage in enumerate(record["passages"]):
        infons = passage.get("infons") or {}
        kind = str(infons.get("section_type") or infons.get("type") or "passage").lower()
        parts = [passage] if passage.get("text") else passage.get("sentences") or [passage]
        for part in parts:
            annotations = list(part.get("annotations") or ())
            if part is parts[0] and part is not passage:
                annotations = list(passage.get("annotations") or ()) + annotations
            text = valid_text(part.get("text") or "", "text", identifier)
            units.append(_Unit(kind, int(part["offset"]), text, annotations, number))
    return units


def _laid_out(units: list[_Unit]) -> tuple[str, tuple[Passage, ...]]:
    """The text and its passages; sets where each unit starts."""
    text = ""
    after = 0
    spans: dict[int, Passage] = {}
    for unit in units:
        if unit.text:
            gap = unit.offset - after
            text += " " * (gap if 0 < gap <= _MAX_GAP else 1) if text else ""
            after = unit.offset + len(unit.text)
        unit.start = len(text)
        text += unit.text
        if unit.text:
            first = spans.get(unit.passage)
            spans[unit.passage] = Passage(
                unit.type, first.start if first else unit.start, len(text)
            )
    return text, tuple(spans.values())


def _mentions(
    identifier: str, units: list[_Unit], text: str, complain: Complain
) -> tuple[tuple[Mention, ...], dict[str, Mention]]:
    mentions: list[Mention] = []
    by_reference: dict[str, Mention] = {}
    for unit in units:
        for annotation in unit.annotations:
            try:
                mention = _mention(annotation, unit, units, text)
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                complain(
                    identifier, f"annotation {_name(annotation)} is left out ({_clause(error)})"
                )
                continue
            mentions.append(mention)
            by_reference[_name(annotation)] = mention
    return tuple(mentions), by_reference


def _mention(annotation: Mapping[str, Any], unit: _Unit, units: list[_Unit], text: str) -> Mention:
    infons = annotation.get("infons") or {}
    locations = [(int(place["offset"]), int(place["length"])) for place in annotation["locations"]]
    first, last = (
        min(offset for offset, _ in locations),
        max(offset + length for offset, length in locations),
    )
    start = _place(first, unit, units)
    end = start + last - first
    # A mention in several pieces spans all of them; its copy in the file is not that text.
    check_mention(
        text, start, end, annotation.get("text") or "" if len(locations) == 1 else text[start:end]
    )
    label = str(infons.get("type") or "")
    field = next((str(infons[name]) for name in _ID_INFONS if infons.get(name)), "")
    return Mention(start, end, label, concept_ids=concept_ids(field, label))


def _place(offset: int, unit: _Unit, units: list[_Unit]) -> int:
    """Where an offset of the file is in the text: counted from the sentence or passage that holds
    it.
    """
    own = [other for other in units if other.passage == unit.passage and other.offset <= offset]
    base = own[-1] if own else unit
    return offset - base.offset + base.start


def _relations(
    identifier: str,
    record: Mapping[str, Any],
    mentions: tuple[Mention, ...],
    by_reference: Mapping[str, Mention],
    complain: Complain,
) -> tuple[Relation, ...]:
    known = known_ids((mention.label, mention.concept_ids) for mention in mentions)
    relations: list[Relation] = []
    holders = [record, *record["passages"]]
    for relation in (item for holder in holders for item in holder.get("relations") or ()):
        try:
            relations.append(_relation(relation, known, by_reference))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            complain(identifier, f"relation {_name(relation)} is left out ({_clause(error)})")
    return tuple(relations)


def _relation(
    relation: Mapping[str, Any], known: Mapping[str, str], by_reference: Mapping[str, Mention]
) -> Relation:
    infons = relation.get("infons") or {}
    ends = next(
        ([infons[a], infons[b]] for a, b in _END_INFONS if infons.get(a) and infons.get(b)), None
    )
    if ends is not None:
        names = [_concept(end) for end in ends]
    else:
        names = [
            _first_id(by_reference, str(node["refid"])) for node in relation.get("nodes") or ()
        ]
    if len(names) != 2:
        raise ValueError(f"it has {len(names)} ends, not 2")
    head, tail = (known.get(name) or curie(name, "") for name in names)
    novel = _NOVEL.get(str(infons.get("novel", "")).lower())
    label = str(infons.get("type") or infons.get("relation") or "")
    return Relation(head, tail, label, float(infons.get("score") or 1.0), novel)


def _concept(end: Any) -> str:
    """The id in D003520, Chemical|MESH:D003520 or {"identifier": "MESH:D003520"}."""
    name = str(end["identifier"] if isinstance(end, Mapping) else end)
    return re.sub(r"\A[A-Z][A-Za-z]+\|", "", name).strip()


def _first_id(by_reference: Mapping[str, Mention], reference: str) -> str:
    mention = by_reference.get(reference)
    if mention is None or not mention.concept_ids:
        raise ValueError(f"its node {reference!r} is not an annotation with a concept id")
    return mention.concept_ids[0]


def _meta(record: Mapping[str, Any]) -> dict[str, str]:
    meta: dict[str, str] = {}
    for holder in (record, *record["passages"]):
        infons = holder.get("infons") or {}
        for field, name in _META.items():
            if infons.get(field):
                meta.setdefault(name, str(infons[field]))
    return meta


def _name(item: Any) -> str:
    return str(item.get("id", "")) if isinstance(item, Mapping) else ""


def _clause(error: Exception) -> str:
    return f"it has no {error}" if isinstance(error, KeyError) else str(error)


def _record(element: Element) -> dict[str, Any]:
    """A BioC XML document, passage or sentence in the shape of BioC JSON."""
    record: dict[str, Any] = {"infons": _infons(element)}
    for name in ("id", "offset", "text"):
        if (found := element.find(name)) is not None:
            record[name] = "".join(found.itertext())
    for name in ("passage", "sentence"):
        if element.tag == ("document" if name == "passage" else "passage"):
            record[f"{name}s"] = [_record(child) for child in element.iterfind(name)]
    record["annotations"] = [_annotation(child) for child in element.iterfind("annotation")]
    record["relations"] = [
        {
            "id": child.get("id", ""),
            "infons": _infons(child),
            "nodes": [dict(n.attrib) for n in child.iter("node")],
        }
        for child in element.iterfind("relation")
    ]
    return record


def _annotation(element: Element) -> dict[str, Any]:
    return {
        "id": element.get("id", ""),
        "infons": _infons(element),
        "text": "".join(text.text or "" for text in element.iterfind("text")),
        "locations": [dict(location.attrib) for location in element.iterfind("location")],
    }


def _infons(element: Element) -> dict[str, str]:
    return {infon.get("key", ""): (infon.text or "").strip() for infon in element.iterfind("infon")}
