"""Concepts as rows of the tables of a knowledge base, and concepts with the same id as one."""

from collections.abc import Iterable
from dataclasses import replace

import pyarrow as pa

from biopipe.kb.schema import Concept

__all__ = [
    "CONCEPT_SCHEMA",
    "EDGE_SCHEMA",
    "NAME_SCHEMA",
    "ConceptRow",
    "concept_row",
    "has_fields",
    "merge_concepts",
    "names_by_kind",
]

_STRINGS = pa.list_(pa.string())
CONCEPT_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("name", pa.string()),
        ("types", _STRINGS),
        ("definition", pa.large_string()),
        ("parents", _STRINGS),
        ("replaced_by", pa.string()),
        ("xrefs", _STRINGS),
    ]
)
NAME_SCHEMA = pa.schema(
    [
        ("text", pa.large_string()),
        ("concept", pa.uint32()),
        ("source", pa.dictionary(pa.int16(), pa.string())),
        ("kind", pa.dictionary(pa.int8(), pa.string())),
    ]
)
EDGE_SCHEMA = pa.schema([("head", pa.string()), ("tail", pa.string()), ("relation", pa.string())])

ConceptRow = tuple[str, str, list[str], str, list[str], str, list[str]]


def concept_row(concept: Concept) -> ConceptRow:
    """The values of `CONCEPT_SCHEMA`, in its order."""
    return (
        concept.id,
        _storable(concept.name),
        [_storable(type_) for type_ in concept.types],
        _storable(concept.definition),
        list(concept.parents),
        concept.replaced_by,
        list(concept.xrefs),
    )


def names_by_kind(concept: Concept) -> dict[str, str]:
    """Every name and its kind, the preferred one first."""
    kinds = concept.synonym_kinds or ("exact",) * len(concept.synonyms)
    names = {_storable(text): kind for text, kind in zip(concept.synonyms, kinds, strict=True)}
    return {_storable(concept.name): "name"} | {
        text: kind for text, kind in names.items() if text != concept.name
    }


def has_fields(concept: Concept) -> bool:
    """Whether it says more than names, so that it must be merged with others of the same id."""
    more = concept.types or concept.definition or concept.parents or concept.xrefs
    return bool(more or concept.replaced_by)


def merge_concepts(concept: Concept, others: Iterable[Concept]) -> Concept:
    """One concept of several with the same id: the first value of each field, or all of a list."""
    concepts = [concept, *others]
    leading = next((other for other in concepts if not other.replaced_by), concept)
    return replace(
        leading,
        types=tuple(dict.fromkeys(type_ for other in concepts for type_ in other.types)),
        definition=next((other.definition for other in concepts if other.definition), ""),
        parents=tuple(dict.fromkeys(parent for other in concepts for parent in other.parents)),
        xrefs=tuple(dict.fromkeys(xref for other in concepts for xref in other.xrefs)),
    )


def _storable(text: str) -> str:
    # Arrow strings are UTF-8 and cannot hold lone surrogates.
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
