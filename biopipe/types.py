"""The data every part of biopipe reads and writes: frozen, slotted and comparable.

Offsets are code points of `Document.text`, end exclusive. Scores are probabilities in [0, 1].
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

__all__ = ["Abbreviation", "Candidate", "Document", "Mention", "Passage", "Predictor", "Relation"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A concept that a mention may mean."""

    concept_id: str
    name: str
    score: float


@dataclass(frozen=True, slots=True)
class Mention:
    """A span of text that names something; `concept_ids` is empty for NIL and holds several for a composite."""

    start: int
    end: int
    label: str
    score: float = 1.0
    concept_ids: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    assertion: frozenset[str] = frozenset()
    source: str = ""


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
