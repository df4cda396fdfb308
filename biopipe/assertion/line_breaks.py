"""Which line breaks of a note mean something, and which only wrap its text."""

import re

from biopipe.assertion.lexicon import Lexicon
from biopipe.language.stop_words import common_words

__all__ = ["is_deliberate"]

_ITEM = re.compile(r"[ \t]*(?:[-*•·+>]|\(?\d{1,2}[.)]|\(?[A-Za-z]\)|\[[ xX]?\]|[☐☑☒□■])[ \t]?")
# Nobody wraps text at less.
_NARROWEST = 60
_FIRST_WORD = re.compile(r"[ \t]*(\S{1,40})")
_LAST_WORD = re.compile(r"(\w+)\s*\Z")
_LOOKBACK = 40


def is_deliberate(text: str, line: int, newline: int, *, width: int, lexicon: Lexicon) -> bool:
    """Whether the author of `text` ended the line from `line` to `newline` on purpose.

    An item of a list follows, or a word that would have had room on this line: a capital or a digit
    where the longest line of the text, of `width` characters, has the room (before a word like
    "Cough", which is no abbreviation, at least 60 characters); a small letter where besides neither
    line joins the two with a word such as "of", "and" or "denies".
    """
    if _ITEM.match(text, newline + 1):
        return True
    word = _FIRST_WORD.match(text, newline + 1)
    if word is None or newline == line or text[newline - 1] in ",-/(":
        return False
    first = word[1]
    small = first[0].islower()
    if not (small or first[0].isupper() or first[0].isdecimal()):
        return False
    if small or first[1:2].islower():
        width = max(width, _NARROWEST)
    has_room = newline - line + 1 + len(first) <= width
    return has_room and not (small and _joins(text, line, newline, first, lexicon))


def _joins(text: str, line: int, newline: int, first: str, lexicon: Lexicon) -> bool:
    """Whether the last word of the line or the first of the next one needs the other."""
    common = common_words()
    last = _LAST_WORD.search(text, max(line, newline - _LOOKBACK), newline)
    word, before = first.strip(".,;:").lower(), last[1].lower() if last else ""
    # A trigger wants something behind it; at the start of a line it begins a statement.
    if lexicon.leads(before):
        return True
    return before in common or (word in common and not lexicon.leads(word))
