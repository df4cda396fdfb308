"""Whether the letters of "G12C" are amino acids or bases: A, C, G and T are both.

What a text says beside it decides: words of either, a gene before it, and other changes of the
document.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from functools import cache

from biopipe.document import Mention
from biopipe.kinds.variant.gene_beside import genes_beside
from biopipe.language.residues import RESIDUES_AND_STOP, RESIDUES_NOT_BASES, THREE_LETTER_CODES
from biopipe.language.tables import read_table

__all__ = ["amino_acid_places", "residue_changes"]

_TWO_READINGS = re.compile(r"\b([ACGT])(\d{1,7})([ACGT])\b")
# A letter that is no base on one side at least; "T47D" and other cell lines do little harm.
_AMINO_CHANGE = re.compile(
    rf"\b(?=[A-Z]\d+[{RESIDUES_NOT_BASES}X]|[{RESIDUES_NOT_BASES}])"
    rf"[A-Z](\d{{1,4}})[{RESIDUES_AND_STOP}]\b"
)
_THREE = f"(?:{'|'.join(THREE_LETTER_CODES)})"
_LONG_CHANGE = re.compile(rf"\b{_THREE}-?(\d{{1,4}})-?{_THREE}\b")
_WORDS_NEAR = 60
_OTHER_SENTENCE = re.compile(r"[.;?!] (?=[A-Z])")
# Other changes of amino acids say that this one is too, unless it lies far beyond all of them.
_BEYOND = 2
# One human protein in fifty is longer; places on chromosomes and mtDNA mostly are.
_LONG_PROTEIN = 2000
# Weights that a gene before, other changes of amino acids, a place that a base alone can have, and
# a usual name lend a reading; those of words are in notation_words.tsv.
_GENE_BEFORE, _PROTEIN_CHANGES, _CERTAIN_BASE, _NAMED_BY_BASE = 2, 3, -6, -4


def amino_acid_places(text: str) -> tuple[int, ...]:
    """Places of changes that can only be of amino acids ("V600E", "Val600Glu"), ascending."""
    matches = (*_AMINO_CHANGE.finditer(text), *_LONG_CHANGE.finditer(text))
    return tuple(sorted({int(match[1]) for match in matches}))


def residue_changes(text: str, mentions: Sequence[Mention]) -> frozenset[str]:
    """Those changes of the text in the letters A, C, G and T alone that are of amino acids.

    A change of which nothing is said is of bases.
    """
    matches = list(_TWO_READINGS.finditer(text))
    if not matches:
        return frozenset()
    codons = amino_acid_places(text)
    behind_gene = {
        mentions[variant].start
        for variant, gene in genes_beside(text, mentions).items()
        if mentions[gene].start < mentions[variant].start
    }
    weights: Counter[str] = Counter()
    for match in matches:
        weights[match[0]] += _weight_of_words(text, *match.span())
    for match in {match[0]: match for match in matches}.values():
        weights[match[0]] += _weight_of_change(match, codons)
    for change in {match[0] for match in matches if match.start() in behind_gene}:
        weights[change] += _GENE_BEFORE
    return frozenset([change for change, weight in weights.items() if weight > 0])


def _weight_of_change(match: re.Match[str], codons: Collection[int]) -> int:
    place = int(match[2])
    if place > _LONG_PROTEIN or (place + 2) // 3 in codons:
        return _CERTAIN_BASE
    named = _NAMED_BY_BASE if match[0] in _named_by_base() else 0
    return named + (_PROTEIN_CHANGES if codons and place <= _BEYOND * max(codons) else 0)


def _weight_of_words(text: str, start: int, end: int) -> int:
    """What the words of the same sentence near a change say: above 0 for amino acids."""
    before = _OTHER_SENTENCE.split(text[max(0, start - _WORDS_NEAR) : start])[-1]
    after = _OTHER_SENTENCE.split(text[end : end + _WORDS_NEAR])[0]
    pattern, weights = _word_weights()
    near = [weights[word.lower()] for word in pattern.findall(f"{before} {after}")]
    return max(0, *near, 0) + min(0, *near, 0)


@cache
def _word_weights() -> tuple[re.Pattern[str], dict[str, int]]:
    rows = read_table("biopipe.kinds.variant", "notation_words.tsv")
    weights = {word: int(weight) for word, weight, *_ in rows}
    return re.compile(rf"(?<![a-z])(?:{'|'.join(map(re.escape, weights))})", re.IGNORECASE), weights


@cache
def _named_by_base() -> frozenset[str]:
    rows = read_table("biopipe.kinds.variant", "named_by_base.tsv")
    return frozenset(change for change, *_ in rows)
