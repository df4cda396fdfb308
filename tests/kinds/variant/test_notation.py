"""Whether the letters of a change are bases or amino acids."""

import pytest

from biopipe.document import Document
from biopipe.kinds.context import DocumentContext
from biopipe.kinds.variant.words import normal_form


def _kind(document: Document, change: str) -> str:
    form = normal_form(change, residue_changes=DocumentContext(document).residue_changes)
    assert form is not None
    return form[0]


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("{G HRAS} {V G12A} tumours", "G12A"),
        ("{G RHOA} {V G17C} in lymphoma", "G17C"),
        ("Cells with the {V A96G} mutant grew", "A96G"),
        ("residue {V T286A} of the kinase", "T286A"),
        ("an inhibitor of {V C481G}", "C481G"),
        ("the {V T41A} substitution of an amino acid", "T41A"),
        ("{V T41A} beside {V S45F} was found", "T41A"),
        ("{V T41A} beside Ser45Phe was found", "T41A"),
        ("{V G13C} alleles of tumours; {G KRAS} {V G13C} mutant cells", "G13C"),
    ],
)
def test_amino_acids(marked, text: str, change: str) -> None:
    assert _kind(marked(text), change) == "p"


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("the {V G174C} promoter polymorphism of {G IL6}", "G174C"),
        ("{G IL6} {V G174C} genotypes", "G174C"),
        ("an intronic SNP, {V A1298G}", "A1298G"),
        ("a {V C139T} transition in {G PAX9}", "C139T"),
        ("{G MTHFR} {V C677T} and stroke", "C677T"),
        ("{V A3243G} mutations of the {G MT-TL1} gene", "A3243G"),
        ("{V C22T} alone", "C22T"),
        # the base behind an amino acid: (391 + 2) // 3 = 131
        ("{V G391A}, that is {V V131I}", "G391A"),
        ("{V E6V} lies far from {V T704C}", "T704C"),
    ],
)
def test_bases(marked, text: str, change: str) -> None:
    assert _kind(marked(text), change) == "c"


def test_words_of_another_sentence_say_nothing(marked) -> None:
    assert _kind(marked("{V T41A} was rare. The mutant protein grew."), "T41A") == "c"


@pytest.mark.parametrize("change", ["c.41A>T", "p.T41A", "A41", "K41A", ""])
def test_what_has_one_reading_keeps_it(change: str) -> None:
    assert normal_form(change, residue_changes=["T41A"]) == normal_form(change)
