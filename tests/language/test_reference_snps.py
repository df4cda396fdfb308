"""Reference SNP numbers as texts and ids have them."""

import re

import pytest

from biopipe.language.reference_snps import (
    CERTAIN_RS_NUMBER,
    RS_ID,
    RS_INSIDE,
    SPELLED_RS_NUMBER,
    written_rs_number,
)


@pytest.mark.parametrize(
    "surface",
    [
        "rs1799983",
        "RS 1799983",
        "(rs#1799983)",
        "rs-1799983",
        "rs: 1799983",
        "dbSNP:rs1799983",
        "dbSNP rs1799983",
        "refSNP 1799983",
        "rs1,799,983",
        "rs1799983G>T",
        "rs1799983G/T",
    ],
)
def test_whole_mentions(surface: str) -> None:
    assert written_rs_number(surface) == "rs1799983"


@pytest.mark.parametrize("surface", ["rs", "rs1", "ers1799983", "rs12 and rs13", "dbSNP"])
def test_what_is_no_number(surface: str) -> None:
    assert written_rs_number(surface) is None


def test_other_spellings_are_certain_where_they_are_long() -> None:
    texts = ["RS1799983", "rs 1799983", "rs#1,799,983", "RS-25", "rs 123", "rs1,799"]
    assert [re.fullmatch(SPELLED_RS_NUMBER, text) is not None for text in texts] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]


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
