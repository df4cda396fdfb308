"""Documents and what is known of them: frozen, slotted and comparable.

Offsets are code points of `Document.text`, end exclusive. Scores are calibrated probabilities in
[0, 1]. Everything of a document that several stages need (sentences, abbreviations, groups of
mentions that are one concept) is worked out once and carried by the document.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from biopipe.document.attributes import Measurement, Medication, TimeExpression
from biopipe.document.short_repr import short_repr

__all__ = [
    "Abbreviation",
    "Candidate",
    "ConceptBasis",
    "ConceptMentions",
    "Document",
    "Mention",
    "NoteSection",
    "Passage",
    "Relation",
    "Sentence",
]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A concept that a mention may mean."""

    concept_id: str
    name: str
    score: float


@dataclass(frozen=True, slots=True)
class Mention:
    """A span of text that names something.

    `concept_ids` is empty for NIL and holds several for a composite ("breast and ovarian cancer").
    `sources` names what found the mention: models, `dictionary:BASE` for the dictionary of a
    knowledge base, `doc.ents`. `dictionary` is the name of the knowledge base whose dictionary gave
    the mention its concepts, which no linker then changes; "" where none did. `section` is the
    category of the section of a clinical note that the mention is in; "" for none. `long_form` is
    what a mention with an undefined short form stands for in its context ("HTN" for
    "hypertension"); "" for others.
    """

    start: int
    end: int
    label: str
    score: float = 1.0
    concept_ids: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    assertion: frozenset[str] = frozenset()
    sources: tuple[str, ...] = ()
    dictionary: str = ""
    section: str = ""
    long_form: str = ""

    def __repr__(self) -> str:
        return short_repr(self)


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation between two concepts of a document.

    `head` and `tail` are concept ids (`NIL:...` for a group of mentions without one), with the
    labels and names of these concepts; `evidence` holds the character spans `(start, end)` of the
    sentences that carry it. `assertion` is what all of the evidence says of it, such as "negated";
    empty where it is plainly stated. `subject` is the end that acts on the other, the head's or the
    tail's id, and None where neither does or it is too uncertain which; `subject_score` is the
    probability that the likelier of the two ends is the one that acts.
    """

    head: str
    tail: str
    label: str
    score: float = 1.0
    novel: bool | None = None
    novel_score: float | None = None
    evidence: tuple[tuple[int, int], ...] = ()
    assertion: frozenset[str] = frozenset()
    head_label: str = ""
    tail_label: str = ""
    head_name: str = ""
    tail_name: str = ""
    subject: str | None = None
    subject_score: float | None = None

    def __repr__(self) -> str:
        return short_repr(self)


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a document: title, abstract, or a section of a full text."""

    type: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the text, without the white space around it."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class NoteSection:
    """A section of a clinical note, from the start of its heading to the next section.

    `category` is one of the categories of the table of titles, such as "medications", or "other"
    under a heading that the table does not list. `body` is where the text under the heading begins:
    behind its colon or its line; `start` itself where there is no heading.
    """

    category: str
    start: int
    end: int
    body: int


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """A short form defined in the text: spans of the short form and of its long form."""

    start: int
    end: int
    long_start: int
    long_end: int


@dataclass(frozen=True, slots=True)
class ConceptMentions:
    """A concept of a document with the indices (into `Document.mentions`) of its mentions."""

    id: str
    label: str
    mentions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ConceptBasis:
    """Groups of concepts with what they were made from."""

    concepts: tuple[ConceptMentions, ...]
    text: str
    mentions: tuple[Mention, ...]
    abbreviations: tuple[Abbreviation, ...] | None

    def holds_for(self, document: "Document") -> bool:
        """Whether the document has the same mentions in the same order, whatever is said of them
        beside their concept ids, and the same short forms.
        """
        return (
            self.text == document.text
            and self.abbreviations == document.abbreviations
            and _have_same_concepts(self.mentions, document.mentions)
        )


def _have_same_concepts(one: Sequence[Mention], other: Sequence[Mention]) -> bool:
    return one is other or (
        len(one) == len(other)
        and all(
            # Nearly always: only the mentions that a stage changed are others.
            a is b
            or (
                a.start == b.start
                and a.end == b.end
                and a.label == b.label
                and a.concept_ids == b.concept_ids
            )
            for a, b in zip(one, other, strict=True)
        )
    )


@dataclass(frozen=True, slots=True)
class Document:
    """A text with what is known of it.

    `sentences`, `sections`, `abbreviations` and `concepts` are None where nobody has looked for
    them yet; `biopipe.text.sentences.with_sentences` and its like fill them in once. `sentences`
    and `concepts` are never compared. `concepts` become None again where a copy has other mentions,
    or mentions with other labels or ids, than those that `concept_basis` says they were made from.
    `windows` is the number of windows that the tagger read (0: not read), `pairs_left_out` the
    number of pairs of concepts beyond the relation extractor's limit. `shared` holds what one
    predictor leaves for the next, such as encoder states, by the sha256 of the graph: it is never
    stored and never compared.
    """

    id: str
    text: str
    mentions: tuple[Mention, ...] = ()
    relations: tuple[Relation, ...] = ()
    passages: tuple[Passage, ...] = ()
    abbreviations: tuple[Abbreviation, ...] | None = None
    meta: Mapping[str, str] = field(default_factory=dict)
    sentences: tuple[Sentence, ...] | None = field(default=None, compare=False)
    sections: tuple[NoteSection, ...] | None = None
    medications: tuple[Medication, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    times: tuple[TimeExpression, ...] = ()
    concepts: tuple[ConceptMentions, ...] | None = field(default=None, compare=False)
    windows: int = 0
    pairs_left_out: int = 0
    # Arrays of states: neither stored nor compared, and too long to print.
    shared: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    concept_basis: ConceptBasis | None = field(default=None, compare=False, repr=False)

    def mention_text(self, mention: Mention) -> str:
        """The text of one of the document's mentions.

        texts = [document.mention_text(mention) for mention in document.mentions]
        """
        return self.text[mention.start : mention.end]

    def __repr__(self) -> str:
        return short_repr(self)

    def __post_init__(self) -> None:
        # `dataclasses.replace` copies groups of concepts along with mentions that they may no
        # longer fit. What they were made from goes with them, and they are dropped where it
        # differs.
        basis = self.concept_basis
        if self.concepts is None:
            if basis is not None:
                object.__setattr__(self, "concept_basis", None)
        elif basis is None or basis.concepts is not self.concepts:
            # object.__setattr__, as the dataclass is frozen to everyone else.
            made = ConceptBasis(self.concepts, self.text, self.mentions, self.abbreviations)
            object.__setattr__(self, "concept_basis", made)
        elif not basis.holds_for(self):
            object.__setattr__(self, "concepts", None)
            object.__setattr__(self, "concept_basis", None)
