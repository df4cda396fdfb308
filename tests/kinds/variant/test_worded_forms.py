"""Variants in words are found with their place, and no others."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biopipe.kinds.variant import worded_forms
from biopipe.kinds.variant.patterns import label_variant_forms
from biopipe.kinds.variant.words import normal_form


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("leucine to arginine substitution at codon 61", "p|SUB|L|61|R"),
        ("leucine-to-arginine change at amino acid position 61", "p|SUB|L|61|R"),
        ("Leu to Arg at position 61", "p|SUB|L|61|R"),
        ("arginine for leucine at residue 61", "p|SUB|L|61|R"),
        ("leucine (Leu) by arginine (Arg) at codon 61", "p|SUB|L|61|R"),
        ("leucine 61 to arginine", "p|SUB|L|61|R"),
        ("leucine-61-arginine", "p|SUB|L|61|R"),
        ("leucine 61 arginine", "p|SUB|L|61|R"),
        ("Leu/Arg at codon 61", "p|SUB|L|61|R"),
        ("leucine 61 by arginine", "p|SUB|L|61|R"),
        ("leucine at position 61 to arginine", "p|SUB|L|61|R"),
        ("Leu at residue 61 was replaced by Arg", "p|SUB|L|61|R"),
        ("codon 61 L/R", "p|SUB|L|61|R"),
        ("codon 61 Leu>Arg", "p|SUB|L|61|R"),
        ("T→G at position 182", "c|SUB|T|182|G"),
        ("T-->G at nt 182", "c|SUB|T|182|G"),
        ("codon 61 Leu/Arg", "p|SUB|L|61|R"),
        ("codon 61 (CTG to CGG)", "p|SUB|L|61|R"),
        ("Codon 61 Leu/Arg", "p|SUB|L|61|R"),
        ("codon 61, CTG>CGG", "p|SUB|L|61|R"),
        ("CTG to CGG transversion at codon 61", "p|SUB|L|61|R"),
        ("T to G at nucleotide 182", "c|SUB|T|182|G"),
        ("T-to-G transversion at nucleotide position 182", "c|SUB|T|182|G"),
        ("T>G substitution at position -182", "c|SUB|T|-182|G"),
        ("thymine to guanine transversion at base 182", "c|SUB|T|182|G"),
    ],
)
def test_the_whole_is_found_and_has_its_form(written: str, form: str) -> None:
    text = f"There was a {written} of the gene."
    assert [text[m.start : m.end] for m in label_variant_forms(text, [], source="t")] == [written]
    assert normal_form(written) == form


@pytest.mark.parametrize(
    "text",
    [
        "a G to A transition was common",
        "We gave glycine for alanine in 402 patients at 37 C.",
        "Vitamin A to C at 25 mg, hepatitis A to C in 1999.",
        "serine 55 and threonine 60 are phosphorylated; lysine 4 to lysine-9 methylation",
        "proline 12 to 14",
        "serine at position 12 to position 14, codon 5 I/II, codon 12 A",
    ],
)
def test_words_without_a_change_are_none(text: str) -> None:
    assert label_variant_forms(text, [], source="t") == []


WORDS = "position residue nucleotide acid base pair number nt at the ine mate tate codon"
PIECES = st.sampled_from([*WORDS.split(), *"s-+(,.1", " ", " ", " ", "23", "alan"])


@settings(max_examples=300)
@given(st.lists(PIECES, max_size=16).map("".join))
def test_hints_are_found_where_a_search_of_all_finds_them(text: str) -> None:
    found = [hint.span() for hint in worded_forms._hints(text)]
    assert found == [hint.span() for hint in worded_forms._HINT.finditer(text)]
