"""When words of a text that have the normal form of a stored name are that name."""

import re
from collections import Counter
from functools import lru_cache

from biopipe.kb.prior import Match, NameMatch
from biopipe.language.greek import GREEK_NAMES
from biopipe.text.normalize import PREFIX_WORDS, fold
from biopipe.text.spelling import one_spelling

__all__ = ["is_apart", "is_name", "is_shouted", "name_score", "widened"]

# Signs that a text may leave out of a name but not put in, for they set one name apart from the
# next.
_MARKS = frozenset('()[]{},.;:/?!+=<>%*"|')
# Those that do not: the brackets of "5-HT(2A)", the colon of "poly I:C", the comma of
# "1,25-dihydroxy".
_WITHIN_WORD = re.compile(r"(?<=\w)\((\w{1,3}[+-]?)(?:\)|\Z)|(?<=\w)[.,:](?=\w)")
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_SIGNS = re.compile(r"[\W_]+")
_GREEK = re.compile("|".join(GREEK_NAMES.values()), re.IGNORECASE)
_PLURAL = re.compile(r"(?<=[A-Z0-9])s\Z")
# A symbol that is written as one, whatever its case: it has a digit, or a capital behind its first
# letter.
_CODE = re.compile(r"(?=.*(?:\d|.[A-Z]))\S+")
_SHORTEST_CODE = 4
_HEAD = re.compile(r"[\W_]*")
_TAIL = re.compile(r"(?:['’]s)?[\W_]*\Z")
_WORD = re.compile(r"[^\W_]+")
_SHORTEST_WORD = 3
# One or two digits or a Greek letter behind a hyphen make another name of a word: "IL" is not
# "IL-2".
_NUMBERED = re.compile(r"[-‐‑–](?:\d{1,2}(?!\d)|[α-ω](?!\w))|\.\d")
_BEFORE_NUMBER = "-‐‑–."
_NEGATED = re.compile(r"\bnon[-‐‑ ]\Z", re.IGNORECASE)
_LONGEST_NEGATION = 5
# Surfaces that were asked lately; every name with their form is held against each.
_REMEMBERED = 1 << 12
# How much of a line tells whether it is in capitals.
_NEAR = 100

# Share of the names found that were gold mentions, rounded: by whether the name is a symbol, a word
# or a phrase, and whether the text has it as stored, in another case, in another form, or in the
# singular of a stored plural, which may be an adjective ("antihypertensive"). Counted with MEDIC,
# MeSH's chemicals and HGNC on 200 documents each of the training parts of BioRED, BC5CDR and NCBI
# Disease, all mentions together: phrases of chemicals do worse (0.5).
_SHARES = {
    "preferred symbol": (0.9, 0.85, 0.25, 0.2),
    "symbol": (0.65, 0.65, 0.25, 0.2),
    "word": (0.8, 0.75, 0.5, 0.2),
    "phrase": (0.9, 0.8, 0.5, 0.1),
}


def is_apart(text: str, start: int, end: int) -> bool:
    """Whether what stands beside a span leaves it a name of its own."""
    # Nearly always the signs on either side say so, in a fraction of the time of the searches.
    if text[end : end + 1] in _BEFORE_NUMBER and _NUMBERED.match(text, end):
        return False
    return not (
        text[max(0, start - 2) : max(0, start - 1)] in "nN"
        and _NEGATED.search(text, max(0, start - _LONGEST_NEGATION), start)
    )


def is_shouted(text: str, start: int, end: int) -> bool:
    """Whether the line around a span is in capitals, more than the span itself, so that case tells
    nothing.
    """
    first, last = max(0, start - _NEAR), end + _NEAR
    before = text[text.rfind("\n", first, start) + 1 or first : start]
    return (before + text[end:last].partition("\n")[0]).isupper()


def is_name(
    surface: str, match: NameMatch, stop_words: frozenset[str], *, shouted: bool = False
) -> bool:
    """Whether `surface` is the name that it matched.

    A word or several match in any case, symbols in their own; codes of four signs and more (BRCA1,
    mTOR) too in any case. A short word in capitals may be a symbol of its own, and is no match but
    where the line is `shouted`. A stop word, alone or with numbers and single letters, is a name
    only where it is a symbol; two of them may be one.
    """
    has_marks = not _MARKS.isdisjoint(surface)
    if has_marks and not Counter(_marks(surface)) <= Counter(_marks(match.text)):
        return False
    if _says_nothing(surface, stop_words) and (shouted or not match.symbol):
        return False
    if not match.symbol:
        return shouted or not match.capitals
    return shouted or _is_code(surface) or _one_case(surface) == _one_case(match.text)


def name_score(surface: str, match: NameMatch) -> float:
    """How likely a name that was matched so is a mention of the kind that is looked for."""
    if match.symbol:
        shares = _SHARES["preferred symbol" if match.kind == "name" else "symbol"]
    else:
        shares = _SHARES["phrase" if " " in match.text else "word"]
    one, other = _letters(surface).casefold(), _letters(match.text).casefold()
    if one != other:
        return shares[3 if other == one + "s" else 2]
    return shares[0 if match.match < Match.CASE else 1]


def widened(text: str, start: int, end: int, name: str) -> tuple[int, int] | None:
    """The span with the signs that `name` begins and ends with, as in "(+)-catechin"; None if
    brackets stay open.
    """
    head, tail = _HEAD.match(name), _TAIL.search(name)
    before = start - len(head[0]) if head and text.endswith(head[0], 0, start) else start
    behind = end + len(tail[0]) if tail and text.startswith(tail[0], end) else end
    for span in ((before, behind), (before, end), (start, behind), (start, end), (start, end + 1)):
        if _is_balanced(text[slice(*span)]):
            return span
    return None


def _marks(text: str) -> list[str]:
    return [sign for sign in _WITHIN_WORD.sub(lambda found: found[1] or "", text) if sign in _MARKS]


@lru_cache(maxsize=_REMEMBERED)
def _says_nothing(surface: str, stop_words: frozenset[str]) -> bool:
    words = [
        word for word in _WORD.findall(surface.lower()) if len(word) > 1 and not word.isdigit()
    ]
    if not all(one_spelling(word) in stop_words or word in PREFIX_WORDS for word in words):
        return False
    return sum(len(word) >= _SHORTEST_WORD for word in words) < 2


def _is_code(surface: str) -> bool:
    return len(_SIGNS.sub("", surface)) >= _SHORTEST_CODE and _CODE.fullmatch(surface) is not None


def _one_case(symbol: str) -> str:
    """A symbol without signs and plural, Greek letters by name."""
    return _PLURAL.sub("", _letters(symbol))


@lru_cache(maxsize=_REMEMBERED)
def _letters(name: str) -> str:
    """Letters and digits of a name, Greek letters by name."""
    if not name.isascii():
        name = "".join(
            character if character.isascii() else fold(character).strip() for character in name
        )
    return _SIGNS.sub("", _GREEK.sub(lambda greek: greek[0].lower(), name))


def _is_balanced(text: str) -> bool:
    opened: list[str] = []
    for sign in text:
        if sign in _BRACKETS.values():
            opened.append(sign)
        elif sign in _BRACKETS and (not opened or opened.pop() != _BRACKETS[sign]):
            return False
    return not opened
