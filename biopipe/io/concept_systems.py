"""The code systems of concept ids in the standards of hospitals: FHIR and OMOP."""

from functools import cache
from typing import NamedTuple

from biopipe.language.tables import read_table

__all__ = ["ConceptSystem", "concept_system", "omop_vocabularies"]

_ELSEWHERE = "http://identifiers.org/{}"


class ConceptSystem(NamedTuple):
    """The URI of a code system in FHIR, and the vocabulary_id in OMOP, "" for none."""

    uri: str
    vocabulary: str


@cache
def _systems() -> dict[str, ConceptSystem]:
    rows = read_table("biopipe.io", "concept_systems.tsv")
    return {prefix: ConceptSystem(uri, vocabulary) for prefix, uri, vocabulary in rows}


def concept_system(concept_id: str) -> tuple[ConceptSystem, str]:
    """The system of a concept id and the code in it; a prefix that the table does not list is
    looked for at identifiers.org.

        >>> concept_system("MESH:D003924")[1]
        'D003924'
    """
    prefix, _, code = concept_id.partition(":")
    system = _systems().get(prefix) or ConceptSystem(_ELSEWHERE.format(prefix.lower()), "")
    return system, code


def omop_vocabularies() -> frozenset[str]:
    """The vocabularies of OMOP that concept ids can be of."""
    return frozenset(system.vocabulary for system in _systems().values() if system.vocabulary)
