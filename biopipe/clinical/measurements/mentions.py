"""What recognisers make of tests and their values: parts of names, drugs, dates, a value with the
name of the next test. The measurement knows where both begin and end.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from biopipe.document import Document, Measurement, Mention
from biopipe.text.span_index import SpanIndex

__all__ = ["mentions_of_measurements", "mentions_of_scores"]

_TEST, _VALUE = "Test", "Value"
_AMOUNTS = frozenset({"Date", "Dosage", "Duration", "Frequency"})


class _Place(NamedTuple):
    """Where the name or the value of a measurement is, and the label of such mentions."""

    start: int
    end: int
    label: str


def mentions_of_scores(document: Document, scores: Sequence[Measurement]) -> tuple[Mention, ...]:
    """The mentions of a document, of which those that share a character with the name of a score or
    with its value become one of the whole name and one of the whole value, where a recogniser
    called any of them a Test or a Value, and none otherwise.
    """
    mentions = list(document.mentions)
    for start, end, label in _places(scores):
        there = [m for m in mentions if m.start < end and start < m.end]
        if not there:
            continue
        mentions = [m for m in mentions if not (m.start < end and start < m.end)]
        named = next((m for m in there if m.label == label), None)
        if named is not None:
            mentions.append(replace(named, start=start, end=end))
    return _in_order(mentions)


def mentions_of_measurements(
    mentions: Sequence[Mention], measurements: Sequence[Measurement]
) -> tuple[Mention, ...]:
    """The mentions with the whole names and the whole values of measurements in the place of what a
    recogniser called a Test or a Value there: of "T 98.6 HR 102" it may have "98.6 HR". Where it
    found one of the two it gets both. Other amounts and times inside of a value are Values, mentions
    of other labels stay.
    """
    places = SpanIndex(_places(measurements))
    kept: list[Mention] = []
    found: dict[tuple[int, int], Mention] = {}
    cut: list[Mention] = []
    for mention in mentions:
        is_of_test = mention.label in (_TEST, _VALUE)
        touched = places.touching(mention.start, mention.end) if is_of_test else ()
        if mention.label in _AMOUNTS:  # "AST/ALT 412/388" is no date
            inside = places.touching(mention.start, mention.end)
            touched = [p for p in inside if p.label == _VALUE and p.start <= mention.start]
            touched = [p for p in touched if mention.end <= p.end]
        (cut if touched else kept).append(mention)
        for start, end, label in touched:
            exact = replace(mention, start=start, end=end, label=label)
            earlier = found.get((start, end))
            if earlier is None or earlier.score < exact.score:
                found[start, end] = exact
    for m in measurements:
        name, value = found.get((m.start, m.end)), found.get((m.value_start, m.value_end))
        if name is None and value is not None:
            found[m.start, m.end] = replace(value, start=m.start, end=m.end, label=_TEST)
        if value is None and name is not None:
            place = m.value_start, m.value_end
            found[place] = replace(name, start=place[0], end=place[1], label=_VALUE)
    taken = SpanIndex(kept)
    free = [m for m in found.values() if not taken.touching(m.start, m.end)]
    # What no measurement has room for in its place is not lost.
    covered = SpanIndex([*kept, *free])
    left = [m for m in cut if not covered.touching(m.start, m.end)]
    return _in_order([*kept, *free, *left])


def _places(measurements: Sequence[Measurement]) -> list[_Place]:
    """Where the names and the values are, each place once."""
    labels = {(m.start, m.end): _TEST for m in measurements}
    labels |= {(m.value_start, m.value_end): _VALUE for m in measurements}
    return [_Place(start, end, label) for (start, end), label in labels.items()]


def _in_order(mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    return tuple(sorted(mentions, key=lambda mention: (mention.start, mention.end)))
