"""Abbreviations that a text defines itself, as in "tumor necrosis factor (TNF)".

Candidates and limits follow Schwartz and Hearst (2003, Pac Symp Biocomput 451-462). Their
right-to-left match takes the last letters that fit, often inside a word; here the long form is the
start whose alignment puts the letters of the short form at the beginnings of words and leaves few
words out. Every bracket looks at a bounded stretch of text, so the time grows with the length of
the text alone.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from operator import itemgetter

from biopipe.document import Abbreviation, Document, Predictor, PredictorInfo

__all__ = ["AbbreviationFinder", "find_abbreviations"]

Span = tuple[int, int]
# A letter of a short form in a long form: its place, what the alignment from there on earns, and the
# number of its word.
Placed = tuple[int, float, int]

_BRACKET = re.compile(r"[()\[\]]")
_OPENING = {")": "(", "]": "["}
_LONGEST_BRACKET = 200
_LOOK_BACK = 250
_LONGEST_SHORT_FORM = 12
_PART_END = re.compile(r"[;,:=] | =")
_SENTENCE_END = re.compile(r"[.!?:] (?=[A-Z])|; |\n\s*\n")
_NOT_SHORT_FORM = re.compile(
    r"\d[\d.,]*%? .*|[a-z]{6,}|[a-z]+ [a-z]+|[a-z]|[ivxIVX]+|i\.e\.|e\.g\.|.*[<>=≤≥±%].*"
    r"|.* (?:versus|vs|and|or) .*|\d.*(?:mg|kg|ml|mM|microM)\b.*"
)
_QUOTES = " \"'“”‘’"
_WORD = re.compile(r"[^\W_]+")
_LINKING = frozenset(
    {"a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"}
)

# What a letter of the short form earns by where it stands; set on half of Ab3P's MED1250.
_AT_WORD_START, _AT_LINKING_WORD, _INSIDE_WORD, _RUNNING_ON = 3.0, 1.0, 1.0, 0.5
_WORD_LEFT_OUT = -2.0
_LEAST_PER_LETTER, _LEAST_REVERSED = 1.3, 2.1
_IMPOSSIBLE = float("-inf")


class AbbreviationFinder(Predictor):
    """A predictor that sets `Document.abbreviations` where nobody has looked for them yet."""

    @property
    def info(self) -> PredictorInfo:
        """Gives abbreviations."""
        return PredictorInfo(name="abbreviations", gives=frozenset({"abbreviations"}))

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        """The documents with the abbreviations that their texts define."""
        return [with_abbreviations(document) for document in documents]


def with_abbreviations(document: Document) -> Document:
    """The document carrying its abbreviations, for all later stages."""
    if document.abbreviations is not None:
        return document
    return replace(document, abbreviations=find_abbreviations(document.text), concepts=None)


def find_abbreviations(text: str) -> tuple[Abbreviation, ...]:
    """Short forms with the long forms that the text gives for them, in order of the short forms."""
    if ")" not in text and "]" not in text:
        return ()
    by_span: dict[Span, Abbreviation] = {}
    for start, end in _brackets(text):
        definition = _short_inside(text, start, end) or _both_inside(text, start, end)
        if definition := definition or _long_inside(text, start, end):
            by_span.setdefault(definition[0], Abbreviation(*definition[0], *definition[1]))
    return tuple(by_span[span] for span in sorted(by_span))


def _brackets(text: str) -> Iterator[Span]:
    """What stands inside each pair of brackets, inner pairs first; a lone bracket is passed
    over.
    """
    opened: list[tuple[str, int]] = []
    for match in _BRACKET.finditer(text):
        if match[0] not in _OPENING:
            opened.append((match[0], match.end()))
        elif opened and opened[-1][0] == _OPENING[match[0]]:
            start = opened.pop()[1]
            if match.start() - start <= _LONGEST_BRACKET:
                yield start, match.start()
        else:
            opened.clear()


def _short_inside(text: str, start: int, end: int) -> tuple[Span, Span] | None:
    """The "long form (SF)" and "long form (SF; more)" kinds."""
    short = _trim(text, start, _first_part_end(text, start, end))
    long = (
        _long_form_before(text, start - 1, text[slice(*short)]) if _is_short(text, short) else None
    )
    return (short, long) if long else None


def _both_inside(text: str, start: int, end: int) -> tuple[Span, Span] | None:
    """The "another name (long form, SF)" kind."""
    comma = max(text.rfind(", ", start, end), text.rfind("; ", start, end))
    short = _trim(text, comma + 2, end)
    if comma < start or not _is_capital_word(text, short):
        return None
    long = _long_form_before(text, comma, text[slice(*short)])
    return (short, long) if long and long[0] >= start else None


def _long_inside(text: str, start: int, end: int) -> tuple[Span, Span] | None:
    """The "SF (long form)" kind: the long form has to begin where the bracket does."""
    before = text[max(0, start - 1 - 3 * _LONGEST_SHORT_FORM) : start - 1].rstrip()
    word = before.split()[-1].lstrip("([") if before else ""
    short_start = text.rfind(word, 0, start - 1)
    short, long = (
        (short_start, short_start + len(word)),
        _trim(text, start, _first_part_end(text, start, end)),
    )
    if not _is_capital_word(text, short) or len(text[slice(*long)].split()) > 2 * len(word):
        return None
    aligned = _align(word, text[slice(*long)])
    fits = aligned is not None and aligned[0] == 0 and aligned[1] >= _LEAST_REVERSED
    return (short, long) if fits and _is_long(text[slice(*long)], word) else None


def _is_short(text: str, span: Span) -> bool:
    short = text[slice(*span)]
    return (
        0 < len(short) <= _LONGEST_SHORT_FORM
        and short[0].isalnum()
        and any(character.isalpha() for character in short)
        and len(short.split()) <= 2
        and not _NOT_SHORT_FORM.fullmatch(short)
    )


def _is_capital_word(text: str, span: Span) -> bool:
    short = text[slice(*span)]
    return len(short) > 1 and " " not in short and short.lower() != short and _is_short(text, span)


def _is_long(long: str, short: str) -> bool:
    balanced = all(
        long.count(opening) == long.count(closing) for closing, opening in _OPENING.items()
    )
    return (
        balanced
        and len(long) > len(short)
        and short not in long.split()
        and (len(short) > 1 or " " not in long)
    )


def _trim(text: str, start: int, end: int) -> Span:
    while start < end and text[start] in _QUOTES:
        start += 1
    while end > start and text[end - 1] in _QUOTES:
        end -= 1
    return start, end


def _first_part_end(text: str, start: int, end: int) -> int:
    part_end = _PART_END.search(text, start, end)
    return part_end.start() if part_end else end


def _long_form_before(text: str, end: int, short: str) -> Span | None:
    while end > 0 and (text[end - 1].isspace() or text[end - 1] in "\"'”’,"):
        end -= 1
    words = min(len(short) + 5, 2 * len(short))
    start = _stretch_before(text, end, words)
    for letters in _readings(short):
        aligned = _align(letters, text[start:end])
        if aligned is None or aligned[1] < _LEAST_PER_LETTER:
            continue
        long = _whole_name(text, start, start + aligned[0]), end
        if _is_long(text[slice(*long)], short):
            return long
    return None


def _readings(short: str) -> list[str]:
    # A number is often absent from the long form (T3, IP3, FEV1), so it is asked for first and then
    # let go.
    letters = "".join(character for character in short if not character.isdigit())
    return [short] if letters == short else [short, letters]


def _stretch_before(text: str, end: int, words: int) -> int:
    """Where the last `words` words before `end` begin, within the sentence and after any other
    bracket.
    """
    first = max(0, end - _LOOK_BACK)
    stretch = text[first:end]
    breaks = [match.end() for match in _SENTENCE_END.finditer(stretch)]
    start = max([0, *breaks, _after_bracket(stretch)])
    starts = [match.start() for match in re.finditer(r"\S+", stretch[start:])]
    return first + start + (starts[-words] if len(starts) > words else 0)


def _after_bracket(stretch: str) -> int:
    """End of the last bracket that is not part of a word, as in "(TNF) and interleukin"; 0 for
    none.
    """
    closed: list[int] = []
    for match in reversed(list(_BRACKET.finditer(stretch))):
        if match[0] in _OPENING:
            closed.append(match.end())
        elif not closed:
            return match.end()
        elif (
            (end := closed.pop())
            and not closed
            and (match.start() == 0 or stretch[match.start() - 1].isspace())
        ):
            return end
    return 0


def _whole_name(text: str, first: int, start: int) -> int:
    """Start of the hyphenated name that the word at `start` belongs to, as in
    "2,6-diaminopurine".
    """
    while start - 1 > first and text[start - 1] == "-" and text[start - 2].isalnum():
        start -= 1
        while start > first and (text[start - 1].isalnum() or text[start - 1] in ",'′"):
            start -= 1
    return start


def _align(short: str, region: str) -> tuple[int, float] | None:
    """Where in `region` the best long form of `short` begins, and what it earns per letter.

    All letters and digits of `short` must appear in order, the first at the start of a word; the
    long form reaches to the end of `region`. Of equal starts the last counts.
    """
    letters = [character for character in short.lower() if character.isalnum()]
    lowered = region.lower()
    if not letters or len(lowered) != len(region) or not _in_order(letters, lowered):
        return None
    words = [match.span() for match in _WORD.finditer(lowered)]
    left_out = _left_out_costs(lowered, words)
    linking = [lowered[start:end] in _LINKING for start, end in words]
    following: list[Placed] = []
    for index in reversed(range(len(letters))):
        after_all = left_out[-1] if index == len(letters) - 1 else _IMPOSSIBLE
        occurrences = _occurrences(letters[index], lowered, words, linking, first=index == 0)
        following = _align_letter(occurrences, left_out, following, after_all)
        if not following:
            return None
    place, best, _ = max(following, key=itemgetter(1))
    return place, best / len(letters)


def _in_order(letters: Sequence[str], text: str) -> bool:
    """Whether the text has the letters in this order, with anything between them."""
    place = -1
    for letter in letters:
        place = text.find(letter, place + 1)
        if place < 0:
            return False
    return True


def _left_out_costs(region: str, words: Sequence[Span]) -> list[float]:
    """Cost of leaving out the first n words; linking words, numbers and parts after a hyphen are
    free.
    """
    costs = [0.0]
    for start, end in words:
        free = (
            region[start:end] in _LINKING
            or region[start:end].isdigit()
            or region[start - 1 : start] == "-"
        )
        costs.append(costs[-1] + (0.0 if free else _WORD_LEFT_OUT))
    return costs


def _occurrences(
    letter: str, region: str, words: Sequence[Span], linking: Sequence[bool], *, first: bool
) -> list[tuple[int, int, float]]:
    """Place, word number and gain of each occurrence of a letter, from the last to the first; of the
    `first` letter those at the start of a word. `linking` says which words link others.
    """
    occurrences = []
    number = len(words) - 1
    place = region.rfind(letter)
    while place >= 0:
        while words[number][0] > place:
            number -= 1
        if place == words[number][0]:
            gain = _AT_LINKING_WORD if linking[number] else _AT_WORD_START
            occurrences.append((place, number, gain))
        elif not first:
            occurrences.append((place, number, _INSIDE_WORD))
        place = region.rfind(letter, 0, place)
    return occurrences


def _align_letter(
    occurrences: Iterable[tuple[int, int, float]],
    left_out: Sequence[float],
    following: Sequence[Placed],
    later: float,
) -> list[Placed]:
    """What an alignment earns with a letter at each of its places, from the last to the first;
    `following` is the same for the next letter, and `later` what leaving out all words before the
    end costs, where there is none.
    """
    placed: list[Placed] = []
    ahead, count = 0, len(following)
    word, in_word, previous = -1, _IMPOSSIBLE, -1
    for place, number, gain in occurrences:
        # All alignments of the next letter that start behind this place: those of this word count as
        # they are, those of later words with the words between left out.
        while ahead < count and following[ahead][0] > place:
            previous, earned, following_word = following[ahead]
            if following_word != word:
                if word >= 0 and in_word + left_out[word] > later:
                    later = in_word + left_out[word]
                word, in_word = following_word, earned
            elif earned > in_word:
                in_word = earned
            ahead += 1
        if number != word:
            if word >= 0 and in_word + left_out[word] > later:
                later = in_word + left_out[word]
            word, in_word = number, _IMPOSSIBLE
        best = later - left_out[number + 1]
        if in_word > best:
            best = in_word
        if ahead and previous == place + 1 and following[ahead - 1][2] == number:
            # Running on from the next letter.
            best = max(best, following[ahead - 1][1] + _RUNNING_ON)
        if best > _IMPOSSIBLE:
            placed.append((place, best + gain, number))
    return placed
