"""BioC, as XML and as JSON: passages with annotations, relations over annotations or concept ids.

BioC counts offsets from the start of the document and may leave gaps. The text is rebuilt with a
space where passages do not follow each other closely, and every annotation is placed by its
distance from its passage.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from biopipe.document import Document
from biopipe.io.codecs.bioc_annotations import read_mentions, read_relations
from biopipe.io.codecs.bioc_text import infons_of, items_of, lay_out_text, read_text_units
from biopipe.io.pieces import FilePiece
from biopipe.io.records import checked_id
from biopipe.io.rows import OnError, OnPartError, build_documents
from biopipe.io.streams import open_binary
from biopipe.io.xml_records import xml_records

__all__ = ["bioc_documents", "document_from_bioc", "is_bioc_document", "read"]

_META_INFONS = {
    "date": "date",
    "year": "date",
    "journal": "journal",
    "doi": "doi",
    "article-id_doi": "doi",
    "article-id_pmc": "pmc",
    "article-id_pmid": "pmid",
}


def read(
    path: Path, *, on_error: OnError | None = None, piece: FilePiece | None = None
) -> Iterator[Document]:
    """Documents of a BioC XML collection (also gzip), one after the other."""

    def build(element: Element, on_part_error: OnPartError) -> Document:
        return document_from_bioc(_mapping(element), on_part_error)

    with open_binary(path) as stream:
        # One document at a time: collections of PMC have gigabytes.
        elements = xml_records(stream, frozenset({"document"}))
        nothing = "the file holds no BioC document"
        yield from build_documents(
            str(path), elements, build, on_error, nothing=nothing, piece=piece
        )


def bioc_documents(data: Any) -> list[Any] | None:
    """The documents of a BioC JSON collection, None when it is not one."""
    if not isinstance(data, Mapping):
        return None
    for name in ("documents", "PubTator3"):
        if isinstance(data.get(name), list):
            return list(data[name])
    return [data] if is_bioc_document(data) else None


def is_bioc_document(record: Any) -> bool:
    """Whether a JSON value is a BioC document rather than a record with a text."""
    if (
        not isinstance(record, Mapping)
        # A record of a user's own may have "passages" too; BioC keeps its text in them alone.
        or "text" in record
        or not isinstance(record.get("passages"), list)
    ):
        return False
    passages = record["passages"]
    return not passages or any(
        isinstance(passage, Mapping) and "offset" in passage for passage in passages
    )


def document_from_bioc(record: Mapping[str, Any], on_part_error: OnPartError) -> Document:
    """The Document of one BioC JSON document; what of it is not as BioC describes it is left out."""
    identifier = checked_id(record.get("id"))
    units = read_text_units(record, identifier, on_part_error)
    text, passages = lay_out_text(units)
    mentions, by_reference = read_mentions(identifier, units, text, on_part_error)
    relations = read_relations(identifier, record, mentions, by_reference, on_part_error)
    return Document(identifier, text, mentions, relations, passages, meta=_meta(record))


def _meta(record: Mapping[str, Any]) -> dict[str, str]:
    meta: dict[str, str] = {}
    for holder in (record, *items_of(record, "passages")):
        infons = infons_of(holder)
        for infon, name in _META_INFONS.items():
            value = infons.get(infon)
            if value and isinstance(value, str | int) and not isinstance(value, bool):
                # The first holder counts: infons of the document come before those of its passages.
                meta.setdefault(name, str(value))
    return meta


def _mapping(element: Element) -> dict[str, Any]:
    """A BioC XML document, passage or sentence in the shape of BioC JSON."""
    mapping: dict[str, Any] = {"infons": _infons(element)}
    for name in ("id", "offset", "text"):
        if (child := element.find(name)) is not None:
            mapping[name] = "".join(child.itertext())
    for name in ("passage", "sentence"):
        if element.tag == ("document" if name == "passage" else "passage"):
            mapping[f"{name}s"] = [_mapping(child) for child in element.iterfind(name)]
    mapping["annotations"] = [_annotation(child) for child in element.iterfind("annotation")]
    mapping["relations"] = [
        {
            "id": child.get("id", ""),
            "infons": _infons(child),
            "nodes": [dict(node.attrib) for node in child.iter("node")],
        }
        for child in element.iterfind("relation")
    ]
    return mapping


def _annotation(element: Element) -> dict[str, Any]:
    return {
        "id": element.get("id", ""),
        "infons": _infons(element),
        "text": "".join(text.text or "" for text in element.iterfind("text")),
        "locations": [dict(location.attrib) for location in element.iterfind("location")],
    }


def _infons(element: Element) -> dict[str, str]:
    return {infon.get("key", ""): (infon.text or "").strip() for infon in element.iterfind("infon")}
