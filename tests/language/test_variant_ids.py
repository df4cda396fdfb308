"""Ids of variants with and without their gene."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.io.concept_ids import concept_ids, join_ids
from biopipe.language.variant_ids import (
    is_variant_form,
    variant_gene,
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
    assert variant_gene(concept_id) is None
    assert variant_without_gene(concept_id) == concept_id


@given(
    st.sampled_from(FORMS),
    st.one_of(st.integers(1, 10**9).map("NCBIGene:{}".format), st.just("HGNC:3236")),
)
def test_a_gene_comes_back_and_is_kept_in_columns(form: str, gene: str) -> None:
    concept_id = variant_with_gene(form, gene)
    assert (variant_without_gene(concept_id), variant_gene(concept_id)) == (form, gene)
    assert concept_ids(join_ids([concept_id], "Variant"), "Variant") == (concept_id,)
    both = (concept_id, "p|SUB|T|790|M")
    assert concept_ids(join_ids(both, "Variant"), "Variant") == both
