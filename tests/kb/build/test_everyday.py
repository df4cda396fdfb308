"""What everyday tables call a concept, others are not called."""

import re

from biopipe.kb.build.everyday import without_everyday_names
from biopipe.kb.schema import Concept

EVERYDAY = [Concept("NCBIGene:5743", "PTGS2", ("COX-2", "cyclooxygenase 2"), ("Gene",))]


def test_others_lose_the_names_and_their_kinds() -> None:
    other = Concept(
        "NCBIGene:5732",
        "PTGER2",
        ("EP2", "COX2", "cox-2 receptor"),
        ("Gene",),
        synonym_kinds=("exact", "related", "exact"),
    )
    (found,) = without_everyday_names([other], EVERYDAY)
    assert found.synonyms == ("EP2", "cox-2 receptor")
    assert found.synonym_kinds == ("exact", "exact")


def test_the_concept_itself_keeps_them_under_any_of_its_ids() -> None:
    own = Concept("NCBIGene:5743", "PTGS2", ("COX-2",), ("Gene",))
    joined = Concept("X:1", "other", ("COX-2",), ("Gene",), xrefs=("NCBIGene:5743",))
    assert list(without_everyday_names([own, joined], EVERYDAY)) == [own, joined]


def test_preferred_names_stay() -> None:
    called_so = Concept("X:2", "COX-2", ("alike",), ("Gene",))
    assert list(without_everyday_names([called_so], EVERYDAY)) == [called_so]


def test_only_names_of_a_form() -> None:
    everyday = [Concept("MESH:D054058", "Acute Coronary Syndrome", ("ACS", "heart attack"))]
    other = Concept("MESH:D000168", "Acrocephalosyndactylia", ("ACS", "heart attack"))
    (found,) = without_everyday_names([other], everyday, only=re.compile("[A-Z]+"))
    assert found.synonyms == ("heart attack",)
