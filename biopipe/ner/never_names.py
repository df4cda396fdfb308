"""What a tagger may take for a name and is none: persons with their titles, and numbers of lists.

Of 113,709 mentions of the corpora of abstracts none is one of these.
"""

import re

from biopipe.document import Mention
from biopipe.document.labels import CELL_LINE, CHEMICAL, DISEASE, GENE, SPECIES

__all__ = ["is_never_name"]

_TITLE_BEFORE = re.compile(r"(?<!\w)(?:Mrs?|Ms|Miss|Drs?|Prof)\.?\s\Z")
_TITLE = re.compile(r"(?:Mrs?|Ms|Miss|Drs?|Prof)\.?")
_NAME_BEHIND = re.compile(r"\.?\s[A-Z][a-z]")
_LONGEST_TITLE = len("Prof. ")
_NUMBER_OF_LIST = re.compile(r"\d{1,2}")
# Amounts and dates of notes are numbers.
_WITH_LETTERS = frozenset({CELL_LINE, CHEMICAL, DISEASE, GENE, SPECIES})


def is_never_name(text: str, mention: Mention) -> bool:
    """Whether a mention names a person ("Doe" and "Ms" of "Ms. Doe", whatever its label), or is a
    number of a list where names have letters.
    """
    start, end = mention.start, mention.end
    if text[start:end].isdigit():
        number = _NUMBER_OF_LIST.fullmatch(text, start, end)
        return number is not None and mention.label in _WITH_LETTERS
    if not text[start].isupper():
        return False
    if _TITLE.fullmatch(text, start, end):
        return _NAME_BEHIND.match(text, end) is not None
    return _TITLE_BEFORE.search(text[max(0, start - _LONGEST_TITLE) : start]) is not None
