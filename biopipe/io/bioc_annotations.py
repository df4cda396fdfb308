"""The annotations and relations of a BioC document as mentions and relations."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from biopipe.document import Mention, Relation
from biopipe.io.bioc_text import TextUnit, offset_in_text
from biopipe.io.concept_ids import concept_ids, curie, curies_by_bare_id
from biopipe.io.rows import OnPartError
from biopipe.io.spans import check_mention

__all__ = ["read_mentions", "read_relations"]

_ID_INFONS = (
    "identifier",
    "Identifier",
    "MESH",
    "MeSH",
    "OMIM",
    "NCBI GENE",
    "NCBI Gene",
    "normalized_id",
)
_END_INFONS = (
    ("entity1", "entity2"),
    ("role1", "role2"),
    ("Chemical", "Disease"),
    ("head", "tail"),
)
_NOVEL: dict[str, bool | None] = {"novel": True, "no": False}


def read_mentions(
    document_id: str, units: Sequence[TextUnit], text: str, on_part_error: OnPartError
) -> tuple[tuple[Mention, ...], dict[str, Mention]]:
    """The annotations as mentions, and the same by the ids that relations refer to them by.

    An annotation that cannot be placed is left out, and `on_part_error` is told so.
    """
    mentions: list[Mention] = []
    by_reference: dict[str, Mention] = {}
    for unit in units:
        for annotation in unit.annotations:
            try:
                mention = _mention(annotation, unit, units, text)
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                on_part_error(
                    document_id,
                    f"annotation {_reference(annotation)} is left out ({_decoding_error(error)})",
                )
                continue
            mentions.append(mention)
            by_reference[_reference(annotation)] = mention
    return tuple(mentions), by_reference


def _mention(
    annotation: Mapping[str, Any], unit: TextUnit, units: Sequence[TextUnit], text: str
) -> Mention:
    infons = annotation.get("infons") or {}
    locations = [(int(place["offset"]), int(place["length"])) for place in annotation["locations"]]
    first, last = (
        min(offset for offset, _ in locations),
        max(offset + length for offset, length in locations),
    )
    start = offset_in_text(first, unit, units)
    end = start + last - first
    # A mention in several pieces spans all of them; its copy in the file is not that text.
    check_mention(
        text, start, end, annotation.get("text") or "" if len(locations) == 1 else text[start:end]
    )
    label = str(infons.get("type") or "")
    field = next((str(infons[name]) for name in _ID_INFONS if infons.get(name)), "")
    return Mention(start, end, label, concept_ids=concept_ids(field, label))


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
    curies = curies_by_bare_id((mention.label, mention.concept_ids) for mention in mentions)
    relations: list[Relation] = []
    holders = [record, *record["passages"]]
    for relation in (item for holder in holders for item in holder.get("relations") or ()):
        try:
            relations.append(_relation(relation, curies, by_reference))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            on_part_error(
                document_id,
                f"relation {_reference(relation)} is left out ({_decoding_error(error)})",
            )
    return tuple(relations)


def _relation(
    relation: Mapping[str, Any], curies: Mapping[str, str], by_reference: Mapping[str, Mention]
) -> Relation:
    infons = relation.get("infons") or {}
    ends = next(
        ([infons[a], infons[b]] for a, b in _END_INFONS if infons.get(a) and infons.get(b)), None
    )
    if ends is not None:
        names = [_concept(end) for end in ends]
    else:
        names = [
            _first_id(by_reference, str(node["refid"])) for node in relation.get("nodes") or ()
        ]
    if len(names) != 2:
        raise ValueError(f"it has {len(names)} ends, not 2")
    head, tail = (curies.get(name) or curie(name, "") for name in names)
    novel = _NOVEL.get(str(infons.get("novel", "")).lower())
    label = str(infons.get("type") or infons.get("relation") or "")
    return Relation(head, tail, label, float(infons.get("score") or 1.0), novel)


def _concept(end: Any) -> str:
    """The id in D003520, Chemical|MESH:D003520 or {"identifier": "MESH:D003520"}."""
    name = str(end["identifier"] if isinstance(end, Mapping) else end)
    return re.sub(r"\A[A-Z][A-Za-z]+\|", "", name).strip()


def _first_id(by_reference: Mapping[str, Mention], reference: str) -> str:
    mention = by_reference.get(reference)
    if mention is None or not mention.concept_ids:
        raise ValueError(f"its node {reference!r} is not an annotation with a concept id")
    return mention.concept_ids[0]


def _reference(item: Any) -> str:
    return str(item.get("id", "")) if isinstance(item, Mapping) else ""


def _decoding_error(error: Exception) -> str:
    return f"it has no {error}" if isinstance(error, KeyError) else str(error)
