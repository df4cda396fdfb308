"""Answers in the form of a checklist: `Asthma: no`, `Rash (-)`, `[ ] Fever`, columns of yes and no.

What an answer is stands in the trigger files, under the directions "answer" (behind a colon, a
question mark, a dash or a gap), "mark" (right before or behind the words it is about) and "list"
(at the head of a list of what it is about).
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from biopipe.assertion.answer_columns import answered_rows
from biopipe.assertion.answer_patterns import AnswerPatterns, Answers

__all__ = ["AnsweredSpan", "answered_lists", "answered_spans"]

_CLAUSE_END = re.compile(r"[;|\t]|[.?!](?=\s)|\s{2,}(?=\S)")
_NEAR_END = re.compile(r"[,;|\t]|[.?!](?=\s)|\s{2,}(?=\S)|\b(?:and|or)\b", re.IGNORECASE)
# What a form offers before the answer: "Chest pain  Y / N : N".
_CHOICE = re.compile(r"\(?\b(?:y|yes)[ ]?/[ ]?(?:n|no)\b\)?[ \t]*\Z", re.IGNORECASE)
_FIELD = re.compile(r"[ \t]*[A-Za-z][^:\n]{0,60}:")
_SENTENCE_END = re.compile(r"[.;](?=\s|$)")


class AnsweredSpan(NamedTuple):
    """The words that are answered, where their answer ends, and what it says of mentions in
    them.
    """

    start: int
    end: int
    answer_end: int
    answers: Answers


def answered_spans(
    text: str, patterns: AnswerPatterns, ends: AbstractSet[int] = frozenset()
) -> list[AnsweredSpan]:
    """Words with an answer of their own, in order of the text; no two overlap.

    `ends` is where mentions end: only right behind one is a word such as "no" a mark.
    """
    spans = [
        AnsweredSpan(row.start, row.end, row.end, patterns.of("answer", row.answer))
        for row in answered_rows(text, lambda cell: bool(patterns.of("answer", cell)))
    ]
    offset, places = 0, sorted(ends)
    for line in text.split("\n"):
        last = offset + len(line)
        in_line = places[bisect_right(places, offset) : bisect_right(places, last)]
        spans += [
            AnsweredSpan(offset + start, offset + end, offset + answer_end, answers)
            for start, end, answer_end, answers in _in_line(
                line, patterns, {place - offset for place in in_line}
            )
        ]
        offset = last + 1
    return _apart(spans)


def answered_lists(text: str, patterns: AnswerPatterns) -> list[AnsweredSpan]:
    """What stands behind or under a head such as `Denies:`, in order of the text."""
    spans = []
    for colon, answers in patterns.heads(text):
        start, end = colon + 1, _end_of_list(text, colon + 1)
        if text[start:end].strip():
            spans.append(AnsweredSpan(start, end, end, answers))
    return _apart(spans)


def _in_line(line: str, patterns: AnswerPatterns, ends: AbstractSet[int]) -> Iterable[AnsweredSpan]:
    if ticked := _ticked(line, patterns):
        return ticked
    return [*_marked(line, patterns), *_answered(line, patterns, ends)]


def _answered(
    line: str, patterns: AnswerPatterns, ends: AbstractSet[int]
) -> Iterator[AnsweredSpan]:
    """`Fever, chills: no` and `rash (-)`: the answer follows the words."""
    start = 0
    for match in patterns.behind(line, ends):
        end = match.start()
        if choice := _CHOICE.search(line[:end], start):
            end = choice.start()
        mark = match["mark"]
        answers = patterns.of(
            "mark" if mark else "answer", mark or match["answer"] or match["cell"]
        )
        # "asthma, AKI - resolved": of a list behind a dash the last alone is over.
        is_near = mark or (":" not in match[0] and {said for said, _ in answers} == {"historical"})
        breaks = (_NEAR_END if is_near else _CLAUSE_END).finditer(line, start, end)
        first = max((place.end() for place in breaks if line[place.end() : end].strip()), default=0)
        first = max(first, start)
        if line[first:end].strip(" \t,;.|-"):
            yield AnsweredSpan(first, end, match.end(), answers)
        start = match.end()


def _marked(line: str, patterns: AnswerPatterns) -> Iterator[AnsweredSpan]:
    """`[ ] fever`, `(+) cough, (-) rash`: the mark leads the words."""
    marks = patterns.before(line)
    signs = [match["mark"] for match in marks if match["sign"] or match["spaced"]]
    # One sign alone is a dash or begins an item of a list, and so do spaced ones without a plus.
    if len(signs) == 1:
        marks = [match for match in marks if match["mark"] not in signs]
    if "+" not in signs:
        marks = [match for match in marks if not match["spaced"]]
    if not marks or line[: marks[0].start()].strip()[-1:].isalnum():
        return  # as in `fever (-) cough (+)`
    for index, match in enumerate(marks):
        end = marks[index + 1].start() if index + 1 < len(marks) else len(line)
        is_sign = match["sign"] or match["spaced"]
        boundary = (_NEAR_END if is_sign else _CLAUSE_END).search(line, match.end(), end)
        end = boundary.start() if boundary else end
        yield AnsweredSpan(match.end(), end, end, patterns.of("mark", match["mark"]))


def _ticked(line: str, patterns: AnswerPatterns) -> list[AnsweredSpan]:
    """`Syncope [ ] yes [x] no`: the box with a tick says which answer counts."""
    pairs = patterns.box_pairs(line)
    spans: list[AnsweredSpan] = []
    previous, label = 0, (0, 0)
    for match in pairs if len(pairs) > 1 else ():
        if any(map(str.isalnum, line[previous : match.start()])):
            label = (previous, match.start())
        previous = match.end()
        if patterns.is_ticked(match["box"]):
            answers = patterns.of("answer", match["answer"])
            spans.append(AnsweredSpan(*label, label[1], answers))
    return spans


def _end_of_list(text: str, start: int) -> int:
    """Where the words behind a head end: with its sentence, or else with the lines under it."""
    place = _line_end(text, start)
    if text[start:place].strip():
        stop = _SENTENCE_END.search(text, start, place)
        return stop.start() if stop else place
    while place < len(text):
        following = _line_end(text, place + 1)
        line = text[place + 1 : following]
        if not line.strip() or _FIELD.match(line):
            break
        place = following
    return place


def _line_end(text: str, start: int) -> int:
    newline = text.find("\n", start)
    return len(text) if newline < 0 else newline


def _apart(spans: Iterable[AnsweredSpan]) -> list[AnsweredSpan]:
    """Those that overlap no earlier one, in order; of two at one place the first given stays."""
    kept: list[AnsweredSpan] = []
    for span in sorted(spans, key=lambda span: span.start):
        if not kept or span.start >= kept[-1].answer_end:
            kept.append(span)
    return kept
