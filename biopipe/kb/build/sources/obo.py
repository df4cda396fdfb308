"""OBO 1.2 and 1.4 ontologies, read line by line.

A small reader of its own: pronto stops at the first line its strict grammar does not allow (DOID's
release of September 2016 has one), and it holds the whole ontology with networkx beside it.
"""

import re
import warnings
from collections.abc import Iterator
from pathlib import Path

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.curie import VOCABULARIES, normal_curie
from biopipe.kb.build.sources.lines import numbered_lines
from biopipe.kb.schema import Concept

__all__ = ["Stanza", "read", "read_licence", "read_version", "stanzas"]

Stanza = dict[str, list[str]]

_TAG = re.compile(r"([\w-]+):\s*(.*)")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(.*)')
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "t": "\t", "W": " "}
_COMMENT = re.compile(r"\s+!.*$")
_LICENCE = re.compile(
    r"(?:dcterms|terms|dct|dc|http://purl\.org/dc/terms)[-:/]licen[cs]e\s+(\S+)", re.IGNORECASE
)
_EQUIVALENT = "MONDO:equivalentTo"
# OBO 1.0 said the kind of a synonym by the tag.
_OLD_SYNONYMS = {
    "exact_synonym": "exact",
    "narrow_synonym": "narrow",
    "broad_synonym": "broad",
    "related_synonym": "related",
}
_SCOPES = ("EXACT", "RELATED", "NARROW", "BROAD")


def read(path: Path) -> Iterator[Concept]:
    """Terms with their synonyms by kind and their is_a parents; the namespace, else the default
    namespace of the header, is the type.

    Obsolete terms have no names to be looked up. Those that name a successor, and alternative ids,
    become concepts with `replaced_by`.
    """
    default = next((value for tag, value in _header(path) if tag == "default-namespace"), "")
    any_concept = has_old_tags = False
    for stanza in stanzas(path):
        any_concept = True
        has_old_tags = has_old_tags or not _OLD_SYNONYMS.keys().isdisjoint(stanza)
        # Before the stanza is read: the namespace is its type.
        if default:
            stanza.setdefault("namespace", [default])
        yield from _concepts(stanza)
    if not any_concept:
        raise KnowledgeBaseError(f"{path} holds no [Term]; give an ontology in OBO format.")
    if has_old_tags:
        warnings.warn(
            f"{path} has synonyms by tags of OBO 1.0 ({', '.join(_OLD_SYNONYMS)}); they are read as "
            "those of OBO 1.2.",
            stacklevel=2,
        )


def read_version(path: Path) -> str:
    """`data-version` of the header, or ""."""
    return next((value for tag, value in _header(path) if tag == "data-version"), "")


def read_licence(path: Path) -> str:
    """The licence that a property of the header names, or ""."""
    values = (_LICENCE.match(value) for tag, value in _header(path) if tag == "property_value")
    return next((licence[1].strip('"') for licence in values if licence), "")


def _header(path: Path) -> Iterator[tuple[str, str]]:
    for _, line in numbered_lines(path):
        if line.startswith("["):
            return
        if tag := _TAG.match(line):
            yield tag[1], tag[2].strip()


def stanzas(path: Path) -> Iterator[Stanza]:
    """Tags and values of each [Term], in the order of the file."""
    term: Stanza | None = None
    for _, line in numbered_lines(path):
        if line.startswith("["):
            if term:
                yield term
            # [Typedef] and [Instance] hold no concepts.
            term = {} if line.startswith("[Term]") else None
        elif term is not None and (tag := _TAG.match(line)):
            term.setdefault(tag[1], []).append(tag[2])
    if term:
        yield term


def _concepts(stanza: Stanza) -> Iterator[Concept]:
    id_, name = _first(stanza, "id"), _ESCAPE.sub(_unescape, _first(stanza, "name"))
    if not id_ or not name:
        return
    types = tuple(_plain(value) for value in stanza.get("namespace", []))
    if _first(stanza, "is_obsolete").startswith("true"):
        if successor := _first(stanza, "replaced_by"):
            yield Concept(id_, name, types=types, replaced_by=successor)
        return
    synonyms = dict(_synonyms(stanza))
    synonyms.pop(name, None)
    parents = tuple(_plain(value) for value in stanza.get("is_a", []))
    definition = _QUOTED.match(_first_value(stanza, "def"))
    yield Concept(
        id_,
        name,
        tuple(synonyms),
        types,
        _ESCAPE.sub(_unescape, definition[1]) if definition else "",
        parents,
        synonym_kinds=tuple(synonyms.values()),
        xrefs=_xrefs(stanza),
    )
    for alternative in stanza.get("alt_id", []):
        yield Concept(_plain(alternative), name, types=types, replaced_by=id_)


def _xrefs(stanza: Stanza) -> tuple[str, ...]:
    """Ids in other vocabularies of concepts; where the ontology marks those that mean the same, as
    Mondo does, these alone.
    """
    values = stanza.get("xref", [])
    equivalent = [value for value in values if _EQUIVALENT in value]
    ids = (normal_curie(_plain(value).partition(" ")[0]) for value in equivalent or values)
    return tuple(dict.fromkeys(id_ for id_ in ids if id_.partition(":")[0] in VOCABULARIES))


def _synonyms(stanza: Stanza) -> Iterator[tuple[str, str]]:
    """The synonyms and their kinds, those by tags of OBO 1.0 after the others."""
    for value in stanza.get("synonym", []):
        if synonym := _synonym(value):
            yield synonym
    for tag, kind in _OLD_SYNONYMS.items():
        for value in stanza.get(tag, []):
            if synonym := _synonym(value):
                yield synonym[0], kind


def _synonym(value: str) -> tuple[str, str] | None:
    quoted = _QUOTED.match(value)
    if quoted is None or not quoted[1].strip():
        return None
    # RELATED is what OBO takes a synonym for that says nothing.
    scope = next((scope for scope in _SCOPES if quoted[2].startswith(scope)), "RELATED")
    return _ESCAPE.sub(_unescape, quoted[1]).strip(), scope.lower()


def _first_value(stanza: Stanza, tag: str) -> str:
    return stanza.get(tag, [""])[0]


def _first(stanza: Stanza, tag: str) -> str:
    return _plain(_first_value(stanza, tag))


def _plain(value: str) -> str:
    """A value without its trailing comment and modifiers."""
    return _COMMENT.sub("", value).partition(" {")[0].strip()


def _unescape(match: re.Match[str]) -> str:
    return _ESCAPED.get(match[1], match[1])
