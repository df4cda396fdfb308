"""Variants that carry their own concept id."""

import re

from biopipe.linking.facts import Facts
from biopipe.types import Candidate

__all__ = ["VariantStrategy", "rs_number"]

_RS_NUMBER = re.compile(r"\W*(rs)\s?#?(\d{2,11})\W*", re.IGNORECASE)


class VariantStrategy:
    """Reads the variant itself; no knowledge base is needed."""

    def names(self, surface: str, facts: Facts) -> tuple[str, ...]:
        return ()

    def concept(self, surface: str, facts: Facts) -> Candidate | None:
        return rs_number(surface)

    def types(self, facts: Facts) -> tuple[str, ...] | None:
        return None


def rs_number(surface: str) -> Candidate | None:
    """The dbSNP concept of a reference SNP number such as "rs1799983"."""
    match = _RS_NUMBER.fullmatch(surface)
    return Candidate(f"dbSNP:rs{match[2]}", f"rs{match[2]}", 0.99) if match else None
