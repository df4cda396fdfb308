"""What a knowledge base holds: concepts, their names, and what kind of name each is."""

from dataclasses import dataclass

__all__ = ["INDEXED_KINDS", "KINDS", "Concept"]

# How a name relates to its concept, as OBO grades synonyms; the first is the preferred name.
KINDS = ("name", "exact", "related", "narrow", "broad")
# Narrow and broad synonyms name other concepts: kept to be read, never looked up.
INDEXED_KINDS = frozenset({"name", "exact", "related"})


@dataclass(frozen=True, slots=True)
class Concept:
    """One concept of a vocabulary; `id` is a CURIE such as `MESH:D003924`, `parents` are ids.

    `synonym_kinds` goes beside `synonyms` (all "exact" when empty). `replaced_by` marks a retired
    id: such a concept can be asked for by id but none of its names is looked up. `source` says
    which vocabulary it is from. `xrefs` are the ids that the same concept has in other
    vocabularies, or further ones in its own.
    """

    id: str
    name: str
    synonyms: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    definition: str = ""
    parents: tuple[str, ...] = ()
    replaced_by: str = ""
    synonym_kinds: tuple[str, ...] = ()
    source: str = ""
    xrefs: tuple[str, ...] = ()
