"""Variants: reference SNP numbers, and one normal form for all ways to write a change."""

import re

from biopipe.document import Candidate
from biopipe.kinds.context import DocumentContext
from biopipe.kinds.variant.rs_numbers import place_of
from biopipe.kinds.variant.words import normal_form

__all__ = ["VariantStrategy", "rs_number"]

_RS_NUMBER = re.compile(r"\W*(rs)\s?#?(\d{2,11})\W*", re.IGNORECASE)
_RS_INSIDE = re.compile(r"\brs(\d{2,11})\b", re.IGNORECASE)
# Shares of BioRED's and tmVar's training variants that come out as their annotators wrote them.
_NUMBER, _JOINED, _FORM = 0.99, 0.9, 0.85


class VariantStrategy:
    """Reads the variant itself; no knowledge base is needed."""

    def names(self, surface: str, facts: DocumentContext) -> tuple[str, ...]:
        return ()

    def concept(self, surface: str, facts: DocumentContext) -> Candidate | None:
        """The dbSNP number in the mention or beside the same variant in the text, else its normal
        form as the id.
        """
        if found := rs_number(surface):
            return found
        inside = set(_RS_INSIDE.findall(surface))
        if len(inside) == 1:
            return _snp(inside.pop(), _JOINED)
        form = normal_form(surface, codons=facts.codons)
        if not form:
            return None
        number = dict(facts.rs_numbers).get(place_of(form))
        return _snp(number.removeprefix("rs"), _JOINED) if number else Candidate(form, form, _FORM)

    def types(self, facts: DocumentContext) -> tuple[str, ...] | None:
        return None


def rs_number(surface: str) -> Candidate | None:
    """The dbSNP concept of a reference SNP number such as "rs1799983"."""
    match = _RS_NUMBER.fullmatch(surface)
    return _snp(match[2], _NUMBER) if match else None


def _snp(digits: str, score: float) -> Candidate:
    return Candidate(f"dbSNP:rs{digits}", f"rs{digits}", score)
