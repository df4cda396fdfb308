"""Words for organisms: each word once, each with a taxon that its uses need."""

from collections import Counter
from typing import get_args

import pytest

from biopipe.language.species_words import SpeciesWordUse, species_words
from biopipe.language.tables import read_table

USES = get_args(SpeciesWordUse)


def test_each_word_stands_once_and_every_use_is_one_of_the_four() -> None:
    rows = read_table("biopipe.language", "species_words.tsv")
    assert max(Counter(word for word, *_ in rows).values()) == 1
    assert {use for *_, uses in rows for use in uses.split()} == set(USES)
    assert all(word == word.lower() for word, *_ in rows)


@pytest.mark.parametrize("use", ["mention", "document"])
def test_what_is_linked_or_counted_has_one_taxon(use: SpeciesWordUse) -> None:
    words = species_words(use)
    assert words["mice"].taxon == "NCBITaxon:10090"
    assert words["mice"].species == "Mus musculus"
    assert all(entry.taxon and entry.species for entry in words.values())


def test_uses_differ() -> None:
    assert "participants" in species_words("document")
    assert "participants" not in species_words("mention")
    assert "hamster" in species_words("cell-line")
