"""The data every part of biopipe reads and writes: frozen, slotted and comparable.

Offsets are code points of `Document.text`, end exclusive. Scores are probabilities in [0, 1].
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

__all__ = [
    "DICTIONARY",
    "Abbreviation",
    "Candidate",
    "Document",
    "Mention",
    "Passage",
    "Predictor",
    "Relation",
]

DICTIONARY = "dictionary:"
"""What the source of a mention begins with that the dictionary found, before the name of the knowledge base."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A concept that a mention may mean."""

    concept_id: str
    name: str
    score: float


@dataclass(frozen=True, slots=True)
class Mention:
    """A span of text that names something; `concept_ids` is empty for NIL and holds several for a composite.

    `source` is what found it: a model's name, "dictionary:" and a knowledge base's, or several joined by "|".
    """

    start: int
    end: int
    label: str
    score: float = 1.0
    concept_ids: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    assertion: frozenset[str] = frozenset()
    source: str = ""

    @property
    def sources(self) -> tuple[str, ...]:
        """Each of what found it."""
        return tuple(self.source.split("|")) if self.source else ()

    @property
    def named(self) -> str | None:
        """The knowledge base whose dictionary gave the mention its concepts; None where a linker is to."""
        names = (source.removeprefix(DICTIONARY) for source in self.sources if source.startswith(DICTIONARY))
        return next(names, None) if self.concept_ids else None


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation between two concepts of a document; `evidence` holds the character spans that carry it.

    `assertion` is what all of the evidence says of it, such as "negated"; empty where it is plainly stated.
    """

    head: str
    tail: str
    label: str
    score: float = 1.0
    novel: bool | None = None
    novel_score: float | None = None
    evidence: tuple[tuple[int, int], ...] = ()
    assertion: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a document: title, abstract, or a section of a full text."""

    type: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """A short form defined in the text: spans of the short form and of its long form."""

    start: int
    end: int
    long_start: int
    long_end: int


@dataclass(frozen=True, slots=True)
class Document:
    """A text with what is known of it."""

    id: str
    text: str
    mentions: tuple[Mention, ...] = ()
    relations: tuple[Relation, ...] = ()
    passages: tuple[Passage, ...] = ()
    abbreviations: tuple[Abbreviation, ...] = ()
    meta: Mapping[str, str] = field(default_factory=dict)


class Predictor(Protocol):
    """One task over documents: returns them in order, each with what the task adds."""

    def predict(self, documents: Sequence[Document]) -> list[Document]: ...
