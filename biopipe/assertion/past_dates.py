"""Mentions that a date of the past speaks of: "had a TIA in 2016", "In 1998 he suffered a stroke".

Only documents that carry times (`biopipe.clinical.dates`) have any: the years of an abstract say
when people were studied.
"""

import re
from collections.abc import Sequence

from biopipe.assertion.lexicon import Hit
from biopipe.document import Document, Mention, TimeExpression
from biopipe.document.labels import HISTORICAL

__all__ = ["dated_past", "past_dates"]

# What is said about something: a date speaks of none of them.
_NOT_DATED = frozenset({"Age", "Anatomy", "Date", "Dosage", "Duration", "Frequency", "Route",
                        "Value", "Species"})  # fmt: skip
# A drug that was begun years ago is mostly still taken.
_DRUGS = frozenset({"Chemical", "ChemicalEntity", "Medication", "Drug"})
_YEAR, _MONTH = 4, 7
_RECENT_MONTHS = 2
_MOST_BETWEEN = 60
_LEADING_WORDS = (
    r"(?:in|on|around|about|circa|during|early|late|mid|back|summer|spring|fall|winter|of)"
)
_CLAUSE_START = re.compile(rf"(?:^|[;:])\W*(?:{_LEADING_WORDS}\W+)*$", re.IGNORECASE)
# "MRI in 2015 showed", "admitted in 2016 for".
_GOES_ON = re.compile(
    r"\W{0,3}(?:(?:which|that)\s+)?(?:ha[ds]\s+|was\s+)?(?:show|reveal|demonstrat|found|find|positive|"
    r"notable|consistent|for\b|with\b|due\b|because\b|secondary\b)",
    re.IGNORECASE,
)
_BREAK = re.compile(r"[;:\n]|\.\s")
_STILL_TO_COME = re.compile(
    r"\b(?:due\b(?! to)|repeat|scheduled|schedule|planned|plan|next|until|since|recheck|follow[- ]?up|"
    r"will|expected|expires?)\b",
    re.IGNORECASE,
)


def past_dates(document: Document) -> list[TimeExpression]:
    """The dates of a document that lie before its note: by the date in its meta, or else by its
    latest date to the day, which is mostly the note's own. Where there is neither, years and
    months without a day are of the past.
    """
    dates = [time for time in document.times if time.kind == "date" and time.value]
    if not dates:
        return []
    note = document.meta.get("date", "")
    if not note:
        note = max((time.value for time in dates if len(time.value) > _MONTH), default="")[:_YEAR]
    return [time for time in dates if _is_before(time.value, note)]


def _is_before(value: str, note: str) -> bool:
    """Whether an ISO date is of an earlier year than the note, or some months earlier."""
    if not note:
        return len(value) <= _MONTH
    if value[:_YEAR] != note[:_YEAR] and min(len(value), len(note)) < _MONTH:
        return value < note
    if min(len(value), len(note)) < _MONTH:
        return False
    return _months(note) - _months(value) >= _RECENT_MONTHS


def _months(date: str) -> int:
    return 12 * int(date[:_YEAR]) + int(date[_YEAR + 1 : _MONTH])


def dated_past(
    text: str,
    mentions: Sequence[Mention],
    dates: Sequence[TimeExpression],
    stretch: tuple[int, int],
    hits: Sequence[tuple[int, Hit]],
) -> set[int]:
    """The indices of the `mentions` of a stretch, in order, that its past `dates` speak of.

    A date speaks of the nearest mention before it in the same clause, and where it begins a clause,
    or what it dates is a study or a stay that a mention behind tells more of, of those behind it.
    `hits` are triggers with the place of each in the text; those that end what is historical lie
    between a date and no mention of it.
    """
    dated: set[int] = set()
    ends = [place for place, hit in hits if HISTORICAL in hit.rule.forward.ends]
    start, end = stretch
    for date in dates:
        if not start <= date.start < end or _STILL_TO_COME.search(text, start, date.start):
            continue
        before = _nearest_before(text, mentions, date, start, ends)
        leads = _CLAUSE_START.search(text[start : date.start]) is not None
        if before is not None and not leads:
            dated.add(before)
        study = before is None or mentions[before].label in ("Test", "Procedure")
        if leads or (study and _GOES_ON.match(text, date.end, end)):
            dated.update(_behind(text, mentions, date, ends))
    return {index for index in dated if mentions[index].label not in _DRUGS}


def _nearest_before(
    text: str, mentions: Sequence[Mention], date: TimeExpression, start: int, ends: Sequence[int]
) -> int | None:
    for index in range(len(mentions) - 1, -1, -1):
        mention = mentions[index]
        if mention.end > date.start or mention.label in _NOT_DATED:
            continue
        between = text[mention.end : date.start]
        far = len(between) > _MOST_BETWEEN or _BREAK.search(between)
        ended = any(mention.end <= place < date.start for place in ends)
        return None if far or ended or mention.start < start else index
    return None


def _behind(
    text: str, mentions: Sequence[Mention], date: TimeExpression, ends: Sequence[int]
) -> list[int]:
    until = min([place for place in ends if place >= date.end], default=len(text))
    stop = _BREAK.search(text, date.end + 1)
    until = min(until, stop.start() if stop else until)
    return [
        index
        for index, mention in enumerate(mentions)
        if date.end <= mention.start < until and mention.label not in _NOT_DATED
    ]
