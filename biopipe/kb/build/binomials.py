"""Abbreviated names of species: "E. coli" beside "Escherichia coli"."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from biopipe.kb.schema import Concept

__all__ = ["abbreviated_binomial", "with_abbreviated_binomials"]

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


def _short_names(concept: Concept) -> list[str]:
    names = (abbreviated_binomial(name) for name in (concept.name, *concept.synonyms))
    return list(dict.fromkeys(name for name in names if name))
