"""The edges of mentions: no stray punctuation, no bracket without its partner."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace

from biopipe.document import Mention
from biopipe.document.labels import VARIANT
from biopipe.ner.never_names import is_never_name

__all__ = ["trim_boundaries"]

_PARTNERS = {")": "(", "]": "[", "}": "{"}
_OPENING = frozenset(_PARTNERS.values())
# What no mention ends with, though one may begin with a hyphen ("-141C>T") or end with a plus
# ("Na+").
_NEVER_LAST = frozenset(",;:-/'\"‐‑–—′’ \t\n") | _OPENING
_NEVER_FIRST = frozenset(',;:./"’ \t\n') | _PARTNERS.keys()
# Of 99,882 mentions of the training corpora of abstracts none ends with such a word.
_NEVER_LAST_WORD = re.compile(
    r"\s+(?:of|in|and|or|with|by|to|for|from|the|on|at|an|is|are|was|were|that|which|than|but|not"
    r"|after|during|without|via|between)\Z"
)
_LONGEST_SUCH_WORD = len("without") + 1
# A full stop behind a number or capitals ("MIS-C."); abbreviations of words have one of their own
# ("sp. nov."), an author's initial too ("Crocus sativus L.").
_NO_ABBREVIATION = re.compile(r"(?<=\d)\.|(?<=[A-Z]{2})\.|(?<=-[A-Z])\.")
# Findings of a note that are there or not: "+fever, -rash". Of the mentions of the training corpora
# one begins so, a variant.
_SIGN_BEFORE_WORD = re.compile(r"[-+](?=[^\W\d_])")
# Of 240,000 mentions of the training corpora one crosses such a place, "St. John's wort".
_NEXT_SENTENCE = re.compile(r"(?<=[A-Za-z]{2})(?<!St)(?<!Dr)\.\s+(?=[A-Z][a-z])")
_LAST_LETTER = re.compile(r"\s+[a-z]\Z", re.IGNORECASE)
_SHORTHAND = re.compile(
    r"(?:s/p|h/o|w/o?|c/[bow]|d/t|r/o|f/u|p/w|b/[cl]|y/o)(?![a-z])", re.IGNORECASE
)
_AMOUNTS = frozenset({"Value", "Dosage"})
_DECIMALS = re.compile(r"(?<=\d)[.,]\d+(?:\s?(?:%|[cdkmnuµ]?[gLlm](?:/[a-zA-Z]{1,2})?)(?![\w/]))?")
# Emoji, and what joins them.
_PICTURES = frozenset({"So", "Sk", "Cf"})
# A name that begins and ends with a letter or digit and holds no bracket has nothing to trim.
_CLEAN_NAME = re.compile(r"[^\W_](?:[^()\[\]{}]*[^\W_])?")


def trim_boundaries(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions in their order, their edges as annotators draw them.

    Neighbours of one label that share a pair of brackets ("factor (", "HIF)-1a") become one mention
    with the lower score. What stands at an edge of a mention and never does so in a corpus is left
    out, and with it a mention of nothing else; so are persons and the numbers of lists. Amounts take
    in the whole of a number.
    """
    trimmed = (
        mention if _is_clean(text, mention) else _trim(text, _close_bracket(text, mention))
        for mention in _of_one_sentence(text, _join_neighbours(text, mentions))
    )
    trimmed = (_with_decimals(text, m) if m.label in _AMOUNTS else m for m in trimmed)
    return [m for m in trimmed if m.start < m.end and not is_never_name(text, m)]


def _of_one_sentence(text: str, mentions: Sequence[Mention]) -> Iterator[Mention]:
    """The mentions, one that crosses the end of a sentence in parts ("CP. Tolerating"), each up to a
    shorthand that its last letter begins ("HCV s/p").
    """
    for mention in mentions:
        start = mention.start
        if text.find(". ", start, mention.end) >= 0:
            for stop in _NEXT_SENTENCE.finditer(text, start, mention.end):
                yield replace(mention, start=start, end=stop.start())
                start = stop.end()
        rest = mention if start == mention.start else replace(mention, start=start)
        yield _before_shorthand(text, rest)


