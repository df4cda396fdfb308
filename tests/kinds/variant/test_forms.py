"""Variants as people write them, to one normal form."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biopipe.kinds.variant.words import normal_form

FORMS = {
    "p|SUB|V|600|E": [
        "V600E",
        "p.V600E",
        "p.Val600Glu",
        "p.(Val600Glu)",
        "Val600Glu",
        "Val 600 Glu",
        "V 600 E",
        "Val(600)-->Glu",
        "valine-600-glutamic acid",
        "valine to glutamate at codon 600",
        "substitution of glutamate for valine at position 600",
        "p. V600E",
        "600Val/Glu",
    ],
    "p|SUB|R|34|X": ["p.R34X", "R34*", "Arg34Ter", "p.Arg34Stop", "arginine 34 to stop", "R34-TGA"],
    "p|SUB|V|23|A": ["GTT-->GCT transition at codon 23"],
    "c|SUB|G|35|A": [
        "c.35G>A",
        "35G>A",
        "c.35 G-->A",
        "c.35G→A",
        "c.G35A",
        "G35A",
        "35G/A",
        "G to A at nucleotide position 35",
        "G-to-A substitution at nucleotide 35",
    ],
    "c|SUB|A|123|G": ["A to G at position 123", "adenine to guanine transition at nucleotide 123"],
    "c|SUB|G|-3170|A": ["-3170G>A", "−3170 G>A", "G-3170A", "-3,170G>A"],
    "c|SUB|G|IVS3+1|A": ["IVS3+1G>A", "IVS3 + 1G->A", "IVSIII+1G>A"],
    "c|SUB|G|855+1|C": ["c.855+1G>C", "c.855 +1G>C", "855 + 1G > C"],
    "c|SUB|G||A": ["G/A", "G>A", "G-to-A", "G to A"],
    "c|SUB|A|CODON38|G": ["A was replaced by a G in codon 38"],
    "g|SUB|T|1270533|G": ["T1270533G", "g.1270533T>G"],
    "c|DEL|35|G": ["35delG", "c.35delG", "35 del G", "del35G", "deletion of G at nucleotide 35"],
    "c|DEL|2238_2239|AG": ["2238-9del AG", "2238-2239delAG", "c.2238_2239delAG"],
    "c|DEL|1181_1186+20|26": ["c.1181_1186+20del26"],
    "c|DEL|1483-1|G": ["c.1483-1delG"],
    "c|DEL||32": ["Delta32", "Δ32", "32-bp deletion", "deletion of 32 base pairs", "DD32"],
    "c|DEL||2.5M": ["deletion of 2.5 Mb"],
    "p|DEL|508|F": ["F508del", "p.Phe508del", "ΔF508", "delF508"],
    "p|DEL|204_247|": ["p.G204_K247del"],
    "c|INS|217_218|C": ["217_218insC", "c.217-218insC", "c.217_218insC"],
    "c|INS||9": ["nine nucleotide insertion", "9-bp insertion"],
    "p|INS||18": ["insertion of 18 amino acids"],
    "c|DUP|681|A|": ["c.681dupA", "681dupA"],
    "c|DUP||24|": ["dup24bp", "24-bp duplication"],
    "c|DUP||CAG|": ["CAG repeat"],
    "c|DUP||CCTTT|14": ["(CCTTT)14"],
    "c|INDEL||6": ["ins/del 6 bp", "6-bp insertion/deletion"],
    "p|INDEL|46_48|E": ["p.Asp46_Gln48delinsGlu"],
    "p|FS|R|58||": ["R58fs", "p.Arg58fs", "p.R58fs"],
    "p|FS|G|204|V|28": [
        "p.G204VfsX28",
        "p.Gly204ValfsX28",
        "p.Gly204Valfs*28",
        "p.Gly204ValfsTer28",
    ],
    "c|Allele|G|-930": ["-930G", "-930 G", "G allele at -930"],
    "p|Allele|I|326": ["326Ile", "Ile326", "p.Ile326", "isoleucine at residue 326"],
}


@pytest.mark.parametrize(
    ("surface", "form"), [(each, form) for form, surfaces in FORMS.items() for each in surfaces]
)
def test_normal_forms(surface: str, form: str) -> None:
    assert normal_form(surface) == form


@pytest.mark.parametrize(
    "surface", ["", "BRCA1", "mutation", "polymorphism of the gene", "wild type", "the", "p."]
)
def test_other_text_has_no_form(surface: str) -> None:
    assert normal_form(surface) is None


@pytest.mark.parametrize(
    ("one", "other"), [("V600E", "V600K"), ("35delG", "35insG"), ("IVS3+1G>A", "IVS3-1G>A")]
)
def test_different_variants_stay_apart(one: str, other: str) -> None:
    assert normal_form(one) != normal_form(other)


PIECES = st.sampled_from(
    [
        "p.",
        "c.",
        "V",
        "Val",
        "600",
        "35",
        "-1",
        "+2",
        "del",
        "ins",
        "dup",
        "fs",
        "G",
        "A",
        ">",
        "/",
        "(",
        ")",
        " ",
        "IVS3",
        "_",
        "to",
        "at codon ",
        "bp",
        "deletion",
        "X",
        "Δ",
        "|",
        "valine",
    ]
)


@settings(max_examples=300)
@given(st.lists(PIECES, max_size=8).map("".join))
def test_any_text_gives_a_form_with_its_fields_or_none(surface: str) -> None:
    form = normal_form(surface)
    if form is not None:
        kind, type_, *fields = form.split("|")
        assert kind in {"c", "g", "m", "n", "p", "r"}
        assert type_ in {"SUB", "DEL", "INS", "DUP", "INDEL", "FS", "Allele"}
        assert any(fields)
