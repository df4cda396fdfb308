"""Abbreviated names of species."""

import pytest

from biopipe.kb.build.binomials import (
    abbreviated_binomial,
    with_abbreviated_binomials,
    with_abbreviated_species,
)
from biopipe.kb.schema import Concept


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Escherichia coli", "E. coli"),
        ("Escherichia coli K-12", ""),
        ("Severe acute", "S. acute"),
        ("HIV", ""),
        ("house mouse", ""),
    ],
)
def test_abbreviated(name: str, short: str) -> None:
    assert abbreviated_binomial(name) == short


def test_what_two_species_would_share_is_given_to_neither_unless_the_table_says_so() -> None:
    concepts = [
        Concept("T:1", "Escherichia coli"),
        Concept("T:2", "Entamoeba coli"),
        Concept("T:3", "Staphylococcus aureus", ("MRSA",)),
        Concept("T:4", "Caenorhabditis elegans", ("C. elegans", "worm")),
        Concept("T:5", "Cunninghamella elegans"),
    ]
    names = [concept.synonyms for concept in with_abbreviated_binomials(concepts)]
    assert names == [(), (), ("MRSA", "S. aureus"), ("C. elegans", "worm"), ()]


def test_a_name_of_before_is_abbreviated_too() -> None:
    concept = Concept("T:1", "Nakaseomyces glabratus", ("Candida glabrata",))
    (species,) = with_abbreviated_binomials([concept])
    assert species.synonyms == ("Candida glabrata", "N. glabratus", "C. glabrata")


def test_diseases_of_a_species_have_its_abbreviated_name() -> None:
    species = with_abbreviated_binomials(
        [Concept("T:1", "Helicobacter pylori"), Concept("T:2", "Candida albicans")]
    )
    diseases = [
        Concept("D:1", "helicobacter pylori infection", ("Helicobacter pylori",)),
        Concept("D:2", "candidiasis", ("Candida albicans stomatitis",), synonym_kinds=("related",)),
        Concept("D:3", "Clostridium difficile colitis"),
        Concept("D:4", "H. pylori infection", ("Helicobacter pylori infection",)),
    ]
    names = [(d.synonyms, d.synonym_kinds) for d in with_abbreviated_species(diseases, species)]
    assert names == [
        (("Helicobacter pylori", "H. pylori infection"), ()),
        (("Candida albicans stomatitis", "C. albicans stomatitis"), ("related", "exact")),
        ((), ()),
        (("Helicobacter pylori infection",), ()),
    ]
