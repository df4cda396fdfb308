"""One form for the spellings of a name: what the knowledge base indexes and the linker asks for."""

import re
import unicodedata
from functools import lru_cache

from biopipe.language.greek import GREEK_NAMES
from biopipe.language.roman import ROMAN_NUMERALS
from biopipe.text.spelling import one_spelling

__all__ = [
    "CONTEXT_WORDS",
    "NORMALIZER_VERSION",
    "PIECES",
    "POSSESSIVE",
    "PREFIX_WORDS",
    "fold",
    "normalize_name",
    "simplify",
    "word_order_key",
]

# Part of every knowledge base: raise it with any change that gives some name another form.
NORMALIZER_VERSION = 2

_LETTERS = {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "&": " and ", "’": "'"}
_GREEK_WORDS = frozenset(GREEK_NAMES.values())
_TRANSLATE = str.maketrans({letter: f" {name} " for letter, name in GREEK_NAMES.items()} | _LETTERS)
POSSESSIVE = re.compile(r"(?<=\w)'s(?!\w)")
PIECES = re.compile(r"[^\W\d_]+|\d+")
# Without XI, which folding also makes of the Greek letter.
_ROMAN = {
    numeral.lower(): number
    for numeral, number in ROMAN_NUMERALS.items()
    if len(numeral) > 1 and numeral != "XI"
}
_ROMAN_LETTERS = {
    numeral.lower(): number for numeral, number in ROMAN_NUMERALS.items() if len(numeral) == 1
}
_ROMAN_SUBTYPES = {
    f"{roman}{letter}": (number, letter)
    for roman, number in (_ROMAN | _ROMAN_LETTERS).items()
    for letter in "abcdef"
    if f"{roman}{letter}" not in {"if", "id", "via", "vie", "xa"}
}
_NUMERALS = _ROMAN.keys() | _ROMAN_LETTERS.keys() | _ROMAN_SUBTYPES.keys()
_NUMBERED = frozenset(
    {"class", "complex", "factor", "grade", "group", "level", "phase", "stage", "type"}
)
_LONG_WORD = 5
_AFTER_LONG_WORD = frozenset({"i", "v"})
# Parts of words that are written apart, with a hyphen or joined: "non-small", "thrombo-embolism".
_PREFIXES = (
    "abdomino adeno angio anti aorto arterio arthro atrio auto broncho cardio cerebro chondro"
    " cranio dermato endo entero esophago extra fibro gastro hemo hepato hyper hypo ileo"
    " immuno infra inter intra jejuno laryngo lumbo lympho maxillo micro muco multi musculo"
    " myelo myo naso neo nephro neuro non oculo osteo oto para peri post pre pseudo psycho"
    " recto retino sacro semi spino sub supra thoraco thrombo tracheo ultra uretero utero vaso"
    " veno vestibulo"
)
PREFIX_WORDS = frozenset(_PREFIXES.split())
_SHORTEST_JOINED = 4
_SHORT_WORD = 2
# What `simplify` looks at; other words stay as they are, whatever stands beside them.
CONTEXT_WORDS = _NUMERALS | PREFIX_WORDS | {"the"}
_ENTITY = re.compile(r"&(?:apos|#39);", re.IGNORECASE)
_LOCANT = re.compile(r"\d['′a-zA-Z]?-[\w(\[]|\d,\d")
_SPACE = re.compile(r"\s+|, ")
_FILLERS = frozenset({"of", "the", "in", "on", "with", "to", "and", "for", "by", "due"})


