"""Mentions of texts whose lines mean something, as those of clinical notes: none runs over the end
of a line.

A tagger takes line breaks for spaces, and a list of problems, one a line, for one long name. Here
it reads a full stop at the end of such a line, and so keeps the context of the whole text.
"""

import re
import string
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from biopipe.document import Document, Mention, Predictor, PredictorInfo, Resource
from biopipe.text.abbreviations import with_abbreviations
from biopipe.text.sentences import sentences_of

__all__ = ["LineBound", "line_ends", "split_at_line_ends", "with_stops"]

_STOPS = ".;:!?,"
# In a note a dash between spaces parts two things, as a line end does: "mother - migraine".
_DASHES = "-\u2013\u2014"
_EDGES = _DASHES + string.whitespace
_DASH = re.compile(rf"(?<=[ \t])[{_DASHES}](?=[ \t])")


class LineBound(Predictor):
    """A recogniser whose mentions end where lines of the text do, as the document's sentences tell.

    Lines that its sentences run over, because the text was wrapped, are one.
    """

    def __init__(self, recogniser: Predictor) -> None:
        self.recogniser = recogniser

    @property
    def info(self) -> PredictorInfo:
        """That of the recogniser, without encoder states: they are not those of the text itself."""
        return replace(self.recogniser.info, gives_states="", reads_states="")

    def resources(self) -> tuple[Resource, ...]:
        """Those of the recogniser."""
        return self.recogniser.resources()

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        """The documents with the recogniser's mentions, those they had unchanged."""
        ends = [line_ends(document) for document in documents]
        read = [
            replace(
                with_abbreviations(document),
                text=with_stops(document.text, places),
                mentions=(),
                shared={},
            )
            for document, places in zip(documents, ends, strict=True)
        ]
        return [
            replace(
                answer,
                text=document.text,
                mentions=(
                    *document.mentions,
                    *split_at_line_ends(document.text, answer.mentions, places),
                ),
                shared=document.shared,
                concepts=None,
            )
            for document, answer, places in zip(
                documents, self.recogniser.predict(read), ends, strict=True
            )
        ]


def line_ends(document: Document) -> list[int]:
    """The places where a line, or a column of a table, ends together with a sentence, and those of
    dashes between spaces.
    """
    text = document.text
    ends = [
        sentence.end
        for sentence, following in pairwise(sentences_of(document))
        if len(gap := text[sentence.end : following.start]) > 2 or (gap and gap != " ")
    ]
    return sorted([*ends, *(dash.start() for dash in _DASH.finditer(text))])


def with_stops(text: str, places: Sequence[int]) -> str:
    """The text with a full stop for the white space or the dash at each place, unless a mark stands
    before it; every offset stays what it was.
    """
    letters = list(text)
    for place in places:
        if text[place - 1] not in _STOPS and (text[place].isspace() or text[place] in _DASHES):
            letters[place] = "."
    return "".join(letters)


def split_at_line_ends(
    text: str, mentions: Sequence[Mention], places: Sequence[int]
) -> list[Mention]:
    """The mentions, those that run over one of the places, which are in order, in parts."""
    parts: list[Mention] = []
    for mention in mentions:
        inside = places[bisect_right(places, mention.start) : bisect_left(places, mention.end)]
        if not inside:
            parts.append(mention)
            continue
        for start, end in pairwise([mention.start, *inside, mention.end]):
            piece = text[start:end]
            first = start + len(piece) - len(piece.lstrip(_EDGES))
            if stripped := piece.strip(_EDGES):
                parts.append(replace(mention, start=first, end=first + len(stripped)))
    return parts
