"""Species by their form: abbreviated binomials are whole ("C. tropicalis"), and lineages of
SARS-CoV-2 are the virus in texts about it ("Omicron BA.1").

Lineages are named as Pango does (Rambaut et al. 2020, Nat Microbiol 5:1403), variants of concern by
WHO's Greek letters.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from biopipe.document import Mention
from biopipe.document.labels import SPECIES
from biopipe.language.greek import VIRUS_VARIANT_NAMES
from biopipe.text.span_index import SpanIndex, in_text_order

__all__ = ["label_lineages", "whole_binomials"]

# The capital first: a search that begins by looking behind stops at every character.
_BINOMIAL = re.compile(r"[A-Z](?<![\w.-][A-Z])[a-z]{0,2}\. ?[a-z]{4,}(?![\w-])")
# "E. coli K" of "E. coli K-12".
_STRAIN_BEGUN = re.compile(r"[A-Z][a-z]{0,20}\.? [a-z]{4,}(?: strain)? [A-Z]{1,4}\d*")
_STRAIN_REST = re.compile(r"-\d[\w/]*(?![\w-])")
# What stands between members of a list of species.
_LISTED = re.compile(r",? (?:and|or|with|from|to|versus|vs\.?) |, ?")
_ABOUT = re.compile(r"SARS[- ]CoV[- ]?2|COVID|2019-nCoV|coronavirus", re.IGNORECASE)
# In every text that `_ABOUT` finds, and far quicker to say of the others.
_MAY_BE_ABOUT = re.compile(r"[Cc][Oo](?:[Vv](?:[-\w ]|(?<=[Nn][Cc][Oo][Vv]))|[Rr][Oo][Nn][Aa])")
_LINEAGE = r"(?:[A-Z]{1,3}\.\d{1,3}(?:\.\d{1,3}){0,3})(?![\w-]|\.\d)"
_WHO = f"(?:{'|'.join(VIRUS_VARIANT_NAMES)})"
_VIRUS = re.compile(
    rf"(?<![\w.-])(?:(?:Omicron|{_WHO}) \(?{_LINEAGE}\)?|{_LINEAGE}|Omicron(?![\w-])"
    rf"|{_WHO}(?= (?:sub)?(?:variants?|lineages?|strains?)\b))"
)
# Ours: no gold corpus marks them.
_LISTED_SCORE, _LINEAGE_SCORE = 0.8, 0.8


def whole_binomials(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions, in order, with each abbreviated binomial of which a part is a Species as one
    mention, and with those that stand in a list beside such a one, from its sources.
    """
    if not any(m.label == SPECIES for m in mentions):
        return list(mentions)
    mentions = [_with_strain(text, mention) for mention in mentions]
    binomials = list(_BINOMIAL.finditer(text))
    if not binomials:
        return in_text_order(mentions)
    kept = dict.fromkeys(mentions)
    spans = SpanIndex(mentions)
    previous: tuple[int, Mention] | None = None
    for match in binomials:
        start, end = match.span()
        touching = spans.touching(start, end)
        parts = [m for m in touching if m.label == SPECIES]
        whole: Mention | None = None
        if any(m.start < start or end < m.end for m in touching):
            whole = parts[0] if parts else None
        elif parts:
            best = max(parts, key=lambda m: m.score)
            whole = replace(best, start=start, end=end, score=max(best.score, _LISTED_SCORE))
            for mention in touching:
                kept.pop(mention, None)
            kept[whole] = None
        elif previous and not touching and _LISTED.fullmatch(text, previous[0], start):
            whole = replace(previous[1], start=start, end=end, score=_LISTED_SCORE)
            kept[whole] = None
        previous = (end, whole) if whole is not None else None
    return in_text_order(kept)


def _with_strain(text: str, mention: Mention) -> Mention:
    """The mention, "E. coli K" with the rest of the strain's name ("-12")."""
    if mention.label != SPECIES or not _STRAIN_BEGUN.fullmatch(text, mention.start, mention.end):
        return mention
    rest = _STRAIN_REST.match(text, mention.end)
    return replace(mention, end=rest.end()) if rest else mention


def label_lineages(text: str, mentions: Sequence[Mention], *, source: str) -> list[Mention]:
    """The mentions, in order, with one Species for each lineage in a text about SARS-CoV-2 that is
    in no other mention; mentions of a part of it become the whole.
    """
    if not (_MAY_BE_ABOUT.search(text) and _ABOUT.search(text)):
        return list(mentions)
    kept = dict.fromkeys(mentions)
    spans = SpanIndex(mentions)
    for match in _VIRUS.finditer(text):
        start, end = match.span()
        touching = spans.touching(start, end)
        if all(m.label == SPECIES and start <= m.start and m.end <= end for m in touching):
            whole = Mention(start, end, SPECIES, score=_LINEAGE_SCORE, sources=(source,))
            if touching:
                best = max(touching, key=lambda m: m.score)
                whole = replace(best, start=start, end=end, score=max(best.score, _LINEAGE_SCORE))
            for mention in touching:
                kept.pop(mention, None)
            kept[whole] = None
    return in_text_order(kept)
