"""Words beside a name that say that it is a gene's: "the MEN1 gene", "exon 5 of NF1"."""

import re

__all__ = ["is_named_as_gene"]

_BEHIND = re.compile(
    r"(?: tumou?r[- ]suppressor)?[- ](?:genes?|loc(?:us|i)|promoters?|m?RNAs?|cDNAs?|transcripts?"
    r"|exons?|introns?|knock-?outs?)\b|(?:-/-|[+]/-| encodes\b)"
)
_BEFORE = re.compile(
    r"\b(?:genes? (?:called |named )?|gene,? |exons? \d+ (?:in|of) (?:the )?|promoters? of (?:the )?)\Z"
)
# Diseases have mutations as well ("CF mutations"), but few of them have a number in their names.
_CHANGED = re.compile(r"[- ](?:(?:germline|somatic) )?(?:mutations?|mutants?|mutated|alleles?)\b")
_DIGIT = re.compile(r"\d")
_REACH = 40


def is_named_as_gene(text: str, start: int, end: int) -> bool:
    """Whether the words around text[start:end], which may be a gene's symbol, say that it is."""
    return (
        _BEHIND.match(text, end) is not None
        or _BEFORE.search(text, max(0, start - _REACH), start) is not None
        or (_CHANGED.match(text, end) is not None and bool(_DIGIT.search(text, start, end)))
    )
