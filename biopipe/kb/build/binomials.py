"""Abbreviated names of species: "E. coli" beside "Escherichia coli", and in the names of diseases."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from biopipe.kb.schema import Concept

__all__ = ["abbreviated_binomial", "with_abbreviated_binomials", "with_abbreviated_species"]

_BINOMIAL = re.compile(r"([A-Z])[a-z]+ ([a-z][a-z-]{2,})")


def abbreviated_binomial(name: str) -> str:
    """The name with its genus as an initial, "E. coli"; "" for what is no genus with one epithet."""
    parts = _BINOMIAL.fullmatch(name)
    return f"{parts[1]}. {parts[2]}" if parts else ""


def with_abbreviated_binomials(concepts: Iterable[Concept]) -> Iterator[Concept]:
    """Species with their abbreviated names, where no other species has the same one.

    A table that gives an abbreviated name to one species itself, for it is by far the commonest,
    decides for that one.
    """
    # Gone through twice: whose a short name is shows only when all have been seen.
    concepts = list(concepts)
    given = {name for concept in concepts for name in concept.synonyms}
    owners: dict[str, set[str]] = defaultdict(set)
    for concept in concepts:
        for short in _short_names(concept):
            owners[short].add(concept.id)
    for concept in concepts:
        short_names = [
            short
            for short in _short_names(concept)
            if short not in given and owners[short] == {concept.id}
        ]
        yield replace(concept, synonyms=(*concept.synonyms, *short_names))


def with_abbreviated_species(
    concepts: Iterable[Concept], species: Iterable[Concept]
) -> Iterator[Concept]:
    """Diseases with names that abbreviate the species they begin with: "H. pylori infection". The
    species have the abbreviated name, so it is theirs alone.
    """
    known = {name for concept in species for name in (concept.name, *concept.synonyms)}
    for concept in concepts:
        names = (concept.name, *concept.synonyms)
        shortened = filter(None, (_with_short_species(name, known) for name in names))
        new = [name for name in dict.fromkeys(shortened) if name not in names]
        yield replace(
            concept,
            synonyms=(*concept.synonyms, *new),
            synonym_kinds=(*concept.synonym_kinds, *("exact" for _ in new))
            if concept.synonym_kinds
            else (),
        )


def _with_short_species(name: str, known: Collection[str]) -> str:
    """The name with its species abbreviated, "" where it begins with none."""
    begins = _BINOMIAL.match(name[:1].upper() + name[1:])
    short = abbreviated_binomial(begins[0]) if begins else ""
    if begins is None or short not in known or begins[0] not in known or begins.end() == len(name):
        return ""
    return short + name[begins.end() :]


def _short_names(concept: Concept) -> list[str]:
    names = (abbreviated_binomial(name) for name in (concept.name, *concept.synonyms))
    return list(dict.fromkeys(name for name in names if name))
