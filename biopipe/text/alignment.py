"""How well the letters of a short form fit a stretch of text, and where its long form begins.

The letters of the short form, in order, earn by where they stand: the beginnings of words say more
than their insides, and words without any letter cost.
"""

import re
from collections.abc import Iterable, Sequence
from operator import itemgetter

from biopipe.text.letter_readings import region_readings

__all__ = ["LINKING_WORDS", "align_letters"]

Span = tuple[int, int]
# A letter of a short form in a long form: its place, what the alignment from there on earns, and the
# number of its word.
Placed = tuple[int, float, int]

_WORD = re.compile(r"[^\W_]+")
LINKING_WORDS = frozenset(
    {"a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"}
)

# What a letter of the short form earns by where it stands; set on half of Ab3P's MED1250.
_AT_WORD_START, _AT_LINKING_WORD, _INSIDE_WORD, _RUNNING_ON = 3.0, 1.0, 1.0, 0.5
_WORD_LEFT_OUT = -2.0
_IMPOSSIBLE = float("-inf")


def align_letters(short: str, region: str) -> tuple[int, float] | None:
    """Where in `region` the best long form of `short` begins, and what it earns per letter.

    All letters and digits of `short` must appear in order, the first at the start of a word; the
    long form reaches to the end of `region`. Of equal starts the last counts.
    """
    letters = [character for character in short.lower() if character.isalnum()]
    if not letters:
        return None
    for lowered in region_readings(region):
        if _in_order(letters, lowered) and (aligned := _best(letters, lowered)):
            return aligned
    return None


def _best(letters: Sequence[str], lowered: str) -> tuple[int, float] | None:
    """The alignment of `align_letters` in one reading of the region."""
    words = [match.span() for match in _WORD.finditer(lowered)]
    left_out = _left_out_costs(lowered, words)
    # "a-smooth" is how "α-smooth" is read.
    linking = [
        lowered[start:end] in LINKING_WORDS and lowered[end : end + 1] != "-"
        for start, end in words
    ]
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
            region[start:end] in LINKING_WORDS
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
        if place == words[number][0] and not (first and linking[number]):
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
