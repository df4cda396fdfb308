"""Reference SNP numbers of dbSNP as texts and annotation files write them."""

import re

__all__ = ["CERTAIN_RS_NUMBER", "RS_ID", "RS_INSIDE", "RS_MENTION"]

# A whole mention: "rs1799983", "(rs#1799983)", "RS 1799983"; the digits are group 1.
RS_MENTION = re.compile(r"\W*rs\s?#?(\d{2,11})\W*", re.IGNORECASE)
# A number within other words: "the rs334 variant"; the digits are group 1.
RS_INSIDE = re.compile(r"\brs(\d{2,11})\b", re.IGNORECASE)
# What is a variant wherever a text has it: no leading zero, and more digits than RS-25 or rs12 (a
# ribosomal protein) have.
CERTAIN_RS_NUMBER = r"rs[1-9]\d{2,}"
# An id in a column of ids, of any length.
RS_ID = r"rs\d+"
