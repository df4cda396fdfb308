"""Names of variants, made as HGVS writes them and as authors shorten them."""

from collections.abc import Callable, Mapping
from random import Random

from biopipe.language.residues import AMINO_ACIDS, RESIDUES, THREE_LETTER_CODES

__all__ = ["VARIANT_FORMS", "draw_variant"]

_THREE = {AMINO_ACIDS[code.lower()]: code for code in THREE_LETTER_CODES}
_BASES = "ACGT"
# Of a long protein and of its coding sequence; the numbers alone make no difference.
_LAST_RESIDUE, _LAST_BASE = 1800, 5000
_LAST_MITOCHONDRIAL_BASE = 16_500  # of the 16,569 of the human mitochondrial genome
# Shares of changes of a protein: in codes of three letters; and, one after the other, stops,
# frameshifts with their stop, frameshifts alone, deletions; the rest are substitutions.
_CODES_OF_THREE = 0.3
_UP_TO_STOP, _UP_TO_FRAMESHIFT, _UP_TO_BARE_FRAMESHIFT, _UP_TO_DELETION = 0.1, 0.2, 0.23, 0.27


def draw_variant(form: str, random: Random) -> str:
    """A variant of one of VARIANT_FORMS, with residues and places drawn at random."""
    return VARIANT_FORMS[form](random)


def _protein(random: Random) -> str:
    """V600E, p.V600E, p.Val600Glu, Val600Glu, R1443X, p.R1443*, p.Arg97Profs*23, S249fs."""
    old, new = random.sample(RESIDUES, 2)
    place = random.randint(2, _LAST_RESIDUE)
    prefix = random.choice(["", "", "p."])
    if random.random() < _CODES_OF_THREE:
        old, new = _THREE[old], _THREE[new]
        prefix = random.choice(["", "p.", "p."])
    kind = random.random()
    if kind < _UP_TO_STOP:
        new = random.choice(["X", "*", "Ter"] if len(old) == 3 else ["X", "*"])
    elif kind < _UP_TO_FRAMESHIFT:
        stop = random.choice(["fs*", "fs*", "fsX", "fsTer"]) + str(random.randint(2, 60))
        return f"p.{old}{place}{new}{stop}"
    elif kind < _UP_TO_BARE_FRAMESHIFT:
        new = "fs"
    elif kind < _UP_TO_DELETION:
        new = "del"
    return f"{prefix}{old}{place}{new}"


def _several(random: Random) -> str:
    """G12C/D/V: what a residue may become."""
    old, *new = random.sample(RESIDUES, random.choice([3, 4]))
    return f"{old}{random.randint(2, _LAST_RESIDUE)}{'/'.join(new)}"


def _coding(random: Random) -> str:
    """c.1138G>A, c.68-7T>A, c.459+1G>A, c.35delG, c.1521_1523delCTT, c.5266dupC, IVS2-2A>G,
    3503C>T, 185delAG.
    """
    old, new = random.sample(_BASES, 2)
    place = random.randint(10, _LAST_BASE)
    bases = "".join(random.choices(_BASES, k=random.choice([1, 2, 3, 4])))
    end = place + len(bases) - 1
    span = f"{place}_{end}" if len(bases) > 1 else str(place)
    intron = f"{random.choice('+-')}{random.randint(1, 12)}"
    # Four times, as substitutions are the most common changes by far.
    forms = [f"c.{place}{old}>{new}"] * 4
    forms += [f"c.{place}{intron}{old}>{new}", f"c.{span}del{random.choice([bases, ''])}"]
    forms += [f"c.{span}dup{random.choice([bases, ''])}", f"c.{place}_{place + 1}ins{bases}"]
    forms += [f"IVS{random.randint(1, 24)}{intron}{old}>{new}", f"{place}{old}>{new}"]
    forms += [f"{place}del{bases}", f"{place}ins{bases}", f"g.{place}{old}>{new}"]
    return random.choice(forms)


def _identifier(random: Random) -> str:
    """rs7903146."""
    return f"rs{random.randint(10 ** random.randint(3, 7), 10**8)}"


def _mitochondrial(random: Random) -> str:
    """m.3243A>G."""
    old, new = random.sample(_BASES, 2)
    return f"m.{random.randint(100, _LAST_MITOCHONDRIAL_BASE)}{old}>{new}"


VARIANT_FORMS: Mapping[str, Callable[[Random], str]] = {
    "Variant.cdna": _coding,
    "Variant.mitochondrial": _mitochondrial,
    "Variant.protein": _protein,
    "Variant.rs": _identifier,
    "Variant.several": _several,
}
"""By slot what draws its names."""
