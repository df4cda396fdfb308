"""Tables with a column for each answer, such as `Symptom | Yes | No`, where a cross says which."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

__all__ = ["AnsweredRow", "answered_rows"]

_CROSS = re.compile(r"[xX✓✔✗☑☒■•*●]|\[[xX✓✔]\]|\([xX✓✔]\)")
_CROSSED_CELL = re.compile(
    rf"(?:[|\t]|[ ]{{2}})[ ]*(?:{_CROSS.pattern})[ ]*(?:$|[|\t]|[ ]{{2}})", re.MULTILINE
)
_SPACED_CELL = re.compile(r"\S+(?: \S+)*")
_RULE = re.compile(r"[\s|:+=-]+\Z")


class AnsweredRow(NamedTuple):
    """The span of a row's first cell, and the head of the column that has its cross."""

    start: int
    end: int
    answer: str


class _Cell(NamedTuple):
    start: int
    end: int
    text: str


def answered_rows(text: str, is_answer: Callable[[str], bool]) -> Iterator[AnsweredRow]:
    """The rows under each line that has two or more cells which `is_answer` says are answers; a
    table ends at a blank line. Cells are parted by bars, tabs or two spaces.
    """
    if "\n" not in text or _CROSSED_CELL.search(text) is None:
        return
    heads: list[tuple[int, _Cell]] = []
    offset = 0
    for line in text.split("\n"):
        cells = _cells(line)
        columns = [(index, cell) for index, cell in enumerate(cells) if is_answer(cell.text)]
        if not line.strip():
            heads = []
        elif len(columns) > 1 and not any(_CROSS.fullmatch(cell.text) for cell in cells):
            heads = columns
        elif heads and not _RULE.match(line):
            answer = _crossed(line, cells, heads)
            if answer is not None and cells[0].text:
                yield AnsweredRow(offset + cells[0].start, offset + cells[0].end, answer)
        offset += len(line) + 1


def _crossed(line: str, cells: list[_Cell], heads: list[tuple[int, _Cell]]) -> str | None:
    """The head over the only cross of a row: that of its column, or in a line of spaces the
    nearest.
    """
    crosses = [
        (index, cell) for index, cell in enumerate(cells[1:], 1) if _CROSS.fullmatch(cell.text)
    ]
    if len(crosses) != 1:
        return None
    index, cross = crosses[0]
    if "|" in line or "\t" in line:
        return next((cell.text for column, cell in heads if column == index), None)
    middle = cross.start + cross.end
    nearest = min(heads, key=lambda head: abs(head[1].start + head[1].end - middle))
    return nearest[1].text


def _cells(line: str) -> list[_Cell]:
    if "|" in line or "\t" in line:
        separator = "|" if "|" in line else "\t"
        start = len(line) - len(line.lstrip()) + 1 if line.lstrip().startswith("|") else 0
        cells = []
        for part in line[start:].split(separator):
            stripped = part.strip()
            first = start + part.find(stripped)
            cells.append(_Cell(first, first + len(stripped), stripped))
            start += len(part) + 1
        return cells
    return [_Cell(*match.span(), match[0]) for match in _SPACED_CELL.finditer(line)]
