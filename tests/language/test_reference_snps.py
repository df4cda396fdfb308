"""Reference SNP numbers as texts and ids have them."""

import re

import pytest

from biopipe.language.reference_snps import CERTAIN_RS_NUMBER, RS_ID, RS_INSIDE, RS_MENTION


@pytest.mark.parametrize("surface", ["rs334", "RS 1799983", "(rs#1799983)"])
def test_mentions(surface: str) -> None:
    match = RS_MENTION.fullmatch(surface)
    assert match is not None
    assert match[1].isdigit()


def test_certain_numbers_are_long_and_have_no_leading_zero() -> None:
    texts = ["rs334", "rs33", "rs0334", "rs1799983"]
    assert [text for text in texts if re.fullmatch(CERTAIN_RS_NUMBER, text)] == [
        "rs334",
        "rs1799983",
    ]


def test_numbers_within_words() -> None:
    assert RS_INSIDE.findall("rs334 and the RS1799983-T allele, not ers12 or rs1") == [
        "334",
        "1799983",
    ]
    assert re.fullmatch(RS_ID, "rs7")
