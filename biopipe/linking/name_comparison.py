"""How the words of a mention and of a name relate: what one says and the other does not, what is
only misspelt, and what is the contrary.

Similar letters and similar meaning are what retrievers find names by, and neither sees the
difference between "hypertension" and "hypotension", or that "thyroid cancer" is not "parathyroid
carcinoma". Words do.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache

from rapidfuzz.distance import OSA, Indel

from biopipe.language.tables import read_table
from biopipe.text.normalize import normalize_name

__all__ = [
    "COMPARISON_FEATURES",
    "SAYS_OTHER",
    "closest_comparison",
    "compare_names",
    "is_misspelt",
    "may_be_misspelling",
    "shares_telling_word",
]

COMPARISON_FEATURES = (
    "words missing",
    "words more",
    "says less",
    "says more",
    "says other",
    "no word shared",
    "misspelt",
    "edit similarity",
    "contrary",
    "other number",
    "code missing",
)
"""What `compare_names` gives, all from 0 to 1."""
SAYS_OTHER = tuple(
    float(name in ("words missing", "words more", "says other")) for name in COMPARISON_FEATURES
)
"""What is held of a name that is not compared, as others are nearer."""
_EDIT = COMPARISON_FEATURES.index("edit similarity")
_MISSPELT = COMPARISON_FEATURES.index("misspelt")

# What a light word counts (`light_words.tsv`).
_LIGHT_WEIGHT = 0.5
_MOST_WORDS = 3.0
# A word of so many letters may have one letter wrong, one of twice as many two.
_LETTERS_A_MISTAKE = 5
_MOST_MISTAKES = 2

# Of contraries: "hyper-" and "hypo-" before the same three letters at least.
_SHORTEST_STEM = 3

# A word of so many letters is no symbol.
_SPELLED_OUT = 4
# A short form or code within a mention, which names what its other words do not: "pulmonary LAM".
_CODE = re.compile(r"(?<![^\W_])[A-Z][A-Z0-9-]*[A-Z0-9](?![^\W_])")

_Words = tuple[str, ...]


def closest_comparison(texts: Sequence[str], name: str) -> tuple[float, ...]:
    """`compare_names` of that of the texts whose words are nearest to the name's."""
    return min((compare_names(text, name) for text in texts), key=_distance)


def is_misspelt(comparison: Sequence[float]) -> bool:
    """Whether a pair that `compare_names` compared are the same words but for wrong letters."""
    return comparison[_MISSPELT] == 1.0


def may_be_misspelling(surface: str, name: str) -> bool:
    """False where `is_misspelt` says no of two names for the number or length of their words alone,
    which takes a fraction of the time of comparing them.
    """
    own, other = _words(normalize_name(surface)), _words(normalize_name(name))
    if len(own) != len(other):
        return False
    return abs(sum(map(len, own)) - sum(map(len, other))) <= _MOST_MISTAKES * len(own)


def shares_telling_word(surface: str, names: Iterable[str]) -> bool:
    """Whether any name has one of the words of a mention that is spelled out in two or more; True
    of a mention that is not.

    "PTH" has the initials of "phosphatase and tensin homolog", and none of its words.
    """
    light = _word_class("light")
    own = {
        word
        for word in _words(normalize_name(surface))
        if word.isalpha() and len(word) >= _SPELLED_OUT and word not in light
    }
    return len(own) < 2 or any(not own.isdisjoint(_words(normalize_name(name))) for name in names)


def _distance(comparison: tuple[float, ...]) -> float:
    missing, more = comparison[:2]
    return missing + more - comparison[_EDIT]


