"""The stretches of text that a scope cannot leave: sentences, and the items and lines of notes
inside them.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from biopipe.assertion.answer_patterns import AnswerPatterns, Answers
from biopipe.assertion.checklists import AnsweredSpan, answered_lists, answered_spans
from biopipe.assertion.lexicon import CategoriesByLabel, Lexicon
from biopipe.assertion.line_breaks import is_deliberate
from biopipe.assertion.sections import AssertedHeading, headings, section_at
from biopipe.document import Document
from biopipe.document.sections import section_of
from biopipe.text.sentences import sentences_of

__all__ = ["Stretch", "stretches"]

_NUMBERED = re.compile(r"(?<=\s)\d{1,2}\)\s")
# Notes begin sentences with small letters: one ends where its last word is a mention.
_SMALL_START = re.compile(r"\.\s+(?=[a-z])")
# A sentence's end whose space was forgotten, as in "No fever.Cough present."
_UNSPACED_END = re.compile(r"\.(?<=[a-z)]{2}\.)(?=[A-Z][a-z]{2})")


class Stretch(NamedTuple):
    """A stretch of text, the indices of its mentions in order, what its section says of them, and
    the answer that a checklist gives to it.
    """

    start: int
    end: int
    mentions: Sequence[int]
    section: CategoriesByLabel
    answers: Answers = ()


class _Spans(NamedTuple):
    """Answered spans in order, with their starts and ends in lists of their own."""

    spans: Sequence[AnsweredSpan]
    starts: Sequence[int]
    ends: Sequence[int]


class _Layout(NamedTuple):
    """What the lines and marks of a document say: headings, where these end, answered words, lists
    under a head.
    """

    headings: Sequence[AssertedHeading]
    heading_ends: Sequence[int]
    answered: _Spans
    lists: _Spans
    width: int
    lexicon: Lexicon


def stretches(document: Document, lexicon: Lexicon, patterns: AnswerPatterns) -> Iterator[Stretch]:
    """Those with mentions, in order.

    A sentence ends early at a heading, at the words of a checklist and their answer, before an item
    of a list, and where its author broke a line on purpose; see `is_deliberate`.
    """
    text, mentions = document.text, document.mentions
    if not mentions:
        return
    in_order = sorted([(mention.start, index) for index, mention in enumerate(mentions)])
    starts, order = [start for start, _ in in_order], [index for _, index in in_order]
    layout = _layout(document, lexicon, patterns)
    first = 0
    for sentence in sentences_of(document):
        start, end = sentence.start, sentence.end
        last = bisect_left(starts, end, first)
        if last > first:
            cuts = _cuts(text, start, end, layout)
            if text.find(".", start, end - 1) >= 0:
                ends = {mentions[index].end for index in order[first:last]}
                cuts = sorted({*cuts, *_small_starts(text, start, end, ends)})
            for piece, until in zip([start, *cuts], [*cuts, end], strict=True):
                here = bisect_left(starts, until, first, last)
                if here > first:
                    yield Stretch(
                        piece,
                        until,
                        order[first:here],
                        _section_of(document, layout, piece),
                        _answers_at(layout.answered, piece) or _answers_at(layout.lists, piece),
                    )
                first = here


def _layout(document: Document, lexicon: Lexicon, patterns: AnswerPatterns) -> _Layout:
    text = document.text
    lines = "\n" in text
    ends = {mention.end for mention in document.mentions}
    answered = _spans(answered_spans(text, patterns, ends))
    found = [
        heading
        for heading in (headings(text, lexicon) if lines or ":" in text else ())
        if not _answers_at(answered, heading.start)
    ]
    return _Layout(
        headings=found,
        heading_ends=[heading.end for heading in found],
        answered=answered,
        lists=_spans(answered_lists(text, patterns) if ":" in text else ()),
        width=max(map(len, text.split("\n"))) if lines else 0,
        lexicon=lexicon,
    )


def _spans(spans: Sequence[AnsweredSpan]) -> _Spans:
    return _Spans(spans, [span.start for span in spans], [span.answer_end for span in spans])


def _section_of(document: Document, layout: _Layout, place: int) -> CategoriesByLabel:
    """What the section of a place says of its mentions: what the triggers say of the last heading
    of theirs in the section that the document carries, or else of the category of that section.
    """
    section = section_of(document, place)
    index = bisect_right(layout.heading_ends, place)
    if section is None or (index and layout.headings[index - 1].start >= section.start):
        return section_at(layout.headings, place)
    if place < section.body:
        return frozenset()
    return layout.lexicon.headings.get(tuple(section.category.split("_")), frozenset())


def _answers_at(found: _Spans, place: int) -> Answers:
    index = bisect_right(found.starts, place)
    return found.spans[index - 1].answers if index and place < found.spans[index - 1].end else ()


def _cuts(text: str, start: int, end: int, layout: _Layout) -> list[int]:
    """Where the sentence from `start` to `end` is cut, in order."""
    cuts: list[int] = []
    found = layout.headings
    for index in range(bisect_right(layout.heading_ends, start), len(found)):
        heading = found[index]
        if heading.start >= end:
            break
        cuts += [heading.start, heading.end]
    for spans, _, ends in (layout.answered, layout.lists):
        for index in range(bisect_right(ends, start), len(spans)):
            span = spans[index]
            if span.start >= end:
                break
            cuts += [span.start, span.end, span.answer_end]
    if text.find(")", start, end) >= 0:
        cuts += [match.start() for match in _NUMBERED.finditer(text, start, end)]
    if text.find(".", start, end - 1) >= 0:
        cuts += [match.end() for match in _UNSPACED_END.finditer(text, start, end)]
    if layout.width:
        cuts += _line_breaks(text, start, end, layout)
    return sorted({cut for cut in cuts if start < cut < end}) if cuts else []


def _small_starts(text: str, start: int, end: int, ends: AbstractSet[int]) -> Iterator[int]:
    """Where a sentence begins with a small letter behind a full stop at the end of a mention."""
    for match in _SMALL_START.finditer(text, start, end):
        if match.start() in ends:
            yield match.end()


def _line_breaks(text: str, start: int, end: int, layout: _Layout) -> Iterator[int]:
    line = text.rfind("\n", 0, start) + 1
    newline = text.find("\n", start, end)
    while newline >= 0:
        if is_deliberate(text, line, newline, width=layout.width, lexicon=layout.lexicon):
            yield newline + 1
        line = newline + 1
        newline = text.find("\n", line, end)
