"""Ontologies as obograph JSON, or as a plain JSON list of terms (id, name, synonyms); plain or .gz.

Read piece by piece: the release of a large ontology in this form takes gigabytes when it is held
whole.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.curie import normal_curie
from biopipe.kb.build.sources.json_stream import JsonStream
from biopipe.kb.schema import Concept

__all__ = ["read", "read_licence", "read_version"]

_KINDS = {
    "hasExactSynonym": "exact",
    "hasRelatedSynonym": "related",
    "hasNarrowSynonym": "narrow",
    "hasBroadSynonym": "broad",
}
_IS_A = frozenset({"is_a", "subClassOf", "http://www.w3.org/2000/01/rdf-schema#subClassOf"})
_REPLACED_BY = ("IAO_0100001", "IAO:0100001", "replaced_by")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_ALTERNATIVE = "hasAlternativeId"
_NAMESPACE = "hasOBONamespace"
# ORDO keeps its retired diseases below this class and gives them no other mark.
_OBSOLETE_CLASS = "ORDO/ObsoleteClass"


def read(path: Path) -> Iterator[Concept]:
    """Classes with their synonyms by kind and their is_a parents; the OBO namespace is the type.

    Deprecated classes have no names to be looked up: those that name a successor, and alternative
    ids, become concepts with `replaced_by`. Graphs of imported ontologies, which stand after the
    ontology's own, are passed over. The file is read twice, the first time for the is_a edges.
    """
    with JsonStream(path) as stream:
        kind = stream.kind()
    if kind not in ("{", "["):
        raise KnowledgeBaseError(f"{path} is not JSON; give an obograph file (.json or .json.gz).")
    yield from _listed(path) if kind == "[" else _graphs(path)


def read_version(path: Path) -> str:
    """The release by its day or number, else the address of the version; "" where no graph states
    one.
    """
    return next((version for meta in _metas(path) if (version := _version(meta))), "")


def read_licence(path: Path) -> str:
    """The licence that a graph names, or ""."""
    return next((licence for meta in _metas(path) if (licence := _property(meta, "license"))), "")


def _metas(path: Path) -> Iterator[Mapping[str, Any]]:
    """What each graph says of itself."""
    with JsonStream(path) as stream:
        if stream.kind() != "{":
            return
        for key in stream.members():
            if key != "graphs" or stream.kind() != "[":
                stream.skip()
                continue
            for _ in stream.items():
                for member in stream.members():
                    if member == "meta":
                        yield stream.value() or {}
                    else:
                        stream.skip()


def _version(meta: Mapping[str, Any]) -> str:
    address = str(meta.get("version") or "")
    day = _DAY.search(address)
    return day[0] if day else _property(meta, "versionInfo") or address


def _property(meta: Mapping[str, Any], name: str) -> str:
    properties = meta.get("basicPropertyValues") or ()
    return next(
        (str(property_["val"]) for property_ in properties if property_["pred"].endswith(name)), ""
    )


def _graphs(path: Path) -> Iterator[Concept]:
    parents: dict[str, list[str]] = defaultdict(list)
    for _, edge in _elements(path, "edges"):
        if (
            isinstance(edge, dict)
            and edge.get("pred") in _IS_A
            and edge.get("sub")
            and edge.get("obj")
        ):
            parents[edge["sub"]].append(edge["obj"])
    own: int | None = None
    for graph, node in _elements(path, "nodes"):
        if not isinstance(node, dict):
            raise KnowledgeBaseError(
                f"{path} has the node {str(node)[:50]!r}, which is no object; give an obograph "
                "file."
            )
        # The first graph with classes is the ontology's own.
        if own not in (None, graph):
            return
        if node.get("type", "CLASS") == "CLASS":
            own = graph
            yield from _concepts(node, parents)
    if own is None:
        raise KnowledgeBaseError(
            f"{path} holds no 'graphs' with 'nodes' of type CLASS; give an obograph file."
        )


def _elements(path: Path, wanted: str) -> Iterator[tuple[int, Any]]:
    """(number of the graph, element) of the array `wanted` of every graph."""
    with JsonStream(path) as stream:
        for key in stream.members():
            if key != "graphs" or stream.kind() != "[":
                stream.skip()
                continue
            for graph in stream.items():
                for member in stream.members():
                    if member != wanted or stream.kind() != "[":
                        stream.skip()
                        continue
                    for _ in stream.items():
                        yield graph, stream.value()


def _concepts(node: Mapping[str, Any], parents: Mapping[str, list[str]]) -> Iterator[Concept]:
    id_, name, meta = (
        normal_curie(node.get("id") or ""),
        (node.get("lbl") or "").strip(),
        node.get("meta") or {},
    )
    if not id_ or not name:
        return
    properties: dict[str, list[str]] = defaultdict(list)
    for property_ in meta.get("basicPropertyValues") or ():
        # Releases write properties as addresses or short: the last part is the same.
        properties[property_["pred"].rpartition("/")[2].rpartition("#")[2]].append(property_["val"])
    types = tuple(properties[_NAMESPACE])
    above = parents.get(node["id"], [])
    if meta.get("deprecated") or any(parent.endswith(_OBSOLETE_CLASS) for parent in above):
        if successor := next((value for key in _REPLACED_BY for value in properties[key]), ""):
            yield Concept(id_, name, types=types, replaced_by=normal_curie(successor))
        return
    yield _concept(id_, name, meta, types, above)
    for alternative in properties[_ALTERNATIVE]:
        yield Concept(normal_curie(alternative), name, types=types, replaced_by=id_)


def _concept(
    id_: str, name: str, meta: Mapping[str, Any], types: tuple[str, ...], above: list[str]
) -> Concept:
    kinds: dict[str, str] = {}
    for synonym in meta.get("synonyms") or ():
        if text := (synonym.get("val") or "").strip():
            kinds.setdefault(text, _KINDS.get(synonym.get("pred", ""), "related"))
    kinds.pop(name, None)
    parents = dict.fromkeys(curie for parent in above if (curie := normal_curie(parent)))
    definition = (meta.get("definition") or {}).get("val") or ""
    return Concept(
        id_,
        name,
        tuple(kinds),
        types,
        definition,
        tuple(parents),
        synonym_kinds=tuple(kinds.values()),
    )


def _listed(path: Path) -> Iterator[Concept]:
    with JsonStream(path) as stream:
        for number in stream.items():
            term = stream.value()
            if not isinstance(term, dict) or not all(
                isinstance(term.get(key), str) for key in ("id", "name")
            ):
                raise KnowledgeBaseError(
                    f"{path}, element {number + 1}, is no object with 'id' and 'name'; give an "
                    "obograph "
                    "file or a list of terms."
                )
            id_, name = normal_curie(term["id"]), term["name"].strip()
            synonyms = dict.fromkeys(term.get("synonyms") or ())
            synonyms.pop(name, None)
            types = (term["namespace"],) if term.get("namespace") else ()
            if id_ and name:
                yield Concept(id_, name, tuple(synonyms), types)
