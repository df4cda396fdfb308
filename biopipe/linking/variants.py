"""Variants that carry their own concept id."""

import re

from biopipe.types import Candidate

__all__ = ["rs_number"]

_RS_NUMBER = re.compile(r"\W*(rs)\s?#?(\d{2,11})\W*", re.IGNORECASE)


def rs_number(surface: str) -> Candidate | None:
    """The dbSNP concept of a reference SNP number such as "rs1799983"."""
    match = _RS_NUMBER.fullmatch(surface)
    return Candidate(f"dbSNP:rs{match[2]}", f"rs{match[2]}", 0.99) if match else None