@lru_cache(maxsize=1 << 15)
def compare_names(surface: str, name: str) -> tuple[float, ...]:
    """The numbers of `COMPARISON_FEATURES`, in their order, of a mention's words and a name's.

    Words count by their normal forms, in any order; those that tell little count half. A word
    is misspelt where a letter in five is wrong at most and the words are not contraries.
    """
    own_form, other_form = normalize_name(surface), normalize_name(name)
    own, other = _words(own_form), _words(other_form)
    missing, more, misspelt, contrary = _paired(own, other)
    shared = len(own) - len(missing)
    lacks, adds = _weight(missing), _weight(more)
    return (
        min(lacks, _MOST_WORDS) / _MOST_WORDS,
        min(adds, _MOST_WORDS) / _MOST_WORDS,
        float(lacks > 0 and adds == 0),
        float(adds > 0 and lacks == 0),
        float(lacks > 0 and adds > 0),
        float(shared == 0),
        float(misspelt and lacks == 0 and adds == 0),
        Indel.normalized_similarity(own_form, other_form),
        float(contrary),
        float(_numbers(own) != _numbers(other)),
        float(_lacks_code(surface, missing)),
    )


@lru_cache(maxsize=1 << 15)
def _words(form: str) -> _Words:
    words = form.split(" ")
    fillers = _word_class("filler")
    telling = tuple(word for word in words if word not in fillers)
    return telling or tuple(words)


def _weight(words: Sequence[str]) -> float:
    light = _word_class("light")
    return sum(_LIGHT_WEIGHT if word in light else 1.0 for word in words)


def _numbers(words: _Words) -> frozenset[str]:
    return frozenset(word for word in words if word.isdigit() or len(word) == 1)


def _lacks_code(surface: str, missing: Sequence[str]) -> bool:
    """Whether the words that the name has not are of a short form or code of the mention."""
    if not missing or surface.isupper():
        return False
    return any(
        not set(_words(normalize_name(code))).isdisjoint(missing) for code in _CODE.findall(surface)
    )


def _paired(own: _Words, other: _Words) -> tuple[list[str], list[str], bool, bool]:
    """The words of each that the other has not; whether some are paired though misspelt; whether
    some are contraries.
    """
    missing, more = list(own), list(other)
    for word in own:
        if word in more:
            missing.remove(word)
            more.remove(word)
    misspelt = contrary = False
    for word in tuple(missing):
        for candidate in more:
            if _are_contraries(word, candidate):
                contrary = True
            elif _is_misspelt(word, candidate):
                misspelt = True
                missing.remove(word)
                more.remove(candidate)
                break
    return missing, more, misspelt, contrary


def _is_misspelt(word: str, other: str) -> bool:
    shortest = min(len(word), len(other))
    allowed = shortest // _LETTERS_A_MISTAKE
    if not allowed or not (word.isalpha() and other.isalpha()) or word[0] != other[0]:
        return False
    endings = {_telling_ending(word), _telling_ending(other)} - {""}
    if len(endings) > 1:  # "thrombolysis" is no misspelt "thrombosis"
        return False
    allowed = min(allowed, _MOST_MISTAKES)
    return OSA.distance(word, other, score_cutoff=allowed) <= allowed


def _telling_ending(word: str) -> str:
    """The longest ending of a word that says what it is of the stem, "" for none."""
    return max((end for end in _telling_endings() if word.endswith(end)), key=len, default="")


def _are_contraries(word: str, other: str) -> bool:
    if word[-_SHORTEST_STEM:] != other[-_SHORTEST_STEM:]:
        return False
    for one, rest in ((word, other), (other, word)):
        for prefix, contraries in _opposites().items():
            if one.startswith(prefix):
                stem = one[len(prefix) :]
                if len(stem) >= _SHORTEST_STEM and any(
                    rest == ("" if contrary == "-" else contrary) + stem for contrary in contraries
                ):
                    return True
    return False


@cache
def _opposites() -> Mapping[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for prefix, contraries in read_table("biopipe.linking", "opposites.tsv"):
        table[prefix] = (*table.get(prefix, ()), *contraries.split(" "))
    return table


@cache
def _telling_endings() -> tuple[str, ...]:
    rows = read_table("biopipe.linking", "telling_endings.tsv")
    return tuple(ending for ending, *_ in rows)


@cache
def _word_class(name: str) -> frozenset[str]:
    rows = read_table("biopipe.linking", "light_words.tsv")
    return frozenset(word for word, of in rows if of == name)
