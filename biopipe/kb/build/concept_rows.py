"""Concepts as rows of the tables of a knowledge base, and concepts with the same id as one."""

from collections.abc import Iterable
from dataclasses import replace

from biopipe.kb.schema import Concept

__all__ = [
    "ConceptRow",
    "concept_row",
    "has_fields",
    "merge_concepts",
    "names_by_kind",
]

ConceptRow = tuple[str, str, list[str], str, list[str], str, list[str]]


def concept_row(concept: Concept) -> ConceptRow:
    """The values of the schema of concepts, in its order."""
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
    # A living concept before a retired one of the same id, whichever source came first.
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
