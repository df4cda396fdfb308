"""Names of genes that hardly mean the gene that once had them."""

import re

from biopipe.kinds.misleading import misleading_names

__all__ = ["is_misleading_gene_name"]

_LETTER_AND_DIGIT = re.compile(r"[A-Za-z]\d")
# Modified bases of nucleic acids as papers write them (Boccaletto et al. 2022, MODOMICS).
_MODIFIED_BASE = re.compile(r"(?:h?m|ac|ca|f)\d[ACGTU]m?")
_is_family = misleading_names("biopipe.kinds.gene", "families.tsv")


def is_misleading_gene_name(name: str) -> bool:
    """Whether a name is that of a family (`families.tsv`), or a letter and a digit, which stand
    behind the name of a family: "D2" receptors and "B7" molecules are not the genes that have these
    as synonyms. Nor is "m6A", a modified base, the methyltransferase METTL3.

    Of 9 such links in BioRED and NLM-Gene (train) none was right.
    """
    return bool(_LETTER_AND_DIGIT.fullmatch(name) or _MODIFIED_BASE.fullmatch(name)) or _is_family(
        name
    )
