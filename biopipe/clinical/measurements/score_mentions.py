"""What recognisers make of scores: parts of names, drugs, dates. A score is a Test and its Value."""

from collections.abc import Sequence
from dataclasses import replace

from biopipe.document import Document, Measurement, Mention

__all__ = ["mentions_of_scores"]

_TEST, _VALUE = "Test", "Value"


def mentions_of_scores(document: Document, scores: Sequence[Measurement]) -> tuple[Mention, ...]:
    """The mentions of a document, of which those that share a character with the name of a score or
    with its value become one of the whole name and one of the whole value, where a recogniser
    called any of them a Test or a Value, and none otherwise.
    """
    mentions = list(document.mentions)
    places = [((s.start, s.end), _TEST) for s in scores]
    places += [((s.value_start, s.value_end), _VALUE) for s in scores]
    for (start, end), label in dict(places).items():
        there = [m for m in mentions if m.start < end and start < m.end]
        if not there:
            continue
        mentions = [m for m in mentions if not (m.start < end and start < m.end)]
        named = next((m for m in there if m.label == label), None)
        if named is not None:
            mentions.append(replace(named, start=start, end=end))
    return tuple(sorted(mentions, key=lambda mention: (mention.start, mention.end)))
