"""Tests that no table lists, by the units of laboratories behind them."""

from collections.abc import Iterator, Sequence

from biopipe.clinical.measurements.values import COMPARISONS, TestValue, ValueReader
from biopipe.clinical.words import NUMBER, NoteWord
from biopipe.language.stop_words import common_words

__all__ = ["UnlistedTests"]

_MOST_NAME_WORDS = 4
# Units that only laboratories and monitors have.
_LABORATORY_BELOW = frozenset({"dL", "L", "mL", "uL", "[HPF]"})
_LABORATORY_UNITS = frozenset(
    {"mm[Hg]", "10*3/uL", "10*9/L", "10*6/uL", "10*12/L", "/uL", "/[HPF]"}
)
# "(normal 15-45 mg/L)" is no value of the patient.
_REFERENCES = frozenset({"normal", "range", "reference", "ref", "limit", "norm"})


class UnlistedTests:
    """Reads numbers in such units with the words before them; `connectors` may stand between."""

    def __init__(self, values: ValueReader, connectors: frozenset[str]) -> None:
        self._values, self._between = values, connectors | COMPARISONS
        self._no_names = common_words() | connectors

    def read(
        self,
        text: str,
        words: Sequence[NoteWord],
        end: int,
        taken: Sequence[tuple[int, int]],
    ) -> Iterator[TestValue]:
        """The tests of a stretch of words that ends at `end`, but for values inside of `taken`."""
        for place, word in enumerate(words):
            if word.form != NUMBER or any(start <= word.start < stop for start, stop in taken):
                continue
            value = self._values.read(text, words, place, end)
            if value is None or not _is_of_laboratory(value.unit):
                continue
            before = next(
                (w.form for w in reversed(words[:place]) if w.form not in COMPARISONS), ""
            )
            name = [] if before in _REFERENCES else self._name_before(text, words, place)
            if name:
                yield TestValue(name[0].start, name[-1].end, "", value, value.unit)

    def _name_before(self, text: str, words: Sequence[NoteWord], place: int) -> list[NoteWord]:
        """At most four words before a value and its connectors."""
        place -= 1
        while place >= 0 and words[place].form in self._between:
            place -= 1
        name: list[NoteWord] = []
        while place >= 0 and len(name) < _MOST_NAME_WORDS:
            word = words[place]
            if not word.form[0].isalpha() or word.form in self._no_names:
                break
            if name and "\n" in text[word.end : name[0].start]:
                break
            name.insert(0, word)
            place -= 1
        return name


def _is_of_laboratory(unit: str) -> bool:
    below = unit.split("/")[1:]
    return unit in _LABORATORY_UNITS or bool(_LABORATORY_BELOW.intersection(below))
