"""Catalogue numbers are no variants."""

import pytest

from biopipe.document import Mention
from biopipe.kinds.variant.catalogue import is_catalogue_number, names_reagent, without_reagents
from biopipe.kinds.variant.patterns import label_variant_forms

NUMBERS = [
    "Goat serum (Sigma-Aldrich, {})",
    "goat serum (Sigma {})",
    "NEB end repair module ({}) and (NEB, {})",
    "(#{}; New England Biolabs)",
    "a kit (Agilent Technologies, Santa Clara, CA, {})",
    "Agilent (Santa Clara, CA) {}",
    "cat. no. {}, catalogue number {}",
    "plates {} and {}",
    "Merck (cat# {})",
    "Promega A2345C, {}",
    "part number {}",
    "(serial no. {})",
    "batch {} in room {}",
]
VARIANTS = [
    "BRAF {} melanoma",
    "the kit oncogene KIT {} was cloned",
    "cells from Sigma were used. {} was found",
    "the {} mutation",
    "the cobas test (Roche cobas BRAF {})",
    "the Roche {} Mutation Test",
    "made with a kit (Agilent) {} mutant",
    "the part of {} carriers",
    "the mouse model {}",
]


@pytest.mark.parametrize("frame", NUMBERS)
@pytest.mark.parametrize("code", ["T1503A", "M314L", "E6040S"])
def test_numbers_of_catalogues(frame: str, code: str) -> None:
    text = frame.replace("{}", code)
    assert label_variant_forms(text, [], source="t") == []


@pytest.mark.parametrize("frame", VARIANTS)
@pytest.mark.parametrize("code", ["T1503A", "M314L", "E604S"])
def test_variants_stay_variants(frame: str, code: str) -> None:
    text = frame.replace("{}", code)
    assert [text[m.start : m.end] for m in label_variant_forms(text, [], source="t")] == [code]


def test_what_certainly_is_a_variant_needs_no_look_around() -> None:
    text = "Sigma p.Val600Glu and kit rs9939609"
    assert len(label_variant_forms(text, [], source="t")) == 2


@pytest.mark.parametrize(
    ("text", "surface", "reagent"),
    [
        ("(Sigma T1503A)", "Sigma T1503A", True),
        ("(Abcam, ab12345)", "Abcam", True),
        ("(Abcam, ab12345)", "ab12345", True),
        ("kit A1048S", "kit A1048S", True),
        ("BRCA1 antibodies", "BRCA1", False),
        ("the sigma factor", "sigma", False),
        ("KIT and CD4", "KIT", False),
        ("CD4 T cells", "CD4", False),
    ],
)
def test_names_of_reagents(text: str, surface: str, reagent: bool) -> None:
    start = text.index(surface)
    assert names_reagent(text, start, start + len(surface)) is reagent


@pytest.mark.parametrize(
    ("surface", "label", "stays"),
    [
        ("GSE98765", "Gene", False),
        ("NCT09876543", "Gene", False),
        ("PRJNA12345", "CellLine", False),
        ("GRCh38", "Gene", False),
        ("hg19", "Gene", False),
        ("BY4742", "Variant", False),
        ("S288C", "Variant", False),
        ("S288C", "CellLine", True),
        ("GSE1", "Gene", True),
        ("HG2", "Gene", True),
        ("PMC1", "Gene", True),
    ],
)
def test_records_builds_and_strains(surface: str, label: str, stays: bool) -> None:
    text = f"see {surface}, too"
    mentions = [Mention(4, 4 + len(surface), label, 0.9)]
    assert without_reagents(text, mentions) == (mentions if stays else [])


def test_a_mention_beside_a_supplier_is_read_as_its_text() -> None:
    text = "(Sigma T1503A)"
    assert is_catalogue_number(text, 7, 13)
    mentions = [Mention(7, 13, "Variant", score=0.5)]
    assert label_variant_forms(text, mentions, source="t") == mentions
