"""Diseases of Mondo with their exact synonyms, from the package cellxgene-ontology-guide."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from biopipe.document.labels import DISEASE
from biopipe.kb.build.sources.cellxgene import read_terms
from biopipe.kb.schema import Concept

__all__ = ["read"]

_ANIMAL_DISEASE = "MONDO:0005583"
_CHARACTERISTIC = "MONDO:0021125"
_MARK = " (disease)"


def read(path: Path) -> Iterator[Concept]:
    """Human diseases, susceptibilities and injuries, then ids that were retired for one of them.

    Diseases of animals, most of which repeat the name of the human disease for one species each,
    and characteristics such as "chronic" are left out.
    """
    terms = read_terms(path)
    left_out = {_ANIMAL_DISEASE, _CHARACTERISTIC}
    living = {
        id_
        for id_, term in terms.items()
        if not term["deprecated"] and left_out.isdisjoint({id_, *term["ancestors"]})
    }
    for id_, term in terms.items():
        if id_ in living:
            yield _concept(id_, term, living)
    for id_, term in terms.items():
        successor = term.get("replaced_by", "")
        if term["deprecated"] and successor in living:
            yield Concept(id_, terms[successor]["label"], replaced_by=successor, source="MONDO")


def _concept(id_: str, term: Mapping[str, Any], living: set[str]) -> Concept:
    label = term["label"].strip()
    # The mark is Mondo's own; no text has it.
    names = dict.fromkeys(name.strip().removesuffix(_MARK) for name in term.get("synonyms", ()))
    names.pop(label, None)
    parents = (
        ancestor
        for ancestor, distance in term["ancestors"].items()
        if distance == 1 and ancestor in living
    )
    return Concept(
        id_,
        label,
        tuple(name for name in names if name),
        (DISEASE,),
        term.get("description", ""),
        tuple(parents),
        source="MONDO",
    )
