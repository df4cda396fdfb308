"""Catalogue numbers of reagents read as variants do: "Sigma C7698G", "kit A1048S", "#E6300S"; so do
strains of yeast, and accession numbers and genome builds read as genes do.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from biopipe.document import Mention
from biopipe.document.labels import CELL_LINE, GENE, VARIANT
from biopipe.language.tables import read_table

__all__ = ["is_catalogue_number", "names_reagent", "without_reagents"]

# What numbers stand directly behind: "cat. no. A1048S", "plates A12B and C12D", "#E6300S".
_THING = (
    r"(?:\b(?:[Cc]at(?:alog(?:ue)?)?\.?|[Kk]its?|[Pp]lates?|[Rr]otors?|[Ll]ots?|[Pp]roduct"
    r"|[Oo]rder|[Ii]tem|[Rr]eference|REF|SKU|[Ww]ells?|[Bb]atch(?:es)?|[Rr]ooms?|[Ff]lights?"
    r"|[Pp]art(?= no|s? numbers?)|[Ss]erial(?= no| numbers?)|[Aa]rticle(?= no| numbers?))"
    r"s?(?: (?:no\.?|nos\.?|numbers?|code))?[ :#,]*|#)"
)
_CODE = r"(?:[A-Za-z]{1,3}-?)?\d{2,6}(?:-\d{1,4})?[A-Za-z]{0,2}"
_CHANGED = re.compile(r"[- ](?:mutant|mutat|variant|substitut|allel|polymorph)", re.IGNORECASE)
_SYMBOL_BEFORE = re.compile(r"\b(?!REF|SKU|CAT|NO)(?P<symbol>[A-Z][A-Z\d]{2,9}) \Z")
# Accession numbers of GEO, SRA, BioProject, ClinicalTrials.gov, ISRCTN and PubMed Central, and names
# of the assemblies of the Genome Reference Consortium and of UCSC.
_RECORD = re.compile(
    r"G(?:SE|SM|PL|DS)\d{2,9}|[SED]R[APRSXZ]\d{5,9}|PRJ(?:NA|EB|DB)\d+|NCT\d{8}|ISRCTN\d{6,9}"
    r"|PMC\d{5,8}|PMID:? ?\d+|GRC[hmrz]\d{1,2}(?:\.p\d+)?|hg(?:18|19|38)|mm(?:9|10|39)"
)
# Laboratory strains of Saccharomyces cerevisiae.
_STRAIN = re.compile(r"S288C|A364A|W303(?:-?1[AB])?|BY47\d\d|CEN\.PK.*|Y2HGold")
_REACH = 70
_NO_CODE = -1
_CODED = frozenset({GENE, CELL_LINE, VARIANT})
# A full stop, but that of "cat. no. 12".
_SENTENCE_END = r"(?<![Cc]at)(?<![Nn]o)(?<![Nn]os)\. "


def is_catalogue_number(text: str, start: int, end: int) -> bool:
    """Whether the code at text[start:end] is a number in a supplier's catalogue: behind the name of
    one, or behind "kit", "plate" or "cat. no.", or before the name of one in the same bracket.
    """
    if _CHANGED.match(text, end):
        return False
    before, after = _patterns()
    words = text[max(0, start - _REACH) : start]
    symbol = _SYMBOL_BEFORE.search(words)
    if symbol and symbol["symbol"] not in _suppliers():
        return False
    return before.search(words) is not None or after.match(text, end) is not None


def names_reagent(text: str, start: int, end: int) -> bool:
    """Whether text[start:end] is a supplier, a catalogue number, or both ("Sigma C7698G")."""
    place = _place_of_code(text[start:end])
    if place is None:
        return False
    return place == _NO_CODE or is_catalogue_number(text, start + place, end)


def without_reagents(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions without genes, cell lines and variants that are a supplier, its number, the
    number of a record in an archive, or a genome build, and without variants that are strains.
    """
    return [
        mention
        for mention in mentions
        if mention.label not in _CODED
        or not (
            names_reagent(text, mention.start, mention.end)
            or _RECORD.fullmatch(text, mention.start, mention.end)
            or (mention.label == VARIANT and _STRAIN.fullmatch(text, mention.start, mention.end))
        )
    ]


# Mentions come again and again in a corpus.
@lru_cache(maxsize=4096)
def _place_of_code(surface: str) -> int | None:
    """Where the code begins in what may be a supplier with a code, `_NO_CODE` where it has none;
    None for other text.
    """
    supplied = _supplied_code().fullmatch(surface)
    return None if supplied is None else supplied.start("code")


@cache
def _suppliers() -> frozenset[str]:
    return frozenset(name for name, *_ in read_table("biopipe.kinds.variant", "suppliers.tsv"))


@cache
def _any_supplier() -> str:
    return "|".join(map(re.escape, sorted(_suppliers(), key=len, reverse=True)))


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What stands before a catalogue number, to its end, and what stands behind one."""
    between = rf"(?:(?!{_SENTENCE_END})[\w ,.:#&(-]){{0,40}}[ ,:#(]"
    supplier = rf"\b(?:{_any_supplier()})\b(?:[ ,]*\([^()]*\))?(?:{between})?"
    listed = rf"(?:{_CODE}(?:,| and|/)? ?)*"
    before = re.compile(rf"(?:{supplier}|{_THING}){listed}\Z")
    return before, re.compile(rf"[,;:]? ?(?:from )?(?:{_any_supplier()})\b")


@cache
def _supplied_code() -> re.Pattern[str]:
    thing = rf"(?:(?:{_any_supplier()})[ ,]*)?(?:{_THING})?"
    return re.compile(rf"(?=.){thing}(?P<code>(?=\w*\d){_CODE})?")
