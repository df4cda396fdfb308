"""Sentences of a note that never run over the end of a line that its author broke on purpose."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from biopipe.clinical.sections.headings import Heading
from biopipe.clinical.sections.lines import Line
from biopipe.document import Sentence
from biopipe.text.sentences import sentence_spans

__all__ = ["note_sentences"]

# Nobody wraps text at less.
_NARROWEST = 60
# Columns of a table, and items numbered within a line.
_GAP = re.compile(r"\t+| {3,}| \| |(?<=\s)(?=\d{1,2}\)\s)")
# "1. Lasix 40 mg 2. KCl 20 mEq": those of one line that count on from 1.
_NUMBER = re.compile(r"(?<![^\s:;,.])(\d{1,2})\.(?=\s+[A-Za-z])")
_COLUMNS = re.compile(r"\S(?:\t+| {3,}| \| ?)(?=\S)")
_FIRST_WORD = re.compile(r"\S{1,40}")
_SENTENCE_END = (".", "!", "?", ":", ";")
# The head of a list, all of a line: "STOPPED:".
_HEAD = re.compile(r"[A-Z][^.:\n]{0,40}:")
# Where a sentence may end in text without capitals, but for abbreviations.
_SMALL_END = re.compile(r"(?<=[a-z0-9)%])\.\s+(?=[a-z?+])")
_LAST_WORD = re.compile(r"[a-z]+\Z")
_ABBREVIATED = frozenset(
    {"al", "approx", "ca", "dr", "eg", "etc", "fig", "ie", "max", "mr", "mrs", "ms", "no", "prof", "resp",
     "st", "vs"}
)  # fmt: skip
_FEW_CAPITALS = 0.02


def note_sentences(
    text: str, lines: Sequence[Line], headings: Sequence[Heading]
) -> tuple[Sentence, ...]:
    """Sentences in order: trimmed, disjoint, together all that is not white space, page breaks
    aside.

    A line is a piece of its own unless the next one goes on with its sentence because the text was
    wrapped. Pieces end at headings too, and at the columns of tables.
    """
    cuts = sorted({place for heading in headings for place in (heading.start, heading.body)})
    if _is_small(text):
        cuts = sorted({*cuts, *_small_ends(text)})
    return tuple(
        Sentence(start + first, start + last)
        for start, end in _pieces(text, lines, cuts)
        for first, last in sentence_spans(text[start:end])
    )


def _is_small(text: str) -> bool:
    """Whether a text is written in small letters: capitals tell no sentences there."""
    letters = sum(map(str.isalpha, text))
    return sum(map(str.isupper, text)) <= letters * _FEW_CAPITALS


def _small_ends(text: str) -> Iterator[int]:
    """Where sentences end in a text without capitals: "no bm x4d. hx sbo"."""
    for end in _SMALL_END.finditer(text):
        word = _LAST_WORD.search(text, max(0, end.start() - 12), end.start())
        last = word[0] if word else ""
        # "b.i.d. for" and "approx. 5" go on.
        dotted = len(last) == 1 and text[end.start() - 2] == "."
        if last not in _ABBREVIATED and not dotted:
            yield end.end()


def _pieces(text: str, lines: Sequence[Line], cuts: Sequence[int]) -> Iterator[tuple[int, int]]:
    for start, end in _joined_lines(text, lines):
        inside = set(cuts[bisect_right(cuts, start) : bisect_left(cuts, end)])
        inside.update(gap.start() for gap in _GAP.finditer(text, start, end))
        inside.update(place for place in _numbered(text, start, end) if place > start)
        yield from zip([start, *sorted(inside)], [*sorted(inside), end], strict=True)


def _numbered(text: str, start: int, end: int) -> list[int]:
    """Where the items of a list begin whose numbers stand within a line, two at least."""
    places: list[int] = []
    for number in _NUMBER.finditer(text, start, end):
        if int(number[1]) == len(places) + 1:
            places.append(number.start())
    return places if len(places) > 1 else []


def _joined_lines(text: str, lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Lines, those that were wrapped joined, as (start, end)."""
    for paragraph in _paragraphs(lines):
        width = max(line.end - line.start + line.indent for line in paragraph)
        start = paragraph[0].start
        for line, following in zip(paragraph, [*paragraph[1:], None], strict=True):
            if following is None or not _is_wrapped(text, line, following, width):
                yield start, line.end
                start = following.start if following is not None else line.end


def _paragraphs(lines: Sequence[Line]) -> Iterator[list[Line]]:
    paragraph: list[Line] = []
    for line in lines:
        if not line.blank:
            paragraph.append(line)
        elif paragraph:
            yield paragraph
            paragraph = []
    if paragraph:
        yield paragraph


def _is_wrapped(text: str, line: Line, following: Line, width: int) -> bool:
    """Whether a line ended because it was full, and the next one goes on with it; rows of a table
    are full and do not.
    """
    if following.is_item or width < _NARROWEST:
        return False
    if _HEAD.fullmatch(text, following.start, following.end):
        return False
    if line.is_item and following.indent < line.indent and text[following.start].isupper():
        return False
    if any(_COLUMNS.search(text, row.start, row.end) for row in (line, following)):
        return False
    word = _FIRST_WORD.match(text, following.start)
    length = line.end - line.start + line.indent
    if word is None or text[line.end - 1] == ":":
        return False
    # The next word would not have had room on this line.
    full = length + 1 + len(word[0]) > width
    if full:
        return True
    goes_on = word[0][0].islower() and not text[line.start : line.end].endswith(_SENTENCE_END)
    return goes_on and length >= _NARROWEST * 2 // 3
