"""MeSH: descriptors and supplementary records in NLM's XML, or a table
`id<TAB>name<TAB>synonym|synonym`.
"""

import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, cast
from xml.etree.ElementTree import Element, ParseError, iterparse

from biopipe.document.labels import CHEMICAL, DISEASE, SPECIES
from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.lines import numbered_lines
from biopipe.kb.schema import Concept

__all__ = ["read", "read_version"]

# The type of a descriptor by the longest of these that its tree numbers begin with.
_TREES = {
    "A": "Anatomy",
    "B": SPECIES,
    "C": DISEASE,
    "D": CHEMICAL,
    "E": "Procedure",
    "F": "Behavior",
    "F03": DISEASE,
    "G": "Phenomenon",
    "H": "Discipline",
    "I": "Social Phenomenon",
    "J": "Product",
    "K": "Humanities",
    "L": "Information",
    "M": "Group",
    "N": "Health Care",
    "V": "Publication Type",
    "Z": "Place",
}
_CLASSES = {
    "1": CHEMICAL,
    "2": "Procedure",
    "3": DISEASE,
    "4": SPECIES,
    "5": "Group",
    "6": "Anatomy",
}
_ID = re.compile(r"[CD]\d{6,}\Z")
_DESCRIPTOR, _SUPPLEMENT = "DescriptorRecord", "SupplementalRecord"


def read(path: Path) -> Iterator[Concept]:
    """Records of desc2024.xml or supp2024.xml (.gz too), or lines of the table, which knows no
    types.

    Entry terms of a record's preferred concept are exact, those of its narrower and other concepts
    related. Types and parents of a descriptor come from its tree numbers, for which the file is
    read once before; the parents of a supplementary record are the descriptors it is mapped to.
    """
    if not _is_xml(path):
        yield from _table(path)
        return
    trees = _trees(path)
    any_concept = False
    for record in _records(path):
        any_concept = True
        yield (
            _supplement(record, path)
            if record.tag == _SUPPLEMENT
            else _descriptor(record, trees, path)
        )
    if not any_concept:
        raise KnowledgeBaseError(
            f"{path} holds no {_DESCRIPTOR} and no {_SUPPLEMENT}; give MeSH's desc or supp XML."
        )


def read_version(path: Path) -> str:
    """The year in the name of NLM's file, such as 2024, or ""."""
    year = re.match(r"(?:desc|supp)(\d{4})", path.name)
    return year[1] if year else ""


def _table(path: Path) -> Iterator[Concept]:
    for number, line in numbered_lines(path):
        fields = line.split("\t")
        if line.strip():
            if len(fields) < 2 or not _ID.match(fields[0]) or not fields[1].strip():
                raise KnowledgeBaseError(
                    f"{path}, line {number}, is not 'id<TAB>name<TAB>synonym|synonym' with a MeSH "
                    "id such as D003924."
                )
            name, synonyms = fields[1].strip(), fields[2].split("|") if len(fields) > 2 else []
            others = dict.fromkeys(
                synonym.strip() for synonym in synonyms if synonym.strip() not in ("", name)
            )
            yield Concept(f"MESH:{fields[0]}", name, tuple(others), source="MeSH")


def _descriptor(record: Element, trees: dict[str, str], path: Path) -> Concept:
    id_, numbers = _id(record, "DescriptorUI", path), _texts(record, "TreeNumberList/TreeNumber")
    above = dict.fromkeys(trees.get(number.rpartition(".")[0], "") for number in numbers)
    types = dict.fromkeys(_TREES.get(number[:3], _TREES.get(number[:1], "")) for number in numbers)
    return _concept(
        record,
        id_,
        [type_ for type_ in types if type_],
        [f"MESH:{descriptor}" for descriptor in above if descriptor],
        path,
    )


def _supplement(record: Element, path: Path) -> Concept:
    mapped = _texts(record, "HeadingMappedToList/HeadingMappedTo/DescriptorReferredTo/DescriptorUI")
    # NLM puts an asterisk before some of these, which is no part of the id.
    parents = dict.fromkeys(f"MESH:{descriptor.lstrip('*')}" for descriptor in mapped)
    type_ = _CLASSES.get(record.get("SCRClass", ""), "")
    return _concept(
        record,
        _id(record, "SupplementalRecordUI", path),
        [type_] if type_ else [],
        list(parents),
        path,
    )


def _concept(
    record: Element, id_: str, types: list[str], parents: list[str], path: Path
) -> Concept:
    name = _text(record, f"{record.tag.removesuffix('Record')}Name/String") or _text(
        record, "SupplementalRecordName/String"
    )
    if not name:
        raise KnowledgeBaseError(
            f"{path} has the record {id_} without a name; the file is damaged."
        )
    kinds: dict[str, str] = {}
    definition = ""
    concepts = record.findall("ConceptList/Concept")
    # The preferred concept first, so that a term of two concepts is exact.
    for concept in sorted(concepts, key=lambda element: element.get("PreferredConceptYN") != "Y"):
        preferred = concept.get("PreferredConceptYN") == "Y"
        definition = definition or (_text(concept, "ScopeNote") if preferred else "")
        for term in _texts(concept, "TermList/Term/String"):
            kinds.setdefault(term, "exact" if preferred else "related")
    kinds.pop(name, None)
    return Concept(
        f"MESH:{id_}",
        name,
        tuple(kinds),
        tuple(types),
        definition or _text(record, "Note"),
        tuple(parents),
        synonym_kinds=tuple(kinds.values()),
        source="MeSH",
    )


def _trees(path: Path) -> dict[str, str]:
    """Descriptor id by tree number."""
    return {
        number: _id(record, "DescriptorUI", path)
        for record in _records(path)
        if record.tag == _DESCRIPTOR
        for number in _texts(record, "TreeNumberList/TreeNumber")
    }


def _records(path: Path) -> Iterator[Element]:
    """One record after the other; each is emptied when the next is asked for."""
    try:
        with _open(path) as file:
            root: Element | None = None
            for event, element in iterparse(file, events=("start", "end")):
                root = element if root is None else root
                if event == "end" and element.tag in (_DESCRIPTOR, _SUPPLEMENT):
                    yield element
                    # Or the records that were read would stay below the root: the file has
                    # gigabytes of them.
                    root.clear()
    except ParseError as error:
        raise KnowledgeBaseError(
            f"{path} is damaged or cut off ({error}); get the file again."
        ) from error
    except (OSError, EOFError, zlib.error) as error:
        raise KnowledgeBaseError(
            f"Cannot read {path} ({error}); check that the file is there and whole."
        ) from error


def _is_xml(path: Path) -> bool:
    try:
        with _open(path) as file:
            return file.read(200).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    except (OSError, EOFError, zlib.error) as error:
        raise KnowledgeBaseError(
            f"Cannot read {path} ({error}); check that the file is there and whole."
        ) from error


def _open(path: Path) -> IO[bytes]:
    opened = cast("Callable[..., IO[bytes]]", gzip.open if path.suffix == ".gz" else open)
    return opened(path, "rb")


def _id(record: Element, tag: str, path: Path) -> str:
    id_ = _text(record, tag)
    if not _ID.match(id_):
        raise KnowledgeBaseError(
            f"{path} has a {record.tag} with the {tag} '{id_}'; it should be like D003924."
        )
    return id_


def _text(element: Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


def _texts(element: Element, path: str) -> list[str]:
    return [text for child in element.findall(path) if (text := (child.text or "").strip())]
