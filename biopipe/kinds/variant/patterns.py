"""Variants by their form: what is written as HGVS, an rs number or an exchanged residue is a
variant, whoever names it.

The forms are those of HGVS (den Dunnen et al. 2016) and of their everyday short cuts, after tmVar
(Wei et al. 2013).
"""

import re
from collections.abc import Sequence

from biopipe.document import Mention
from biopipe.kinds.variant.edges import RESIDUE, VARIANT

__all__ = ["named_by_form"]

_THREE = "(?:Ala|Arg|Asn|Asp|Cys|Gln|Glu|Gly|His|Ile|Leu|Lys|Met|Phe|Pro|Ser|Thr|Trp|Tyr|Val|Ter)"
_PLACE = r"[-*]?\d+(?:[-+_]\d+)*"
_CERTAIN = "|".join(
    (
        r"rs[1-9]\d{2,}",
        rf"[cgm]\.{_PLACE}(?:[ACGT]>[ACGT]|(?:del|dup|ins)[ACGT]*)",
        rf"p\.(?:{RESIDUE}[1-9]\d*(?:{RESIDUE}|[X*]|fs\w*|del|dup)|{_THREE}[1-9]\d*(?:{_THREE}|[X*]|fs\w*|del|dup))",
        rf"{_THREE}-?[1-9]\d*-?{_THREE}",
        rf"{RESIDUE}[1-9]\d{{2,3}}(?:{RESIDUE}|[X*]|del|dup|fs\w*)",
    )
)
# T98G and T47D are cell lines: with a place of two digits the form decides only between other
# labels.
_LIKELY = rf"{RESIDUE}[1-9]\d(?:{RESIDUE}|[X*])"
# S288C is the yeast whose genome was read first.
_FORM = re.compile(rf"(?<![\w.-])(?!S288C)(?:(?P<certain>{_CERTAIN})|{_LIKELY})(?![\w*>]|-\d)")
# In BioRED's and tmVar3's train texts 706 of 714 certain forms are a variant, the other 8 a part of
# one; of the likely ones that are no cell line 41 of 42 are one.
_SURE = 0.95


def named_by_form(text: str, mentions: Sequence[Mention], *, source: str) -> list[Mention]:
    """The mentions, in order, with a Variant at least 0.95 sure for each span whose form says so.

    Mentions of that span or within it give way to it. Spans within a longer mention stay what the
    tagger made of them, likely forms what it took for a cell line or for nothing. Variants that it
    had not found are from `source`.
    """
    kept = list(mentions)
    for match in _FORM.finditer(text):
        start, end = match.span()
        touched = [m for m in kept if m.start < end and start < m.end]
        if any(m.start < start or end < m.end for m in touched):
            continue
        if match["certain"] is None and (
            not touched or any(m.label == "CellLine" for m in touched)
        ):
            continue
        found = [m.score for m in touched if (m.start, m.end, m.label) == (start, end, VARIANT)]
        kept = [m for m in kept if m not in touched]
        kept.append(Mention(start, end, VARIANT, score=max([_SURE, *found]), sources=(source,)))
    return sorted(kept, key=lambda m: (m.start, m.end))
