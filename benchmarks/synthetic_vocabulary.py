"""Concepts and mentions that look like a large medical vocabulary's, made of word parts; the same
for a seed.
"""

# ruff: noqa: SIM905  (word lists are read as text)

import random
from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
import numpy.typing as npt

from biopipe.kb.schema import Concept

__all__ = ["concepts", "mentions"]

_TYPES = 120
_SOURCES = ("SNOMEDCT_US", "MSH", "NCI", "RXNORM", "LNC", "OMIM", "MDR", "ICD10CM")
_CHUNK = 10_000
_NAMES_A_CONCEPT = 2.7
_BEFORE = (
    "an anti hyper hypo endo peri sub supra inter intra trans poly oligo pseudo micro macro neo "
    "para pre post auto iso dys hemi retro epi ecto meta pan uni bi tri di mono"
).split()
_ROOTS = (
    "cardi nephr hepat gastr neur oste arthr derm hemat lymph myel encephal pulmon bronch thyr "
    "adren pancreat col rect enter cyst ureter prostat ovari uter mamm retin kerat ot rhin "
    "laryng trache vascul arteri phleb angi thromb leuk erythr cyt hist carcin sarc aden lip "
    "chondr fibr myos tend splen thym gloss stomat odont cheil blephar phac irid core ophthalm "
    "optic cochle tympan mast pleur diaphragm periton herni viscer cerebr mening spondyl crani "
    "mandibul maxill gingiv chol choledoch ile jejun duoden append proct glomerul tubul pyel "
    "gluc fruct lact amin pept prote kinas phosph sulf nitr chlor fluor brom methyl ethyl "
    "propyl butyl phenyl benz pyrid imidaz thiaz oxaz quinol indol pur pyrimid ster terpen flav "
    "cef mycin cillin prazol statin"
).split()
_AFTER = (
    "itis osis oma emia uria opathy ectomy otomy oplasty oscopy ogram algia odynia omegaly "
    "omalacia openia ophilia oplegia optosis orrhea osclerosis ostenosis otrophy ogenesis "
    "olysis oblast ocyte ase ine one ol ide ate ium yl ene amide azole al ic ous oid ar ary"
).split()
_COMMON = (
    "disease disorder syndrome of the with acute chronic left right due to and in cell type "
    "structure finding procedure entire primary secondary malignant benign neoplasm infection "
    "injury deficiency measurement level antibody antigen gene protein human mouse product "
    "tablet oral injection solution mg ml upper lower limb skin bone blood serum plasma urine "
    "congenital hereditary familial severe mild moderate without history family open closed "
    "fracture joint muscle nerve artery vein valve anterior posterior lateral medial superior "
    "inferior total partial complete recurrent unspecified other specified stage grade 1 2 3 4 "
    "5 10 20 50 100 A B C D II III"
).split()
# How many of 1000 names have 1, 2, ... words, about as in UMLS, where most are phrases.
_WORDS = np.array([120, 200, 190, 150, 110, 80, 60, 40, 30, 20]) / 1000


def concepts(count: int, *, seed: int = 7) -> Iterator[Concept]:
    """`count` concepts with about 2.5 names each, a type, a source, and a parent among those
    before.
    """
    generator = np.random.default_rng(seed)
    words, odds = _vocabulary(generator)
    for first in range(0, count, _CHUNK):
        size = min(_CHUNK, count - first)
        names = _phrases(generator, words, odds, size)
        more = generator.geometric(1 / _NAMES_A_CONCEPT, size) - 1
        kinds, parents = generator.integers(0, 1 << 30, size), generator.random(size)
        ways = random.Random(seed * 1_000_003 + first)
        for i, name in enumerate(names):
            number = first + i
            synonyms = dict.fromkeys(_variant(name, ways) for _ in range(int(more[i])))
            synonyms.pop(name, None)
            yield Concept(
                f"UMLS:C{number:07}",
                name,
                tuple(synonyms),
                (f"T{int(kinds[i]) % _TYPES:03}",),
                parents=(f"UMLS:C{int(parents[i] * number):07}",) if number else (),
                source=_SOURCES[int(kinds[i]) % len(_SOURCES)],
            )


def mentions(names: Sequence[str], *, seed: int = 7) -> list[str]:
    """What a text might say for each name: as it is, in another form, misspelt, or with a word left
    out.
    """
    ways = random.Random(seed)
    return [_said(name, ways) for name in names]


def _vocabulary(generator: np.random.Generator) -> tuple[list[str], npt.NDArray[np.float64]]:
    """Words and their cumulative frequencies: common ones first, then word parts joined, after
    Zipf.
    """
    made = ["".join(parts) for parts in product(["", "", *_BEFORE], _ROOTS, _AFTER)]
    words = _COMMON + [made[i] for i in generator.permutation(len(made))]
    frequencies = np.arange(5.0, len(words) + 5) ** -1.1
    return words, np.cumsum(frequencies) / frequencies.sum()


def _phrases(
    generator: np.random.Generator, words: list[str], odds: npt.NDArray[np.float64], count: int
) -> list[str]:
    lengths = generator.choice(np.arange(1, len(_WORDS) + 1), count, p=_WORDS)
    drawn = iter(odds.searchsorted(generator.random(int(lengths.sum()))).tolist())
    phrases = [[words[next(drawn)] for _ in range(length)] for length in lengths.tolist()]
    # One common word names few concepts; a number as in codes and locants makes short names
    # distinct.
    numbers = generator.integers(1, 1_000_000, count).tolist()
    return [
        " ".join(dict.fromkeys(each)) if len(each) > 2 else f"{' '.join(each)} {number}"
        for each, number in zip(phrases, numbers, strict=True)
    ]


def _variant(name: str, ways: random.Random) -> str:
    """The same name as another vocabulary writes it."""
    way = ways.randrange(6)
    parts = name.split()
    if way == 0 and len(parts) > 1:
        return f"{' '.join(parts[1:])}, {parts[0]}"
    if way == 1:
        return f"{name}, NOS"
    if way == 2:
        return name.upper()
    if way == 3 and len(parts) > 2:
        at = ways.randrange(1, len(parts))
        return f"{' '.join(parts[:at])} {ways.choice(_COMMON)} {' '.join(parts[at:])}"
    if way == 4:
        return f"{name} ({ways.choice(('disorder', 'finding', 'procedure', 'substance'))})"
    return f"{ways.choice(_ROOTS)}{ways.choice(_AFTER)} {ways.choice(parts)} {ways.randrange(1000)}"


def _said(name: str, ways: random.Random) -> str:
    way, parts = ways.randrange(4), name.split()
    if way == 1:
        at = ways.randrange(len(name))
        return name[:at] + ways.choice("aeiorst") + name[at + 1 :]
    if way == 2 and len(parts) > 2:
        del parts[ways.randrange(len(parts))]
        return " ".join(parts)
    return f"{name}s" if way == 3 else name
