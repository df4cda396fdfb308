"""Reference SNP numbers."""

import pytest

from biopipe.linking.variants import rs_number


@pytest.mark.parametrize("surface", ["rs1799983", "RS1799983", "rs 1799983", "(rs1799983)", "rs#1799983"])
def test_rs_numbers(surface: str) -> None:
    candidate = rs_number(surface)
    assert candidate is not None
    assert (candidate.concept_id, candidate.name) == ("dbSNP:rs1799983", "rs1799983")


@pytest.mark.parametrize("surface", ["rs", "rs1", "p.V600E", "rs12 and rs13", "ers1799983", "rs123456789012"])
def test_other_variants(surface: str) -> None:
    assert rs_number(surface) is None
