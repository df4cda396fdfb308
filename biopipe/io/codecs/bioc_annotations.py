"""The annotations and relations of a BioC document as mentions and relations."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from biopipe.document import Mention, Relation
from biopipe.document.labels import ASSERTIONS
from biopipe.io.codecs.bioc_ids import id_column
from biopipe.io.codecs.bioc_text import TextPlaces, TextUnit, infons_of, items_of
from biopipe.io.concept_ids import (
    concept_ids,
    concept_pairs,
    curies_by_bare_id,
    resolved_ids,
    variant_aliases,
)
from biopipe.io.rows import OnPartError
from biopipe.io.spans import aligned_span, check_mention

__all__ = ["read_mentions", "read_relations"]

# Names that corpora give the two ends of a relation: BioRED and PubTator, PubTator 3, BC5CDR, and
# tools that write BioC; the first pair that is there counts.
_END_INFONS = (
    ("entity1", "entity2"),
    ("role1", "role2"),
    ("Chemical", "Disease"),
    ("head", "tail"),
    ("entity1_id", "entity2_id"),
    ("arg1", "arg2"),
    ("subject_id", "object_id"),
)
# What annotations of another shape raise.
_ODD = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
_ASSERTIONS = frozenset(ASSERTIONS)
# "No" says that a relation is known, in BioRED; anything else, that nobody judged it.
_NOVEL: dict[str, bool | None] = {"novel": True, "no": False}


def read_mentions(
    document_id: str, units: Sequence[TextUnit], text: str, on_part_error: OnPartError
) -> tuple[tuple[Mention, ...], dict[str, Mention]]:
    """The annotations as mentions, and the same by the ids that relations refer to them by.

    An annotation that cannot be placed is left out, and `on_part_error` is told so.
    """
    mentions: list[Mention] = []
    by_reference: dict[str, Mention] = {}
    places = TextPlaces(units)
    for unit in units:
        for annotation in unit.annotations:
            try:
                mention, note = _mention(annotation, unit, places, text)
            except _ODD as error:
                on_part_error(
                    document_id,
                    f"annotation {_reference(annotation)} is left out ({_decoding_error(error)})",
                )
                continue
            if note:
                on_part_error(document_id, f"annotation {_reference(annotation)} {note}")
            mentions.append(mention)
            by_reference[_reference(annotation)] = mention
    return tuple(mentions), by_reference


def _mention(
    annotation: Mapping[str, Any], unit: TextUnit, places: TextPlaces, text: str
) -> tuple[Mention, str]:
    """The mention of an annotation, and what was done to place it, "" for nothing."""
    infons = infons_of(annotation)
    locations = [(int(place["offset"]), int(place["length"])) for place in annotation["locations"]]
    first, last = (
        min(offset for offset, _ in locations),
        max(offset + length for offset, length in locations),
    )
    start, length, note = places.place(first, unit), last - first, ""
    if len(locations) == 1:
        copy = annotation.get("text") or ""
        try:
            start = _checked_start(text, start, length, unit, first, copy)
        except ValueError:
            span = aligned_span(text, start, copy)
            if span is None:
                raise
            note = f"at {first} is read at {span[0]}:{span[1]} of the text, where its words are"
            start, length = span[0], span[1] - span[0]
    else:
        # A mention in several pieces spans all of them; its copy in the file is not that text.
        check_mention(text, start, start + length, text[start : start + length])
    label = str(infons.get("type") or "")
    ids = concept_ids(id_column(infons, label), label)
    assertion = frozenset(str(infons.get("assertion") or "").split(",")) & _ASSERTIONS
    score = _score(infons)
    return Mention(start, start + length, label, score, ids, assertion=assertion), note


def _score(infons: Mapping[str, Any]) -> float:
    """The score of an annotation or relation; 1 where there is none that is a probability."""
    try:
        score = float(infons.get("score") or 1.0)
    except (TypeError, ValueError):
        return 1.0
    return score if 0.0 <= score <= 1.0 else 1.0


def _checked_start(
    text: str, start: int, length: int, unit: TextUnit, offset: int, copy: str
) -> int:
    """`start` where the copy stands there, else the place that counts `offset` from the passage, as
    some files do.
    """
    try:
        check_mention(text, start, start + length, copy)
    except ValueError:
        relative = unit.start + offset
        # Beyond the passage it could only be right by chance.
        if relative == start or relative + length > unit.start + len(unit.text):
            raise
        try:
            check_mention(text, relative, relative + length, copy)
        except ValueError:
            pass
        else:
            return relative
        raise
    return start


def read_relations(
    document_id: str,
    record: Mapping[str, Any],
    mentions: tuple[Mention, ...],
    by_reference: Mapping[str, Mention],
    on_part_error: OnPartError,
) -> tuple[Relation, ...]:
    """The relations of the document and of its passages; one whose ends are not two concepts is
    left out, and `on_part_error` is told so.
    """
    curies = _aliases(record) | curies_by_bare_id((m.label, m.concept_ids) for m in mentions)
    relations: list[Relation] = []

    def tell(error: str) -> None:
        on_part_error(document_id, error)

    for holder in _holders(record):
        for relation in items_of(holder, "relations", tell):
            try:
                relations.extend(_relations(relation, curies, by_reference))
            except _ODD as error:
                tell(f"relation {_reference(relation)} is left out ({_decoding_error(error)})")
    return tuple(relations)


def _holders(record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The document, its passages and their sentences: each may hold annotations and relations."""
    yield record
    for passage in items_of(record, "passages"):
        yield passage
        yield from items_of(passage, "sentences")


