"""Star and HLA alleles: a gene and its allele."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.document import Document, Mention
from biopipe.kinds.context import DocumentContext
from biopipe.kinds.variant.alleles import (
    allele_name,
    is_bare_allele,
    split_alleles,
    written_allele,
)
from biopipe.kinds.variant.concepts import variant_concept


def _parts(text: str, *mentions: Mention) -> list[tuple[str, str]]:
    split = split_alleles(text, mentions, source="t")
    return [(text[m.start : m.end], m.label) for m in split]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("CYP2B6*6 carriers", [("CYP2B6", "Gene"), ("*6", "Variant")]),
        ("CYP2C9 *3", [("CYP2C9", "Gene"), ("*3", "Variant")]),
        ("UGT2B15*2.", [("UGT2B15", "Gene"), ("*2", "Variant")]),
        ("HLA-DQB1*06:02", [("HLA-DQB1", "Gene"), ("*06:02", "Variant")]),
        ("HLA-B*5801", [("HLA-B", "Gene"), ("*5801", "Variant")]),
        (
            "CYP2D6*4/*41 and *5",
            [("CYP2D6", "Gene"), ("*4", "Variant"), ("*41", "Variant"), ("*5", "Variant")],
        ),
        ("HLA-Cw*0602", [("HLA-Cw", "Gene"), ("*0602", "Variant")]),
        ("Cw*0602 in psoriasis", [("Cw*0602", "Variant")]),
        ("C*06:02 in psoriasis", [("C*06:02", "Variant")]),
        ("A*3301 in psoriasis", [("A*3301", "Variant")]),
        ("DQA1*0501", [("DQA1*0501", "Variant")]),
        ("NAT2*6A/*7B", [("NAT2", "Gene"), ("*6A", "Variant"), ("*7B", "Variant")]),
        ("CYP2D6*2xN", [("CYP2D6", "Gene"), ("*2xN", "Variant")]),
        ("a p*2 test, A*2, x = B*3", []),
        ("ABCB7*3 without a tagger", []),
        ("CYP2C9*3:4:5:6x", []),
    ],
)
def test_forms_that_are_certain(text: str, parts: list[tuple[str, str]]) -> None:
    assert _parts(text) == parts


def test_other_symbols_are_those_that_were_taken_for_genes() -> None:
    text = "NUDT15*3 and *5 alleles of SLCO1B1 *15"
    genes = (Mention(0, 8, "Gene", 0.5), Mention(27, 34, "Gene", 0.97))
    assert _parts(text, *genes) == [
        ("NUDT15", "Gene"),
        ("*3", "Variant"),
        ("*5", "Variant"),
        ("SLCO1B1", "Gene"),
        ("*15", "Variant"),
    ]
    assert [m.score for m in split_alleles(text, genes, source="t")] == [0.9, 0.9, 0.9, 0.97, 0.9]


def test_longer_mentions_of_other_kinds_stay_whole() -> None:
    text = "HLA-B*15:02-induced injury"
    assert _parts(text, Mention(0, 26, "Disease")) == [(text, "Disease")]
    assert _parts(text, Mention(0, 11, "Gene")) == [("HLA-B", "Gene"), ("*15:02", "Variant")]


@pytest.mark.parametrize(
    ("gene", "allele", "name"),
    [
        ("CYP2B6", "*6", "CYP2B6*6"),
        ("cyp2b6", "*6", "CYP2B6*6"),
        ("HLA-B", "*5801", "HLA-B*58:01"),
        ("HLA-B", "*58:01", "HLA-B*58:01"),
        ("DRB1", "*04:01", "HLA-DRB1*04:01"),
        ("DRB1", "*0301", "HLA-DRB1*03:01"),
        ("B", "*2705", "HLA-B*27:05"),
        ("TPMT", "*3A", "TPMT*3A"),
        ("HLA-CW", "*0602", "HLA-C*06:02"),
    ],
)
def test_names(gene: str, allele: str, name: str) -> None:
    assert allele_name(gene, allele) == name
    assert written_allele(f"{gene.upper()}{allele}") == name


def test_an_allele_writes_its_concept() -> None:
    context = DocumentContext(Document("1", "DRB1*04:01"))
    concept = variant_concept("DRB1*04:01", context)
    assert concept is not None
    assert concept.concept_id == "HLA-DRB1*04:01"
    former = variant_concept("Cw*1203", context)
    assert former is not None
    assert former.concept_id == "HLA-C*12:03"
    assert is_bare_allele("*17")
    assert not is_bare_allele("c.*17C>T")


@given(
    st.lists(
        st.sampled_from(["CYP2D6", "HLA-B", "*4", "*57:01", "/", " ", ", ", "g-1", " and ", "("]),
        max_size=12,
    )
)
def test_mentions_stay_in_order_and_apart(parts: list[str]) -> None:
    text = "".join(parts)
    starts = [sum(map(len, parts[:n])) for n in range(len(parts))]
    genes = [
        Mention(s, s + len(p), "Gene") for s, p in zip(starts, parts, strict=True) if p == "g-1"
    ]
    split = split_alleles(text, genes, source="t")
    assert all(one.end <= other.start for one, other in itertools.pairwise(split))
    assert {text[m.start : m.end] for m in genes} <= {text[m.start : m.end] for m in split}
