"""Species by the names that texts use."""

import pytest

from biopipe.document import Document
from biopipe.kinds.context import DocumentContext
from biopipe.kinds.kind import names_to_look_up
from biopipe.kinds.species.kind import SPECIES_KIND
from biopipe.kinds.species.names import binomials_in_text, everyday_species

TEXT = (
    "Escherichia coli and Staphylococcus epidermidis grew; E. coli K-12 and S. aureus did not. "
    "The brown trout (Salmo trutta L.) was fed. Bacillus subtilis strain YB955 and Apis mellifera "
    "(honey bee) died."
)
CONTEXT = DocumentContext(Document("1", TEXT))


def names(surface: str) -> tuple[str, ...]:
    return names_to_look_up(SPECIES_KIND, surface, binomials_in_text(surface, CONTEXT))


@pytest.mark.parametrize(
    ("surface", "name"),
    [
        ("E. coli", "Escherichia coli"),
        ("E.coli", "Escherichia coli"),
        ("S. aureus", "Staphylococcus aureus"),
        ("E. coli K-12", "Escherichia coli K-12"),
        ("E. coli K-12", "Escherichia coli"),
        ("Bacillus subtilis 168", "Bacillus subtilis"),
        ("YB955", "Bacillus subtilis"),
        ("brown trout", "Salmo trutta"),
        ("trout", "Salmo trutta"),
        ("honey bees", "Apis mellifera"),
        ("C57BL/6 mice", "mice"),
        ("Sprague-Dawley rats", "rats"),
        ("BALB/c", "mouse"),
        ("Wistar", "rat"),
        ("older women", "Homo sapiens"),
        ("breast cancer patients", "human"),
        ("ovine", "sheep"),
        ("influenza A (H1N1) virus", "Influenza A virus"),
        ("SIVmac239", "SIV"),
        ("dengue", "dengue virus"),
    ],
)
def test_names(surface: str, name: str) -> None:
    assert name in names(surface)


@pytest.mark.parametrize(
    ("surface", "concept_id"),
    [
        ("mice", "NCBITaxon:10090"),
        ("Mouse", "NCBITaxon:10090"),
        ("patients", "NCBITaxon:9606"),
        ("women", "NCBITaxon:9606"),
        ("rats", "NCBITaxon:10116"),
        ("guinea pigs", "NCBITaxon:10141"),
        ("Drosophila", "NCBITaxon:7227"),
    ],
)
def test_everyday_words(surface: str, concept_id: str) -> None:
    concept = everyday_species(surface, CONTEXT)
    assert concept is not None
    assert concept.concept_id == concept_id


@pytest.mark.parametrize("surface", ["Newman", "rat cytomegalovirus", "Escherichia coli", ""])
def test_other_names_are_not_taken_for_people_or_animals(surface: str) -> None:
    assert everyday_species(surface, CONTEXT) is None
    assert {"human", "rat"}.isdisjoint(names(surface))


def test_a_genus_that_the_text_does_not_have_stays_abbreviated() -> None:
    assert "B. cereus" not in CONTEXT.binomials
    assert names("B.cereus")[0] == "B. cereus"
