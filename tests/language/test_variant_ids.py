"""Ids of variants with and without their gene."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.io.concept_ids import concept_ids, join_ids
from biopipe.language.variant_ids import (
    form_of_hgvs,
    hgvs_name,
    is_variant_form,
    variant_with_gene,
    variant_without_gene,
)

FORMS = ("p|SUB|L|858|R", "c|DEL|2235_2249|15", "p|FS|V|84||", "c|SUB|C||T", "p|SUB|G|12|C,D")


@pytest.mark.parametrize("form", [*FORMS, "|INS|118|A"])
def test_forms(form: str) -> None:
    assert is_variant_form(form)
    assert not is_variant_form(variant_with_gene(form, "NCBIGene:1956"))


@pytest.mark.parametrize("concept_id", ["dbSNP:rs121434568", "CYP2D6*4", "MESH:D008175", "a|b"])
def test_other_ids(concept_id: str) -> None:
    assert not is_variant_form(concept_id)
    assert variant_without_gene(concept_id) == concept_id


@given(
    st.sampled_from(FORMS),
    st.one_of(st.integers(1, 10**9).map("NCBIGene:{}".format), st.just("HGNC:3236")),
)
def test_a_gene_comes_back_and_is_kept_in_columns(form: str, gene: str) -> None:
    concept_id = variant_with_gene(form, gene)
    assert concept_id == f"{form};CorrespondingGene:{gene.removeprefix('NCBIGene:')}"
    assert variant_without_gene(concept_id) == form
    assert concept_ids(join_ids([concept_id], "Variant"), "Variant") == (concept_id,)
    both = (concept_id, "p|SUB|T|790|M")
    assert concept_ids(join_ids(both, "Variant"), "Variant") == both


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("p|SUB|V|600|E", "p.V600E"),
        ("p|SUB|R|553|X", "p.R553*"),
        ("p|SUB|G|12|C,D,V", "p.G12C/D/V"),
        ("c|SUB|G|35|A", "c.35G>A"),
        ("m|SUB|A|3243|G", "m.3243A>G"),
        ("c|SUB|A|IVS2-2|G", "c.IVS2-2A>G"),
        ("c|DEL|185|AG", "c.185delAG"),
        ("p|DEL|508|F", "p.F508del"),
        ("p|DEL|746_750|", "p.746_750del"),
        ("c|INS|217_218|C", "c.217_218insC"),
        ("c|DUP|681|A|", "c.681dupA"),
        ("p|INDEL|46_48|E", "p.46_48delinsE"),
        ("p|FS|R|97|P|23", "p.R97Pfs*23"),
        ("p|FS|R|58||", "p.R58fs"),
        ("c|Allele|G|-930", "c.-930G"),
        ("p|Allele|V|600", "p.V600"),
        ("c|DUP|52|CAG|41", "c.52CAG[41]"),
        ("c|INV|705_709|", "c.705_709inv"),
        ("p|SUB|M|1|?", "p.M1?"),
        ("c|SUB|G||A", None),
        ("c|SUB|A|CODON38|G", None),
        ("c|INS|EXON20|", None),
        ("x|Odd|1", None),
    ],
)
def test_names_as_hgvs_writes_them(form: str, name: str | None) -> None:
    assert hgvs_name(form) == name


@given(
    st.sampled_from("ACDEFGHIKLMNPQRSTVWY"),
    st.integers(1, 5000),
    st.sampled_from("ACDEFGHIKLMNPQRSTVWYX"),
)
def test_substitutions_come_back_from_their_names(before: str, place: int, after: str) -> None:
    form = f"p|SUB|{before}|{place}|{after}"
    assert form_of_hgvs(hgvs_name(form) or "") == form
