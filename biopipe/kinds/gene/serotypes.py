"""Antigens of HLA as texts that have said so once name them: "DR4", "B27", "Cw6".

Which locus makes each antigen is in Marsh et al. 2010, Tissue Antigens 75:291; of class II it is
the one of the beta chain. Without HLA around, the same letters are other things: DR4 is a death
receptor, B7 a ligand of CD28.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from biopipe.document import Mention
from biopipe.document.labels import GENE
from biopipe.text.span_index import SpanIndex, in_text_order

__all__ = ["bare_serotype", "locus_of_antigen", "whole_antigens"]

_BETA_CHAINS = {"DP": "DPB1", "DQ": "DQB1", "DR": "DRB1"}
_OTHER_BETA_CHAINS = {"DR51": "DRB5", "DR52": "DRB3", "DR53": "DRB4"}
_BARE = re.compile(r"(?P<letters>A|B|C(?=w)|D[PQR])w?(?P<number>\d{1,2})")
_ANTIGEN = re.compile(r"\bHLA[- ](?:A|B|Cw?|D[PQR]w?)\d{1,2}(?![\w*:])")
_NUMBERS = {
    "A": "1-3 9-11 19 23-26 28-34 36 43 66 68 69 74 80",
    "B": "5 7 8 12-18 21 22 27 35 37-42 44-65 67 70-73 75-78 81 82",
    "C": "1-10",
    "DP": "1-6",
    "DQ": "1-9",
    "DR": "1-18 51-53",
}


def locus_of_antigen(letters: str, number: str) -> str:
    """The gene of an antigen such as "DR" and "4"."""
    locus = _OTHER_BETA_CHAINS.get(letters + number) or _BETA_CHAINS.get(letters, letters)
    return f"HLA-{locus}"


def bare_serotype(surface: str) -> str | None:
    """The gene of an antigen that is written without "HLA-"; None for any other text."""
    match = _BARE.fullmatch(surface)
    if match is None or int(match["number"]) not in _numbers()[match["letters"]]:
        return None
    return locus_of_antigen(match["letters"], match["number"])


def whole_antigens(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions, in order, with each antigen with "HLA-" before it of which a part is a Gene
    ("HLA", "DR4") as one.
    """
    antigens = list(_ANTIGEN.finditer(text)) if "HLA" in text else []
    if not antigens:
        return in_text_order(mentions)
    kept = dict.fromkeys(mentions)
    spans = SpanIndex(mentions)
    for match in antigens:
        start, end = match.span()
        parts = spans.touching(start, end)
        if parts and all(m.label == GENE and start <= m.start and m.end <= end for m in parts):
            best = max(parts, key=lambda m: m.score)
            for mention in parts:
                kept.pop(mention, None)
            kept[replace(best, start=start, end=end)] = None
    return in_text_order(kept)


@cache
def _numbers() -> dict[str, frozenset[int]]:
    return {
        letters: frozenset(
            number
            for part in parts.split()
            for first, _, last in [part.partition("-")]
            for number in range(int(first), int(last or first) + 1)
        )
        for letters, parts in _NUMBERS.items()
    }
