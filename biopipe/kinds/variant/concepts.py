"""Variants: reference SNP numbers, alleles by name, and one normal form for all ways to write a
change.
"""

from biopipe.document import Candidate
from biopipe.kinds.context import DocumentContext
from biopipe.kinds.variant.alleles import is_bare_allele, written_allele
from biopipe.kinds.variant.words import normal_form
from biopipe.language.reference_snps import RS_INSIDE, written_rs_number
from biopipe.language.variant_ids import hgvs_name

__all__ = ["rs_number", "variant_concept"]

# Shares of BioRED's and tmVar's training variants that come out as their annotators wrote them.
_NUMBER_SCORE, _NUMBER_BESIDE_SCORE, _FORM_SCORE = 0.99, 0.9, 0.85


def variant_concept(surface: str, context: DocumentContext) -> Candidate | None:
    """The dbSNP number in the mention, or the one that the text says the same variant has, else its
    normal form or the name of its allele as the id; None where the form is not understood. The name
    of a normal form is how HGVS would write it.
    """
    if number := rs_number(surface):
        return number
    inside = set(RS_INSIDE.findall(surface))
    if len(inside) == 1:
        return _snp(inside.pop(), _NUMBER_BESIDE_SCORE)
    if allele := written_allele(surface) or (surface if is_bare_allele(surface) else None):
        return Candidate(allele, allele, _FORM_SCORE)
    form = normal_form(surface, residue_changes=context.residue_changes)
    if not form:
        return None
    beside = context.rs_numbers.get(form)
    if beside is not None:
        return _snp(beside.removeprefix("rs"), _NUMBER_BESIDE_SCORE)
    return Candidate(form, hgvs_name(form) or form, _FORM_SCORE)


def rs_number(surface: str) -> Candidate | None:
    """The dbSNP concept of a reference SNP number such as "rs1799983"."""
    number = written_rs_number(surface)
    return _snp(number.removeprefix("rs"), _NUMBER_SCORE) if number else None


def _snp(digits: str, score: float) -> Candidate:
    return Candidate(f"dbSNP:rs{digits}", f"rs{digits}", score)
