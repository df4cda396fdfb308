"""What `doc.user_data["biopipe"]` holds: a Document without its text, as plain data that msgpack
keeps.
"""

from collections.abc import Mapping
from typing import Any

from biopipe.document.types import Abbreviation, Candidate, Document, Mention, Passage, Relation
from biopipe.errors import InputError

__all__ = ["FORMAT", "KEY", "from_record", "to_record"]

FORMAT = 1
KEY = "biopipe"
Record = dict[str, Any]


def to_record(document: Document) -> Record:
    """The document as dicts, lists, strings and numbers; NumPy scalars become Python's."""
    return {
        "format": FORMAT,
        "id": document.id,
        "mentions": [_mention_record(mention) for mention in document.mentions],
        "relations": [_relation_record(relation) for relation in document.relations],
        "passages": [[p.type, int(p.start), int(p.end)] for p in document.passages],
        "abbreviations": None
        if document.abbreviations is None
        else [
            [int(a.start), int(a.end), int(a.long_start), int(a.long_end)]
            for a in document.abbreviations
        ],
        "windows": int(document.windows),
        "pairs_left_out": int(document.pairs_left_out),
        "meta": dict(document.meta),
    }


def from_record(record: Mapping[str, Any], text: str) -> Document:
    """The document of a record and its text; lists may have become tuples on the way (DocBin does
    that).
    """
    if record.get("format", FORMAT) > FORMAT:
        raise InputError(
            f"The Doc was annotated in format {record['format']} and this biopipe reads up to {FORMAT}; "
            "upgrade biopipe."
        )
    return Document(
        id=record.get("id", ""),
        text=text,
        mentions=tuple(_mention(row) for row in record.get("mentions", ())),
        relations=tuple(_relation(row) for row in record.get("relations", ())),
        passages=tuple(Passage(*row) for row in record.get("passages", ())),
        abbreviations=None
        if record.get("abbreviations") is None
        else tuple(Abbreviation(*row) for row in record["abbreviations"]),
        windows=record.get("windows", 0),
        pairs_left_out=record.get("pairs_left_out", 0),
        meta=dict(record.get("meta", {})),
    )


def _mention_record(mention: Mention) -> Record:
    return {
        "start": int(mention.start),
        "end": int(mention.end),
        "label": mention.label,
        "score": float(mention.score),
        "concept_ids": list(mention.concept_ids),
        "candidates": [[c.concept_id, c.name, float(c.score)] for c in mention.candidates],
        "assertion": sorted(mention.assertion),
        "sources": list(mention.sources),
        "dictionary": mention.dictionary,
    }


def _mention(row: Mapping[str, Any]) -> Mention:
    return Mention(
        start=row["start"],
        end=row["end"],
        label=row["label"],
        score=row["score"],
        concept_ids=tuple(row["concept_ids"]),
        candidates=tuple(Candidate(*each) for each in row["candidates"]),
        assertion=frozenset(row["assertion"]),
        sources=tuple(row["sources"]),
        dictionary=row["dictionary"],
    )


def _relation_record(relation: Relation) -> Record:
    return {
        "head": relation.head,
        "tail": relation.tail,
        "label": relation.label,
        "score": float(relation.score),
        "novel": None if relation.novel is None else bool(relation.novel),
        "novel_score": None if relation.novel_score is None else float(relation.novel_score),
        "evidence": [[int(start), int(end)] for start, end in relation.evidence],
        "assertion": sorted(relation.assertion),
        "head_label": relation.head_label,
        "tail_label": relation.tail_label,
        "head_name": relation.head_name,
        "tail_name": relation.tail_name,
    }


def _relation(row: Mapping[str, Any]) -> Relation:
    return Relation(
        head=row["head"],
        tail=row["tail"],
        label=row["label"],
        score=row["score"],
        novel=row["novel"],
        novel_score=row["novel_score"],
        evidence=tuple((start, end) for start, end in row["evidence"]),
        # Docs annotated before relations had assertions lack the key.
        assertion=frozenset(row.get("assertion", ())),
        head_label=row.get("head_label", ""),
        tail_label=row.get("tail_label", ""),
        head_name=row.get("head_name", ""),
        tail_name=row.get("tail_name", ""),
    )
