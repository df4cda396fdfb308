"""Regular expressions for the answers and marks of checklists, made from the triggers.

They are tried only where one of a few characters stands, or a mention ends: most text has few of
these, and a search for all answers everywhere would take longer than all else.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise

from biopipe.assertion.lexicon import Lexicon
from biopipe.assertion.triggers import lowered, words

__all__ = ["AnswerPatterns", "Answers"]

# Categories, each with the labels of the mentions it is for as `Trigger.labels` has them.
Answers = tuple[tuple[str, frozenset[str]], ...]

_NEVER = r"(?!)"
_TICKED = "xX✓✔☑☒■"
_BOX = rf"(?P<box>\[[ \t{_TICKED}]?\]|\([ \t{_TICKED}]\)|[☐☑☒□■])"
_BOX_START = re.compile(r"[\[(☐☑☒□■]")
# What separates words from their answer, and what must follow it. A gap is a weaker sign than a
# colon, so there the answer has to be all of its cell.
_SEPARATOR = r"(?:[:=?]|(?<=[ \t])(?:-{1,2}|[–—])(?=[ \t]))[ \t]*"
_GAP = r"(?:(?<![.,;:])(?:\||\t|[ ]{2,}|\.{3,}|…)[ \t|]*|,(?=\w+$))"
_SEPARATOR_SIGNS = r":=?|\t…–—\-"
_WIDE_GAP = re.compile(r" {2,}|\.{3,}")
_LAST_WORD = re.compile(r"\w+")
_AFTER_ANSWER = r"[ \t]*(?:$|[,;|)]|[.](?=\s|$)|\t|[ ]{2,}|[ \t][-–—(])"
_AFTER_CELL = r"[ \t]*(?:$|\||\t|[ ]{2,})"
_AFTER_MARK = r"[ \t]*(?:$|[.,;|]|\b(?:and|or)\b)"
_SIGNS = "+-−"


class AnswerPatterns:
    """The patterns of a lexicon's checklist triggers, and what their matches say."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._checklist = lexicon.checklist
        self._longest_head = max(map(len, self._checklist["list"]), default=0)
        marks = self._checklist["mark"]
        answers = _alternatives(self._checklist["answer"])
        spelled = _alternatives(filter(_is_spelled, self._checklist["answer"]))
        signs = _alternatives(term for term in marks if "".join(term) in _SIGNS)
        boxes = _alternatives(
            term for term in marks if "".join(term) not in _SIGNS and not _is_spelled(term)
        )
        starts = "".join({term[0][0] for term in marks if not _is_spelled(term)})
        self._mark_start = re.compile(f"[{re.escape(starts)}]" if starts else _NEVER)
        # One class of signs: a search for alternatives would try each at every character.
        self._behind_start = re.compile(f"[{_SEPARATOR_SIGNS}{re.escape(starts)}]")
        # Another answered word may follow at once, as in "Fever: no Cough: yes".
        following = rf"[ \t]+[^\W\d_][^:;,.?|]{{0,40}}{_SEPARATOR}(?:{answers})\b"
        self._behind = re.compile(
            rf"{_SEPARATOR}(?P<answer>{answers})(?={_AFTER_ANSWER}|{following})"
            rf"|{_GAP}(?P<cell>{answers})(?={_AFTER_CELL})"
            rf"|(?<=[\s\w])(?P<mark>{boxes}|{signs})(?={_AFTER_MARK})",
            re.IGNORECASE,
        )
        self._word_behind = re.compile(
            rf"[ \t]+(?P<mark>{_alternatives(filter(_is_spelled, marks))})\b(?={_AFTER_MARK})"
            r"(?P<answer>)(?P<cell>)",
            re.IGNORECASE,
        )
        self._before = re.compile(
            rf"(?<![^\s,;|])(?P<mark>(?P<sign>(?:{signs})(?=[^\W\d]))|(?:{boxes})(?=[ \t]*[^\W_])"
            rf"|(?P<spaced>(?:(?<=[,;:][ ])(?:{signs})|(?<!.)\+)(?=[ ][^\W\d])))",
            re.IGNORECASE,
        )
        self._box = re.compile(_BOX)
        self._box_pairs = (
            re.compile(rf"{_BOX}[ \t]*(?P<answer>{spelled})\b", re.IGNORECASE),
            re.compile(rf"\b(?P<answer>{spelled})[ \t]*:?[ \t]*{_BOX}", re.IGNORECASE),
        )

    def behind(self, line: str, ends: AbstractSet[int]) -> list[re.Match[str]]:
        """Answers and marks that follow their words: groups `answer`, `cell` (behind a gap) and
        `mark`. `ends` is where mentions end in the line: only there is a word a mark.
        """
        places = self._places_behind(line)
        matches, free = [], 0
        for place in sorted(places | ends):
            if place >= free and place < len(line):
                match = self._behind.match(line, place) if place in places else None
                if match is None and place in ends:
                    match = self._word_behind.match(line, place)
                if match is not None:
                    matches.append(match)
                    free = match.end()
        return matches

    def _places_behind(self, line: str) -> set[int]:
        """Where what separates words from their answer, or a mark, may begin."""
        places = {match.start() for match in self._behind_start.finditer(line)}
        if "  " in line or "..." in line:
            places.update(match.start() for match in _WIDE_GAP.finditer(line))
        comma = line.rfind(",")
        if comma >= 0 and _LAST_WORD.fullmatch(line, comma + 1):
            places.add(comma)
        return places

    def before(self, line: str) -> list[re.Match[str]]:
        """Marks that lead their words: group `mark`, and `sign` where it is a mere sign, `spaced`
        where a space parts that from its word.
        """
        places = (match.start() for match in self._mark_start.finditer(line))
        return [match for place in places if (match := self._before.match(line, place))]

    def box_pairs(self, line: str) -> list[re.Match[str]]:
        """Boxes with their answer, in the order that the line has more of: groups `box` and
        `answer`.
        """
        if not any(self._box.match(line, m.start()) for m in _BOX_START.finditer(line)):
            return []
        return max((list(pattern.finditer(line)) for pattern in self._box_pairs), key=len)

    def heads(self, text: str) -> Iterator[tuple[int, Answers]]:
        """For each head of a list where its colon is, and what it says. Two words may stand before
        a head in its line or sentence ("The patient denies:").
        """
        colon = text.find(":")
        while colon >= 0:
            start = max(0, colon - 60, text.rfind("\n", 0, colon) + 1)
            clause = re.split(r"[.;]\s", text[start:colon])[-1]
            tokens = [token for token in words(lowered(clause)) if token not in "-*•·"]
            for length in range(min(self._longest_head, len(tokens)), 0, -1):
                head = self._answers("list", tuple(tokens[-length:]))
                if head and len(tokens) - length <= 2:
                    yield colon, head
                    break
            colon = text.find(":", colon + 1)

    def of(self, direction: str, surface: str) -> Answers:
        """What an answer, a mark or a head says; () where it is none."""
        return self._answers(direction, tuple(words(lowered(surface))))

    def is_ticked(self, box: str) -> bool:
        """Whether a box holds a cross or a tick."""
        return any(mark in _TICKED for mark in box)

    def _answers(self, direction: str, term: tuple[str, ...]) -> Answers:
        triggers = self._checklist[direction].get(term, ())
        return tuple((trigger.category, trigger.labels) for trigger in triggers)


def _is_spelled(term: Sequence[str]) -> bool:
    return all(map(str.isalpha, term))


def _alternatives(terms: Iterable[Sequence[str]]) -> str:
    """A pattern of all the terms, the longest first; it never matches where there are none."""
    patterns = sorted(map(_pattern, terms), key=lambda pattern: (-len(pattern), pattern))
    return "|".join(patterns) or _NEVER


def _pattern(term: Sequence[str]) -> str:
    """White space between the words of a term, which marks may do without."""
    pattern = re.escape(term[0])
    for one, other in pairwise(term):
        gap = r"\s+" if one[-1].isalnum() and other[0].isalnum() else r"\s*"
        pattern += gap + re.escape(other)
    return pattern
