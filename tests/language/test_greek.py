"""Greek letters: the table is Unicode's, and the tables made from it agree with it."""

import unicodedata

from biopipe.language.greek import DISTINCT_GREEK_NAMES, GENE_SYMBOL_LETTERS, GREEK_NAMES


def test_every_letter_has_its_unicode_name() -> None:
    assert len(GREEK_NAMES) == 24
    for letter, name in GREEK_NAMES.items():
        # Unicode writes LAMDA.
        unicode_name = unicodedata.name(letter).removeprefix("GREEK SMALL LETTER ")
        assert unicode_name == name.upper().replace("LAMBDA", "LAMDA")


def test_other_tables_name_the_same_letters() -> None:
    assert set(GENE_SYMBOL_LETTERS) <= set(GREEK_NAMES.values())
    assert set(DISTINCT_GREEK_NAMES) <= set(GREEK_NAMES.values())
    assert len(set(GENE_SYMBOL_LETTERS.values())) == len(GENE_SYMBOL_LETTERS)


def test_no_name_begins_another() -> None:
    names = list(GREEK_NAMES.values())
    assert not [(a, b) for a in names for b in names if a != b and b.startswith(a)], (
        "patterns list the names in any order"
    )
