"""Short texts of plain statements with gold by construction: which words state which relation, which
end of it acts, and what states none.

Abstracts seldom say a thing once and plainly; a model that has only read them takes a list of
medications, or a denial, for a relation.
"""

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from biopipe.document import Document, Mention, Passage, Relation
from biopipe.document.labels import CHEMICAL, DISEASE, GENE, VARIANT
from biopipe.errors import InputError

__all__ = ["StatedRelation", "Statement", "names_of", "statement_documents", "statement_frames"]

MOST_STATEMENTS = 4  # of a document
# Draws of a name that the document does not have yet; a label with few names may have none left.
_TRIES = 20
LONGEST_NAME = 40  # characters; longer ones are phrases of their abstract
_SLOT = re.compile(r"\{([CDGV])([1-9])\}")
_RELATION = re.compile(r"(\w+) ([1-9])([>-])([1-9])")
_LABELS = {"C": CHEMICAL, "D": DISEASE, "G": GENE, "V": VARIANT}

Names = Mapping[str, Sequence[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class StatedRelation:
    """A relation of two ends of a frame by their numbers; `directed`: the first acts on the
    second.
    """

    type: str
    first: str
    second: str
    directed: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """A frame and what it states; ends that no relation names are unrelated."""

    relations: tuple[StatedRelation, ...]
    frame: str


def statement_frames() -> list[Statement]:
    """The frames of statements.tsv."""
    text = (files("biopipe.train.relations") / "statements.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    return [Statement(_stated(relations), frame) for relations, frame in rows[1:]]


def _stated(relations: str) -> tuple[StatedRelation, ...]:
    return tuple(
        StatedRelation(type_, first, second, sign == ">")
        for type_, first, sign, second in _RELATION.findall(relations)
    )


def names_of(documents: Iterable[Document]) -> Names:
    """Names with the concept id of each, by label, in alphabetical order: those of mentions of one
    concept.
    """
    names: dict[str, set[tuple[str, str]]] = {}
    for document in documents:
        for mention in document.mentions:
            name = document.text[mention.start : mention.end]
            if len(mention.concept_ids) == 1 and len(name) <= LONGEST_NAME:
                names.setdefault(mention.label, set()).add((name, mention.concept_ids[0]))
    return {label: sorted(pairs) for label, pairs in names.items()}


def statement_documents(names: Names, *, count: int, seed: int = 0) -> list[Document]:
    """Documents of one to four statements about different concepts; InputError where `names` lack a
    label that the frames need.
    """
    frames = statement_frames()
    needed = {_LABELS[slot[0]] for s in frames for slot in _SLOT.findall(s.frame)}
    if missing := needed - {label for label, pairs in names.items() if pairs}:
        raise InputError(
            f"The gold names no mention of {', '.join(sorted(missing))} with one id; give a corpus "
            "that has all of them."
        )
    chance = random.Random(seed)
    return [_document(f"statements-{n}", frames, names, chance) for n in range(count)]


def _document(
    name: str, frames: Sequence[Statement], names: Names, chance: random.Random
) -> Document:
    text = ""
    mentions: list[Mention] = []
    relations: list[Relation] = []
    used: set[str] = set()
    for statement in chance.sample(frames, chance.randint(1, MOST_STATEMENTS)):
        ends: dict[str, str] = {}
        end = 0
        for slot in _SLOT.finditer(statement.frame):
            text += statement.frame[end : slot.start()]
            written, concept_id = _unused(names[_LABELS[slot[1]]], used, chance)
            mentions.append(
                Mention(len(text), len(text) + len(written), _LABELS[slot[1]], 1.0, (concept_id,))
            )
            text, end = text + written, slot.end()
            ends.setdefault(slot[2], concept_id)
        text += f"{statement.frame[end:]}. "
        for stated in statement.relations:
            first, second = ends[stated.first], ends[stated.second]
            subject = first if stated.directed else None
            relations.append(Relation(first, second, stated.type, subject=subject))
    text = text.rstrip()
    passages = (Passage("title", 0, len(text)),)
    return Document(name, text, tuple(mentions), tuple(relations), passages)


def _unused(
    names: Sequence[tuple[str, str]], used: set[str], chance: random.Random
) -> tuple[str, str]:
    """A name of a concept that the document does not have yet, or any after some tries."""
    for _ in range(_TRIES):
        name, concept_id = chance.choice(names)
        if concept_id not in used:
            break
    used.add(concept_id)
    return name, concept_id
