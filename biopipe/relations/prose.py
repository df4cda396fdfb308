"""Which sentences say something, and which only list: keywords, headings, medications, diagnoses.

A sentence of English prose has a word that is no name: an article, a preposition, a verb. A stretch
of items between separators that has none states nothing of them.
"""

import json
import re
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from biopipe.document import ConceptMentions, Document
from biopipe.relations.triggers import TriggerWords, default_triggers
from biopipe.text.sentences import sentences_of

__all__ = ["ProseFinder"]

FEWEST_SEPARATORS = 2  # "Azithromycin: cardiotoxicity" is a title
_SEPARATOR = re.compile(r"[,;:|\n\t•·]")
_BULLET = re.compile(r"\s*(?:[-–*•·]|\d{1,2}[.)])\s")
_WORD = re.compile(r"[A-Za-z]+")


class ProseFinder:
    """The prose of one document; where concepts stand in it is worked out once a concept."""

    def __init__(self, document: Document) -> None:
        self._mentions = document.mentions
        sentences = sentences_of(document)
        self._starts = np.array([s.start for s in sentences], dtype=np.int64)
        text = document.text
        self.prose = [
            not (
                _may_list(text[s.start : s.end])
                and _lists(text[s.start : s.end], self._within(s.start, s.end))
            )
            for s in sentences
        ]
        if not all(self.prose):
            # Few texts list anything, so the trigger words of most are never sought.
            words = TriggerWords(document, self._starts, default_triggers())
            pairs = zip(self.prose, words.by_sentence, strict=True)
            self.prose = [is_prose or bool(counts.any()) for is_prose, counts in pairs]
        self._places: dict[str, frozenset[int]] = {}

    def relates(self, head: ConceptMentions, tail: ConceptMentions) -> bool:
        """Whether prose may relate the two: a sentence of it names both, or one each while no list
        names both.
        """
        if all(self.prose):
            return True
        heads, tails = self._sentences_of(head), self._sentences_of(tail)
        if shared := heads & tails:
            return any(self.prose[number] for number in shared)
        return all(any(self.prose[number] for number in numbers) for numbers in (heads, tails))

    def _within(self, start: int, end: int) -> list[tuple[int, int]]:
        """The mentions of a stretch by their offsets in it."""
        return [(m.start - start, m.end - start) for m in self._mentions if start <= m.start < end]

    def _sentences_of(self, concept: ConceptMentions) -> frozenset[int]:
        places = self._places.get(concept.id)
        if places is None:
            starts: NDArray[np.int64] = np.array(
                [self._mentions[mention].start for mention in concept.mentions], dtype=np.int64
            )
            numbers = self._starts.searchsorted(starts, side="right") - 1
            places = self._places[concept.id] = frozenset(numbers[numbers >= 0].tolist())
        return places


def _may_list(sentence: str) -> bool:
    """False where `_lists` says no for the signs of a sentence alone."""
    return (
        len(_SEPARATOR.findall(sentence)) >= FEWEST_SEPARATORS
        or _BULLET.match(sentence) is not None
    )


def _lists(sentence: str, mentions: list[tuple[int, int]]) -> bool:
    """Whether a sentence lists items and says nothing of them."""
    outside, end = "", 0
    for start, stop in sorted(mentions):
        outside += f"{sentence[end:start]} "
        end = max(end, stop)
    outside += sentence[end:]
    if not _function_words().isdisjoint(word.lower() for word in _WORD.findall(outside)):
        return False
    separators = len(_SEPARATOR.findall(outside))
    return separators >= FEWEST_SEPARATORS or bool(_BULLET.match(sentence))


@cache
def _function_words() -> frozenset[str]:
    text = (files("biopipe.relations") / "function_words.json").read_text(encoding="utf-8")
    return frozenset(json.loads(text)["words"])