def _before_shorthand(text: str, mention: Mention) -> Mention:
    if text[mention.end : mention.end + 1] != "/":
        return mention
    letter = _LAST_LETTER.search(text, mention.start, mention.end)
    if letter is None or not _SHORTHAND.match(text, letter.end() - 1):
        return mention
    return replace(mention, end=letter.start())


def _with_decimals(text: str, mention: Mention) -> Mention:
    """An amount with the decimals and the unit that its last number goes on with: "2.3 x 1.8 cm".
    Of names a point may begin a citation: "BRCA1.12".
    """
    rest = _DECIMALS.match(text, mention.end)
    return mention if rest is None else replace(mention, end=rest.end())


def _join_neighbours(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    joined: list[Mention] = []
    for mention in mentions:
        last = joined[-1] if joined else None
        # Most neighbours differ in label or have words between them, which is quickly said.
        near = last and last.label == mention.label and not text[last.end : mention.start].strip()
        if last and near and _share_brackets(text, last, mention):
            joined.pop()
            mention = replace(last, end=mention.end, score=min(last.score, mention.score))
        joined.append(mention)
    return joined


def _share_brackets(text: str, one: Mention, other: Mention) -> bool:
    """Whether only together two mentions have partners for their brackets."""
    parts = (text[one.start : one.end], text[other.start : other.end])
    return all(map(_unmatched, parts)) and not _unmatched(text[one.start : other.end])


def _close_bracket(text: str, mention: Mention) -> Mention:
    """With the bracket after it, where that closes one within its last word as in
    "poly(ADP-ribose)".
    """
    name = text[mention.start : mention.end]
    stray = sorted(_unmatched(name))
    inside = len(stray) == 1 and 0 < stray[0] < len(name) - 1 and not name[stray[0] - 1].isspace()
    if not inside or _PARTNERS.get(text[mention.end : mention.end + 1]) != name[stray[0]]:
        return mention
    return replace(mention, end=mention.end + 1)


def _is_clean(text: str, mention: Mention) -> bool:
    """Whether there is nothing to trim."""
    clean = _CLEAN_NAME.fullmatch(text, mention.start, mention.end)
    return clean is not None and _last_word(text, mention.start, mention.end) is None


def _last_word(text: str, start: int, end: int) -> int | None:
    """Where a word begins that never ends a mention, with the space before it."""
    space = text.rfind(" ", max(start, end - _LONGEST_SUCH_WORD), end)
    word = None if space <= start else _NEVER_LAST_WORD.search(text, space, end)
    return None if word is None else word.start()


def _trim(text: str, mention: Mention) -> Mention:
    start, end = mention.start, mention.end
    # What is taken off at an edge has no partner in the rest: once is enough, and a mention of
    # thousands of signs takes no longer than its length.
    stray = {start + place for place in _unmatched(text[start:end])}
    while start < end:
        if end - 1 in stray or _never_ends(text, end):
            end -= 1
        elif (before := _last_word(text, start, end)) is not None:
            end = before
        elif start in stray or _never_begins(text, start, end, mention.label):
            start += 1
        else:
            break
    return (
        mention
        if (start, end) == (mention.start, mention.end)
        else replace(mention, start=start, end=end)
    )


def _never_ends(text: str, end: int) -> bool:
    """Whether what stands before a place never ends a mention."""
    sign = text[end - 1]
    if sign == ".":
        return _NO_ABBREVIATION.search(text, end - 1, end) is not None
    return sign in _NEVER_LAST or _is_picture(sign)


def _never_begins(text: str, start: int, end: int, label: str) -> bool:
    sign = text[start]
    if label != VARIANT and _SIGN_BEFORE_WORD.match(text, start, end):
        return True
    return sign in _NEVER_FIRST or _is_picture(sign)


def _is_picture(sign: str) -> bool:
    return not sign.isascii() and unicodedata.category(sign) in _PICTURES


def _unmatched(name: str) -> set[int]:
    """Places of the brackets without a partner."""
    waiting: list[int] = []
    stray = set()
    for place, sign in enumerate(name):
        if sign in _OPENING:
            waiting.append(place)
        elif sign in _PARTNERS:
            if waiting and name[waiting[-1]] == _PARTNERS[sign]:
                waiting.pop()
            else:
                stray.add(place)
    return stray.union(waiting)
