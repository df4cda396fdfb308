"""Reference SNP numbers of dbSNP as texts and annotation files write them."""

import re

__all__ = ["CERTAIN_RS_NUMBER", "RS_ID", "RS_INSIDE", "SPELLED_RS_NUMBER", "written_rs_number"]

_DIGITS = r"(?:\d{2,11}|\d{1,3}(?:,\d{3}){1,3})"
# A whole mention: "rs1799983", "(rs#1799983)", "RS 1799983", "dbSNP: rs-1799983", "rs2664369T>G";
# the digits are group 1.
_RS_MENTION = re.compile(
    rf"\W*(?:dbSNP\W{{0,2}})?(?:rs|refSNP)[\s:#-]{{0,2}}({_DIGITS})(?:[ACGT][>/][ACGT])?\W*",
    re.IGNORECASE,
)
# A number within other words: "the rs334 variant"; the digits are group 1.
RS_INSIDE = re.compile(r"\brs(\d{2,11})(?!\d)", re.IGNORECASE)
# What is a variant wherever a text has it: no leading zero, and more digits than RS-25 or rs12 (a
# ribosomal protein) have.
CERTAIN_RS_NUMBER = r"rs[1-9]\d{2,}(?:[ACGT][>/][ACGT])?"
# Other spellings, of so many digits that no other code reads so, or behind the sign of a number:
# "RS1799983", "rs#334", "rs 1,799,983", "refSNP 1799983".
SPELLED_RS_NUMBER = (
    r"(?:rs|RS|Rs|refSNP)(?:(?:[ :#-]|: )?(?:[1-9]\d{4,}|[1-9]\d{0,2}(?:,\d{3}){2,3})|#[1-9]\d{2,3})"
    r"(?:[ACGT][>/][ACGT])?"
)
# An id in a column of ids, of any length.
RS_ID = r"rs\d+"


def written_rs_number(surface: str) -> str | None:
    """The number that a whole mention is, as "rs1799983"; None for other text."""
    match = _RS_MENTION.fullmatch(surface)
    return None if match is None else f"rs{match[1].replace(',', '')}"
