"""How the words of a mention and of a name relate: what one says and the other does not, what is
only misspelt, and what is the contrary.

Similar letters and similar meaning are what retrievers find names by, and neither sees the
difference between "hypertension" and "hypotension", or that "thyroid cancer" is not "parathyroid
carcinoma". Words do.
"""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from rapidfuzz.distance import OSA, Indel

from biopipe.language.tables import read_table
from biopipe.text.normalize import normalize_name

__all__ = ["COMPARISON_FEATURES", "SAYS_OTHER", "closest_comparison", "compare_names"]

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
)
"""What `compare_names` gives, all from 0 to 1."""
SAYS_OTHER = tuple(
    float(name in ("words missing", "words more", "says other")) for name in COMPARISON_FEATURES
)
"""What is held of a name that is not compared, as others are nearer."""
_EDIT = COMPARISON_FEATURES.index("edit similarity")

# What a light word counts (`light_words.tsv`).
_LIGHT_WEIGHT = 0.5
_MOST_WORDS = 3.0
# A word of so many letters may have one letter wrong, one of twice as many two.
_LETTERS_A_MISTAKE = 5

# Of contraries: "hyper-" and "hypo-" before the same three letters at least.
_SHORTEST_STEM = 3

_Words = tuple[str, ...]


def closest_comparison(texts: Sequence[str], name: str) -> tuple[float, ...]:
    """`compare_names` of that of the texts whose words are nearest to the name's."""
    return min((compare_names(text, name) for text in texts), key=_distance)


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
    return OSA.distance(word, other, score_cutoff=min(allowed, 2)) <= min(allowed, 2)


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
def _word_class(name: str) -> frozenset[str]:
    rows = read_table("biopipe.linking", "light_words.tsv")
    return frozenset(word for word, of in rows if of == name)
