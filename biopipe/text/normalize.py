"""One form for the spellings of a name: what the knowledge base indexes and the linker asks for."""

import re
import unicodedata
from functools import lru_cache

__all__ = ["NORMALIZER_VERSION", "normalize_name", "word_order_key"]

# Part of every knowledge base: raise it with any change that gives some name another form.
NORMALIZER_VERSION = 1

_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta",
    "θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "ο": "omicron",
    "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi",
    "ω": "omega",
}  # fmt: skip
_LETTERS = {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "&": " and ", "’": "'"}
_TRANSLATE = str.maketrans({letter: f" {name} " for letter, name in _GREEK.items()} | _LETTERS)
_POSSESSIVE = re.compile(r"(?<=\w)'s(?!\w)")
_PIECES = re.compile(r"[^\W\d_]+|\d+")
_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "xii": "12"}
_ROMAN_LETTERS = {"i": "1", "v": "5", "x": "10"}
_NUMERALS = _ROMAN.keys() | _ROMAN_LETTERS.keys()
_NUMBERED = frozenset({"class", "factor", "grade", "group", "level", "phase", "stage", "type"})
_IRREGULAR = {
    "bacteria": "bacterium", "calculi": "calculus", "children": "child", "emboli": "embolus", "feet": "foot",
    "fungi": "fungus", "mice": "mouse", "mitochondria": "mitochondrion", "nevi": "nevus", "teeth": "tooth",
    "thrombi": "thrombus", "women": "woman", "men": "man",
    "aluminium": "aluminum", "centre": "center", "fibre": "fiber",
}  # fmt: skip
_NOT_PLURAL = frozenset({"aids", "caries", "herpes", "mers", "rabies", "sars", "series", "species"})
# (ending, what it becomes, shortest word it applies to); the first that fits.
_ENDINGS = (
    ("viruses", "virus", 7), ("itides", "itis", 7), ("omata", "oma", 6), ("stases", "stasis", 7),
    ("oses", "osis", 7), ("yses", "ysis", 6), ("eses", "esis", 6), ("sses", "ss", 6), ("shes", "sh", 6),
    ("nches", "nch", 6), ("tches", "tch", 6), ("xes", "x", 5), ("ies", "y", 5), ("oes", "o", 7),
    ("ae", "a", 5),
)  # fmt: skip
_BRITISH = (
    ("sulph", "sulf"), ("isation", "ization"), ("tumour", "tumor"), ("colour", "color"),
    ("behaviour", "behavior"), ("labour", "labor"), ("odour", "odor"),
)  # fmt: skip
_LIGATURE = re.compile(r"[ao]+e")
_LOCANT = re.compile(r"\d['′a-zA-Z]?-[\w(\[]|\d,\d")
_FILLERS = frozenset({"of", "the", "in", "on", "with", "to", "and", "for", "by", "due", "a", "an"})


def normalize_name(name: str) -> str:
    """The lookup form of `name`: words of lower-case letters or of digits, joined by single spaces.

    Spelling variants meet in one form: Unicode compatibility forms and accents, case, punctuation and
    hyphens, a break between letters and digits (`IL2`, `IL-2`), Greek letters and their names, possessives,
    regular plurals, Roman numerals, British and American endings, a leading "the". Applied twice it changes
    nothing more. A name of punctuation alone gives "".
    """
    text = name.lower().replace("&", " and ") if name.isascii() else _folded(name)
    if "'" in text:
        text = _POSSESSIVE.sub("", text)
    words = [_word(piece) for piece in _PIECES.findall(text)]
    if not _NUMERALS.isdisjoint(words):
        words = _arabic(words)
    while len(words) > 1 and words[0] == "the":
        del words[0]
    return " ".join(words)


def word_order_key(name: str, normalized: str) -> str:
    """A key that ignores the order of words ("diabetes mellitus, type 2"), or "" where order carries meaning.

    Function words are left out. A systematic chemical name has none: its locants say what stands where.
    """
    if " " not in normalized or _LOCANT.search(name):
        return ""
    words = [word for word in normalized.split(" ") if word not in _FILLERS]
    if sum([len(word) > 2 for word in words]) < 2:
        return ""
    return " ".join(sorted(words))


def _folded(text: str) -> str:
    # Folding may leave letters that have another compatibility form or stand for Greek ones, hence twice.
    folded = unicodedata.normalize("NFKD", text).casefold().translate(_TRANSLATE)
    folded = unicodedata.normalize("NFKD", folded).casefold()
    bare = "".join([character for character in folded if not "\u0300" <= character <= "\u036f"])
    return unicodedata.normalize("NFC", bare).translate(_TRANSLATE)


def _arabic(words: list[str]) -> list[str]:
    # i, v and x are as often letters as numbers: they count only after a word that asks for a number.
    numbers = [_ROMAN.get(word, word) if i else word for i, word in enumerate(words)]
    for i in range(1, len(numbers)):
        if numbers[i - 1] in _NUMBERED:
            numbers[i] = _ROMAN_LETTERS.get(numbers[i], numbers[i])
    return numbers


@lru_cache(maxsize=1 << 17)
def _word(word: str) -> str:
    if word.isdigit():
        return word
    while (simpler := _american(_singular(word))) != word:
        word = simpler
    return word


def _singular(word: str) -> str:
    if len(word) < 4 or word in _NOT_PLURAL:
        return _IRREGULAR.get(word, word)
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for ending, replacement, shortest in _ENDINGS:
        if word.endswith(ending) and len(word) >= shortest:
            return word[: -len(ending)] + replacement
    return word[:-1] if word.endswith("s") and word[-2] not in "isu" else word


def _american(word: str) -> str:
    if len(word) < 5:
        return word
    for british, american in _BRITISH:
        word = word.replace(british, american)
    return _LIGATURE.sub("e", word)
