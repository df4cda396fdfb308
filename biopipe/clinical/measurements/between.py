"""What stands between tests and numbers in the words of a line, and before and behind them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from biopipe.clinical.measurements.series import past_range
from biopipe.clinical.measurements.tests import LaboratoryTest
from biopipe.clinical.phrases import PhraseHit
from biopipe.clinical.words import NUMBER, NoteWord

__all__ = [
    "ENDS",
    "FoundTest",
    "Run",
    "first_behind",
    "is_condition",
    "joined_by_slash",
    "last_of_change",
    "number_follows",
    "run_of",
    "words_between",
]

ENDS = frozenset({";", ".", "?"})
"""Signs that end what is said of a test."""

# "Hold for SBP < 100", "goal LDL < 70".
_CONDITIONS = frozenset(
    {"for", "goal", "if", "keep", "maintain", "prn", "target", "titrate", "unless", "until", "when"}
)
_CONDITION_REACH = 4
# So many tests with a number right behind them are a list of values in any case of letters.
_DENSE = 3

FoundTest: TypeAlias = PhraseHit[LaboratoryTest]


class Run(NamedTuple):
    """Of the tests of a stretch: whether it is one `alone`, and whether they stand `dense`, one
    after the other with their numbers.
    """

    alone: bool
    dense: bool


def first_behind(text: str, words: Sequence[NoteWord], hit: FoundTest, limit: int, end: int) -> int:
    """The first word behind a test, and behind the range of a day that follows it: "heart rate:
    [68-88] 72".
    """
    start = past_range(text, words[hit.last - 1].end, end)
    if start is None:
        return hit.last
    return next((i for i in range(hit.last, limit) if words[i].start >= start), hit.last)


def is_condition(words: Sequence[NoteWord], hit: FoundTest) -> bool:
    """Whether a test with a limit is a condition or a goal and no result: "if A1c > 6"."""
    before = words[max(0, hit.first - _CONDITION_REACH) : hit.first]
    return any(word.form in _CONDITIONS for word in before)


def run_of(words: Sequence[NoteWord], hits: Sequence[FoundTest]) -> Run:
    valued = sum(hit.last < len(words) and words[hit.last].form == NUMBER for hit in hits)
    return Run(len(hits) == 1, valued >= _DENSE)


def words_between(words: Sequence[NoteWord]) -> list[str]:
    """The words between a test and its value, without those in brackets: "glucose (fasting)"."""
    forms = [word.form for word in words if word.form != NUMBER]
    if len(forms) > 2 and forms[0] == "(" and ")" in forms and NUMBER not in forms:
        return forms[forms.index(")") + 1 :]
    return forms


def joined_by_slash(
    text: str, words: Sequence[NoteWord], hits: Sequence[FoundTest]
) -> list[list[FoundTest]]:
    """Tests in groups, of two that have a slash between."""
    groups = [[hit] for hit in hits[:1]]
    for before, hit in pairwise(hits):
        between = text[words[before.last - 1].end : words[hit.first].start]
        if between.strip() in ("/", "&") and len(groups[-1]) == 1:
            groups[-1].append(hit)
        else:
            groups.append([hit])
    return groups


def last_of_change(words: Sequence[NoteWord], first: int, place: int) -> int:
    """The number that a change ends at: of "from 85 to 36" the second one."""
    changes = place > first and words[place - 1].form == "from"
    if changes and place + 2 < len(words) and words[place + 1].form == "to":
        return place + 2 if words[place + 2].form == NUMBER else place
    return place


def number_follows(words: Sequence[NoteWord], place: int) -> bool:
    """Whether a number stands right behind a word in words: "elevated at 2.3"."""
    ahead = [word.form for word in words[place : place + 3]]
    return NUMBER in ahead and not ENDS.intersection(ahead[: ahead.index(NUMBER)])