def _aliases(record: Mapping[str, Any]) -> dict[str, str]:
    """Other names that ends of relations may have for the variants among the annotations."""
    aliases: dict[str, str] = {}
    for holder in _holders(record):
        for annotation in items_of(holder, "annotations"):
            aliases |= variant_aliases(id_column(infons_of(annotation), ""))
    return aliases


def _relations(
    relation: Mapping[str, Any], curies: Mapping[str, str], by_reference: Mapping[str, Mention]
) -> Iterator[Relation]:
    """One relation, or one for each pair where an end is a composite concept (D017180|D014693)."""
    infons = infons_of(relation)
    ends = next(
        ([infons[a], infons[b]] for a, b in _END_INFONS if infons.get(a) and infons.get(b)), None
    )
    if ends is not None:
        concepts: list[Sequence[str]] = [resolved_ids(_concept(end), curies) for end in ends]
    else:
        concepts = [
            _first_id(by_reference, str(node["refid"])) for node in relation.get("nodes") or ()
        ]
    if len(concepts) != 2:
        raise ValueError(f"it has {len(concepts)} ends, not 2")
    novel = _NOVEL.get(str(infons.get("novel", "")).lower())
    label = str(infons.get("type") or infons.get("relation") or "")
    score = float(infons.get("score") or 1.0)
    subjects = _subjects(infons, curies)
    for head, tail in concept_pairs(*concepts):
        subject = next((end for end in (head, tail) if end in subjects), None)
        yield Relation(head, tail, label, score, novel, subject=subject)


def _subjects(infons: Mapping[str, Any], curies: Mapping[str, str]) -> Sequence[str]:
    """The concepts of the infon that says which end acts on the other; none where it is absent."""
    subject = infons.get("subject") or infons.get("Subject")
    return resolved_ids(_concept(subject).removeprefix("Subject:"), curies) if subject else ()


def _concept(end: Any) -> str:
    """The id in D003520, Chemical|MESH:D003520 or {"identifier": "MESH:D003520"}."""
    name = id_column(end, "") if isinstance(end, Mapping) else str(end)
    return re.sub(r"\A[A-Z][A-Za-z]+\|", "", name).strip()


def _first_id(by_reference: Mapping[str, Mention], reference: str) -> tuple[str, ...]:
    mention = by_reference.get(reference)
    if mention is None or not mention.concept_ids:
        raise ValueError(f"its node {reference!r} is not an annotation with a concept id")
    return mention.concept_ids[:1]


def _reference(item: Any) -> str:
    return str(item.get("id", "")) if isinstance(item, Mapping) else ""


def _decoding_error(error: Exception) -> str:
    return f"it has no {error}" if isinstance(error, KeyError) else str(error)
