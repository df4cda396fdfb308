"""Amino acids by all their names, and the genetic code."""

from itertools import product

import pytest

from biopipe.language.residues import (
    AMINO_ACIDS,
    RESIDUES,
    RESIDUES_AND_STOP,
    RESIDUES_NOT_BASES,
    THREE_LETTER_CODES,
    amino_acid,
    nucleotides,
    translate,
)


def test_the_alphabets_are_those_of_the_genetic_code() -> None:
    translated = {translate("".join(codon)) for codon in product("ACGT", repeat=3)}
    assert translated == set(RESIDUES_AND_STOP)
    assert len(RESIDUES) == 20
    assert set(RESIDUES) - set(RESIDUES_NOT_BASES) == set("ACGT")
    assert {AMINO_ACIDS[code.lower()] for code in THREE_LETTER_CODES} == set(RESIDUES_AND_STOP)


@pytest.mark.parametrize(
    ("name", "letter"),
    [
        ("Val", "V"),
        ("glutamate", "E"),
        ("Aspartic acid", "D"),
        ("selenocysteine", "U"),
        ("stop codon", "X"),
        ("*", "X"),
        ("W", "W"),
        ("B", ""),
        ("valin", ""),
    ],
)
def test_one_letter_codes(name: str, letter: str) -> None:
    assert amino_acid(name) == letter


@pytest.mark.parametrize(
    ("codon", "residue"), [("ATG", "M"), ("aug", "M"), ("TAA", "X"), ("AT", ""), ("AXG", "")]
)
def test_codons(codon: str, residue: str) -> None:
    assert translate(codon) == residue


def test_nucleotides() -> None:
    assert (nucleotides("Guanine"), nucleotides("acg")) == ("G", "ACG")
