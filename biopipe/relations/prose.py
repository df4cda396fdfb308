"""Which sentences say something, and which only list: keywords, headings, medications, diagnoses.

A sentence of English prose has a word that is no name: an article, a preposition, a verb. A stretch
of items between separators that has none states nothing of them. Nor does a sentence relate what it
names side by side, "A, B and C", where it says that they were measured and not what they have to do
with each other. Of BioRED's training documents that holds for all but 3 of 261 such pairs.
"""

import json
import re
from bisect import bisect_right
from functools import cache, cached_property
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from biopipe.document import ConceptMentions, Document
from biopipe.relations.coordination import Coordination
from biopipe.relations.triggers import TriggerWords, default_triggers, measuring_words
from biopipe.text.sentences import sentences_of

__all__ = ["ProseFinder"]

# Classes of trigger words that relate two things named side by side: "A and B combined".
_JOINING = ("combine", "compare", "bind", "correlate", "pathway", "metabolize")
_MEASURING = "measure"

FEWEST_SEPARATORS = 2  # "Azithromycin: cardiotoxicity" is a title
_SEPARATOR = re.compile(r"[,;:|\n\t•·]")
_BULLET = re.compile(r"\s*(?:[-–*•·]|\d{1,2}[.)])\s")
_WORD = re.compile(r"[A-Za-z]+")


class ProseFinder:
    """The prose of one document; where concepts stand in it is worked out once a concept."""

    def __init__(self, document: Document) -> None:
        self._document, self._mentions = document, document.mentions
        sentences = sentences_of(document)
        self._starts = [s.start for s in sentences]
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
            pairs = zip(self.prose, self._stating, strict=True)
            self.prose = [is_prose or bool(counts.any()) for is_prose, counts in pairs]
        self._places: dict[str, dict[int, set[int]]] = {}

    def relates(self, head: ConceptMentions, tail: ConceptMentions) -> bool:
        """Whether prose may relate the two: a sentence of it names both and does more than name them,
        or one each while no list names both.
        """
        heads, tails = self._places_of(head), self._places_of(tail)
        if shared := heads.keys() & tails.keys():
            return any(
                self.prose[number]
                and (heads[number].isdisjoint(tails[number]) or not self._only_names[number])
                for number in shared
            )
        return all(any(self.prose[number] for number in numbers) for numbers in (heads, tails))

    def only_lists(self, head: ConceptMentions, tail: ConceptMentions) -> bool:
        """Whether the two stand in a sentence together, and in every such sentence side by side:
        "A, B and C".
        """
        heads, tails = self._places_of(head), self._places_of(tail)
        shared = heads.keys() & tails.keys()
        return bool(shared) and not any(heads[n].isdisjoint(tails[n]) for n in shared)

    @cached_property
    def _words(self) -> TriggerWords:
        starts = np.array(self._starts, dtype=np.int64)
        triggers = {**default_triggers(), _MEASURING: measuring_words()[_MEASURING]}
        return TriggerWords(self._document, starts, triggers)

    @property
    def _stating(self) -> NDArray[np.float32]:
        """Counts (sentences, classes) of the words that state relations."""
        return self._words.by_sentence[:, :-1]

    @cached_property
    def _only_names(self) -> list[bool]:
        """Of each sentence whether it relates nothing that it names side by side."""
        classes = list(default_triggers())
        joining = self._stating[:, [classes.index(name) for name in _JOINING]].any(axis=1)
        only_names: list[bool] = (~joining & (self._words.by_sentence[:, -1] > 0)).tolist()
        return only_names

    @cached_property
    def _coordinations(self) -> list[int]:
        """The coordination of each mention."""
        starts = np.array([mention.start for mention in self._mentions], dtype=np.int64)
        numbers: list[int] = Coordination(self._document).numbers(starts).tolist()
        return numbers

    def _within(self, start: int, end: int) -> list[tuple[int, int]]:
        """The mentions of a stretch by their offsets in it."""
        return [(m.start - start, m.end - start) for m in self._mentions if start <= m.start < end]

    def _places_of(self, concept: ConceptMentions) -> dict[int, set[int]]:
        """The coordinations in which a concept stands, by the numbers of its sentences."""
        places = self._places.get(concept.id)
        if places is None:
            places = self._places[concept.id] = {}
            for mention in concept.mentions:
                number = bisect_right(self._starts, self._mentions[mention].start) - 1
                if number >= 0:
                    places.setdefault(number, set()).add(self._coordinations[mention])
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
