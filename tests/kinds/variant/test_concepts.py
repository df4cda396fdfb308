"""Reference SNP numbers, normal forms, and what a document joins."""

import pytest

from biopipe.document import Document, Mention
from biopipe.kinds.context import DocumentContext
from biopipe.kinds.variant.concepts import rs_number, variant_concept


@pytest.mark.parametrize(
    "surface", ["rs1799983", "RS1799983", "rs 1799983", "(rs1799983)", "rs#1799983"]
)
def test_rs_numbers(surface: str) -> None:
    candidate = rs_number(surface)
    assert candidate is not None
    assert (candidate.concept_id, candidate.name) == ("dbSNP:rs1799983", "rs1799983")


@pytest.mark.parametrize(
    "surface", ["rs", "rs1", "p.V600E", "rs12 and rs13", "ers1799983", "rs123456789012"]
)
def test_other_variants(surface: str) -> None:
    assert rs_number(surface) is None


def concept_ids(text: str, *surfaces: str) -> list[str | None]:
    """What each surface is in `text`, all of them being mentions in the order of the text."""
    mentions, place = [], 0
    for surface in surfaces:
        place = text.index(surface, place)
        mentions.append(Mention(place, place + len(surface), "Variant"))
        place += len(surface)
    context = DocumentContext(Document("1", text, mentions=tuple(mentions)))
    concepts = [variant_concept(surface, context) for surface in surfaces]
    return [concept.concept_id if concept else None for concept in concepts]


def test_a_form_without_a_number_is_its_own_concept() -> None:
    assert concept_ids("BRAF V600E", "V600E") == ["p|SUB|V|600|E"]
    assert concept_ids("no such mutant", "mutant") == [None]


def test_a_number_beside_a_form_holds_for_the_same_place_elsewhere() -> None:
    text = "The -1021T allele (rs1611115) and T704C; carriers of -1021C/T (rs1611115) and A30P"
    assert concept_ids(text, "-1021T", "rs1611115", "T704C", "-1021C/T") == [
        "dbSNP:rs1611115",
        "dbSNP:rs1611115",
        "c|SUB|T|704|C",
        "dbSNP:rs1611115",
    ]


def test_numbers_in_a_list_join_nothing() -> None:
    text = "We typed rs1695, R47W, rs4539 and Q126R."
    assert concept_ids(text, "rs1695", "R47W", "rs4539", "Q126R")[1] == "p|SUB|R|47|W"


def test_a_document_of_one_variant_has_one_number() -> None:
    text = "The SNP rs763780 (7488T/C), which causes a H161R change; 7488CC carriers"
    assert concept_ids(text, "rs763780", "7488T/C", "H161R", "7488CC") == ["dbSNP:rs763780"] * 4


def test_two_readings_of_letters_are_told_apart_by_the_document() -> None:
    assert concept_ids("A30P and A53T of SNCA", "A53T") == ["p|SUB|A|53|T"]
    assert concept_ids("R47W, that is C139T", "C139T") == ["c|SUB|C|139|T"]
    assert concept_ids("M235T and A1166C", "A1166C") == ["c|SUB|A|1166|C"]
    assert concept_ids("the polymorphism C677T", "C677T") == ["c|SUB|C|677|T"]
