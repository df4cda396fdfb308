"""What a document says beside its mentions."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biopipe.document import Document, Mention
from biopipe.kinds.context import DocumentContext


def test_species_by_how_often_they_are_named() -> None:
    context = DocumentContext(Document("1", "Mice were like a mouse. Human cells in Xenopus."))
    assert context.species == ("NCBITaxon:10090", "NCBITaxon:9606", "NCBITaxon:8355")


def test_codons_are_of_changes_that_no_base_change_looks_like() -> None:
    assert DocumentContext(Document("1", "V600E and A30P, but A53T, C677T and exon 11")).codons == (
        30,
        600,
    )


def test_species_before_a_word() -> None:
    context = DocumentContext(Document("1", "Mouse Apoe, human LPL, rat LPL, murine Apoe; bovine"))
    assert context.species_before == {"Apoe": "NCBITaxon:10090"}


def test_changes_in_letters_of_bases_that_are_of_residues() -> None:
    context = DocumentContext(Document("1", "The G12A mutant. The C677T polymorphism"))
    assert context.residue_changes == {"G12A"}


def test_a_number_beside_a_variant() -> None:
    text = "MTHFR C677T (rs1801133)"
    mentions = (Mention(6, 11, "Variant"), Mention(13, 22, "Variant"))
    assert DocumentContext(Document("1", text, mentions=mentions)).rs_numbers == {
        "c|SUB|C|677|T": "rs1801133"
    }


def test_binomials_are_written_out() -> None:
    context = DocumentContext(Document("1", "E. coli is Escherichia coli, as S. aureus is not."))
    assert context.binomials == {
        "E. coli": "Escherichia coli",
        "Escherichia coli": "Escherichia coli",
    }


@settings(max_examples=100)
@given(st.text(alphabet="Eschri. colitav5G>A(),", max_size=60))
def test_any_text_has_a_context(text: str) -> None:
    context = DocumentContext(Document("1", text))
    assert all(short and full for short, full in context.binomials.items())


@pytest.mark.parametrize(
    "text",
    [
        '"E. coli " * 40_000',
        '"Escherichia coli (" * 20_000',
        '"a" * 300_000',
        '"Aa " * 100_000',
        '"A1A " * 80_000',
        '"C12T G>A (rs123, " * 15_000',
        '"mouse Apoe " * 30_000',
    ],
)
def test_work_grows_with_the_text_alone(text: str, run_limited: Callable[[str], None]) -> None:
    run_limited(
        "from biopipe.document import Document\n"
        "from biopipe.kinds.context import DocumentContext\n"
        f"context = DocumentContext(Document('1', {text}))\n"
        "context.species, context.binomials, context.codons, context.rs_numbers\n"
        "context.species_before, context.residue_changes"
    )


def test_organisms_in_the_names_of_homologous_genes_are_not_studied() -> None:
    name = (
        "The SET3, homolog (Saccharomyces cerevisiae) and its ortholog of Drosophila melanogaster"
    )
    assert DocumentContext(Document("1", f"{name}.")).taxa_of_binomials == ()
    studied = f"{name} in Saccharomyces cerevisiae."
    assert DocumentContext(Document("1", studied)).taxa_of_binomials == ("NCBITaxon:4932",)