@lru_cache(maxsize=1 << 15)
def normalize_name(name: str) -> str:
    """The lookup form of `name`: words of lower-case letters or of digits, joined by single spaces.

    Spelling variants meet in one form: Unicode compatibility forms and accents, case, punctuation
    and hyphens, a break between letters and digits (`IL2`, `IL-2`), Greek letters and their names,
    possessives, regular plurals, Roman numerals, British and American endings, a leading "the".
    Applied twice it changes nothing more. A name of punctuation alone gives "".
    """
    if "&" in name:
        name = _ENTITY.sub("'", name).replace("&", " and ")
    text = name.lower() if name.isascii() else fold(name)
    if "'" in text:
        text = POSSESSIVE.sub("", text)
    words = [one_spelling(piece) if piece.isalpha() else piece for piece in PIECES.findall(text)]
    return " ".join(simplify(words))


def simplify(words: list[str]) -> list[str]:
    """Words in one spelling as the words of a normal form: numerals as numbers, prefixes joined, no
    leading "the".

    A word changes by what stands before it alone, so the first words of a name come out the same
    whatever follows them, but for a prefix at their end.
    """
    while not CONTEXT_WORDS.isdisjoint(words) and (simpler := _simplified(words)) != words:
        words = simpler
    return words


def word_order_key(name: str, normalized: str) -> str:
    """A key that ignores the order of words ("diabetes mellitus, type 2"), or "" where order
    carries meaning.

    Function words are left out; numbers and single letters keep their place behind a word ("factor
    8 a"). The locants of a systematic chemical name say what stands where, so only its parts
    between spaces may move.
    """
    if " " not in normalized:
        return ""
    if _LOCANT.search(name):
        parts = [
            part
            for part in map(normalize_name, _SPACE.split(name))
            if part and part not in _FILLERS
        ]
    else:
        parts = _movable(normalized.split(" "))
    if len(parts) < 2 or not any(len(part) >= _SHORTEST_JOINED for part in parts):
        return ""
    return " ".join(sorted(parts))


def _movable(words: list[str]) -> list[str]:
    """What may change places: words, with a number kept behind its word ("type 2") and short ones
    together.
    """
    parts: list[str] = []
    joins = False
    for word in words:
        short = len(word) <= _SHORT_WORD
        if word in _FILLERS:
            joins = False
        elif short and (joins or (parts and word.isdigit())):
            parts[-1] += f" {word}"
            joins = True
        else:
            parts.append(word)
            joins = short
    return parts


def fold(text: str) -> str:
    """Lower case without accents and compatibility forms, Greek letters by name; for ASCII
    `str.lower` does it.
    """
    # Folding may leave letters that have another compatibility form or stand for Greek ones, hence
    # twice.
    folded = unicodedata.normalize("NFKD", text).casefold().translate(_TRANSLATE)
    folded = unicodedata.normalize("NFKD", folded).casefold()
    bare = "".join([character for character in folded if not "\u0300" <= character <= "\u036f"])
    return unicodedata.normalize("NFC", bare).translate(_TRANSLATE)


def _simplified(words: list[str]) -> list[str]:
    simpler = words[1:] if len(words) > 1 and words[0] == "the" else words[:1]
    if len(simpler) != 1 or simpler[0] != words[0]:
        return simpler
    for word in words[1:]:
        before = simpler[-1]
        if (
            before in PREFIX_WORDS
            and len(word) >= _SHORTEST_JOINED
            and word.isalpha()
            and word not in _NUMERALS
        ):
            simpler[-1] = one_spelling(before + word)
        else:
            simpler += _arabic(before, word)
    return simpler


def _arabic(before: str, word: str) -> tuple[str, ...]:
    """`word` as a number where it stands as one: after another word, and single letters after one
    that asks for it.
    """
    if word in _ROMAN:
        return (_ROMAN[word],)
    named = before in _NUMBERED or (
        len(before) >= _LONG_WORD and before.isalpha() and before not in _GREEK_WORDS
    )
    if word in _ROMAN_SUBTYPES and (named or len(word) > 2):
        return _ROMAN_SUBTYPES[word]
    if word in _ROMAN_LETTERS and (before in _NUMBERED or (named and word in _AFTER_LONG_WORD)):
        return (_ROMAN_LETTERS[word],)
    return (word,)
