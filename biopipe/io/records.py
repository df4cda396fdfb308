"""Documents as plain mappings, as JSON carries them: biopipe's own shape and those of others.

Own shape: {"id", "text", "mentions", "relations", "passages", "abbreviations", "meta"}, defaults
left out. Others: "title" and "abstract", or PubMedQA's "QUESTION", "CONTEXTS" and "LONG_ANSWER".
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from biopipe.document import Abbreviation, Candidate, Document, Mention, Passage, Relation
from biopipe.io.passages import Block, Section, assemble
from biopipe.io.rows import BadRecord, Complain, valid_text

__all__ = ["document_id", "from_record", "meta_of", "parts_of", "text_of", "to_record"]

T = TypeVar("T")

_OTHER_IDS = ("pmid", "PMID", "_id")
_META = {
    "date": "date",
    "pubdate": "date",
    "YEAR": "date",
    "journal": "journal",
    "doi": "doi",
    "pmc": "pmc",
}


def from_record(
    record: Any,
    complain: Complain,
    *,
    text_column: str = "text",
    id_column: str = "id",
    key: str = "",
) -> Document:
    """The Document of one record; `key` is its id where the record has none of its own."""
    if not isinstance(record, Mapping):
        raise BadRecord(f"the record is {_kind(record)}, not an object", key)
    identifier = document_id(_id_of(record, id_column, key))
    text, passages = _text_and_passages(record, text_column, identifier)
    meta = meta_of(record)
    if text_column in record and record.get("title") and isinstance(record["title"], str):
        meta.setdefault("title", record["title"])
    parts = parts_of(record, len(text), lambda error: complain(identifier, error))
    return Document(identifier, text, meta=meta, **({"passages": passages} | parts))


def document_id(value: Any) -> str:
    """A document id from text or a whole number; BadRecord for anything else."""
    if value is None:
        raise BadRecord("the id is null")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadRecord(f"the id is {_kind(value)}, not text or a whole number")
    if not str(value).strip():
        raise BadRecord("the id is empty")
    return valid_text(str(value), "the id")


def _id_of(record: Mapping[str, Any], id_column: str, key: str) -> Any:
    if id_column in record:
        return record[id_column]
    for name in _OTHER_IDS if id_column == "id" else ():
        if name in record:
            return record[name]
    if not key:
        raise BadRecord(
            f"there is no field '{id_column}' for the id; the fields are: {_names(record)}"
        )
    return key


def _text_and_passages(
    record: Mapping[str, Any], column: str, identifier: str
) -> tuple[str, tuple[Passage, ...]]:
    if column in record:
        return text_of(record[column], identifier, "text"), ()
    if column == "text" and ("title" in record or "abstract" in record):
        fields = [(name, record.get(name)) for name in ("title", "abstract")]
        if all(value is None for _, value in fields):
            raise BadRecord("text is null", identifier)
        blocks = [
            Block(text_of(value or "", identifier, name), (Section(name),))
            for name, value in fields
        ]
        return assemble(blocks, " ")
    if column == "text" and "QUESTION" in record and isinstance(record.get("CONTEXTS"), list):
        return assemble(_pubmedqa(record, identifier), " ")
    raise BadRecord(
        f"there is no field '{column}' for the text; the fields are: {_names(record)}", identifier
    )


def _pubmedqa(record: Mapping[str, Any], identifier: str) -> list[Block]:
    """PubMedQA takes an abstract apart: title, labelled sections, and the conclusion as the long
    answer.
    """
    abstract = Section("abstract")
    labels = record.get("LABELS")
    names = [str(label).lower() for label in labels] if isinstance(labels, list) else []
    blocks = [Block(text_of(record["QUESTION"], identifier, "QUESTION"), (Section("title"),))]
    for number, context in enumerate(record["CONTEXTS"]):
        section = Section(names[number]) if number < len(names) else abstract
        blocks.append(
            Block(text_of(context, identifier, "CONTEXTS"), tuple({abstract: 0, section: 0}))
        )
    answer = text_of(record.get("LONG_ANSWER") or "", identifier, "LONG_ANSWER")
    return [*blocks, Block(answer, (abstract, Section("conclusions")))]


def text_of(value: Any, identifier: str, name: str) -> str:
    """`value` if it is text without lone surrogates, else BadRecord says what it is."""
    if value is None:
        raise BadRecord(f"{name} is null", identifier)
    if not isinstance(value, str):
        raise BadRecord(f"{name} is {_kind(value)}, not text", identifier)
    return valid_text(value, name, identifier)


def meta_of(record: Mapping[str, Any]) -> dict[str, str]:
    """The record's own meta, and the fields other tools keep a date, a journal and ids in."""
    own = record.get("meta")
    pairs = list(own.items()) if isinstance(own, Mapping) else []
    pairs += [(name, record.get(field)) for field, name in _META.items()]
    meta: dict[str, str] = {}
    for name, value in pairs:
        if (
            isinstance(value, str | int)
            and not isinstance(value, bool)
            and (value != "" or name not in _META)
        ):
            meta.setdefault(str(name), str(value))
    return meta


def parts_of(
    record: Mapping[str, Any], length: int, complain: Callable[[str], None]
) -> dict[str, Any]:
    """The mentions, relations, passages and abbreviations of a record in biopipe's own shape.

    A list that is not in that shape is left out after a word to `complain`.
    """
    builders: dict[str, Callable[[Any, int], Any]] = {
        "mentions": _mention,
        "relations": _relation,
        "passages": lambda item, length: Passage(str(item["type"]), *_span(item, length)),
        "abbreviations": lambda item, length: Abbreviation(
            *_span(item, length), *_span(item, length, "long_start", "long_end")
        ),
    }
    parts: dict[str, Any] = {}
    for name, build in builders.items():
        items = record.get(name)
        if not items:
            continue
        try:
            parts[name] = tuple(build(item, length) for item in items)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            complain(f"the {name} are left out, they are not in biopipe's shape ({_clause(error)})")
    return parts


def _mention(item: Any, length: int) -> Mention:
    return Mention(
        *_span(item, length),
        label=str(item["label"]),
        score=float(item.get("score", 1.0)),
        concept_ids=tuple(str(value) for value in item.get("concept_ids") or ()),
        candidates=tuple(_candidate(value) for value in item.get("candidates") or ()),
        assertion=frozenset(str(value) for value in item.get("assertion") or ()),
        sources=_sources(item),
        dictionary=str(item.get("dictionary") or ""),
    )


def _sources(item: Any) -> tuple[str, ...]:
    """What found a mention; files of earlier versions have one string, several joined by "|"."""
    sources = item.get("sources")
    if sources is None:
        return tuple(str(item["source"]).split("|")) if item.get("source") else ()
    return tuple(str(value) for value in sources)


def _candidate(item: Any) -> Candidate:
    return Candidate(str(item["concept_id"]), str(item["name"]), float(item["score"]))


def _relation(item: Any, length: int) -> Relation:
    novel, novel_score = item.get("novel"), item.get("novel_score")
    return Relation(
        str(item["head"]),
        str(item["tail"]),
        str(item["label"]),
        score=float(item.get("score", 1.0)),
        novel=None if novel is None else bool(novel),
        novel_score=None if novel_score is None else float(novel_score),
        evidence=tuple(_pair(value, length) for value in item.get("evidence") or ()),
        assertion=frozenset(str(value) for value in item.get("assertion") or ()),
    )


def _pair(item: Any, length: int) -> tuple[int, int]:
    if isinstance(item, Mapping):
        return _span(item, length)
    start, end = item
    return _span({"start": start, "end": end}, length)


def _span(
    item: Any, length: int, start_name: str = "start", end_name: str = "end"
) -> tuple[int, int]:
    start, end = item[start_name], item[end_name]
    if not (isinstance(start, int) and isinstance(end, int)) or not 0 <= start <= end <= length:
        raise ValueError(f"{start}:{end} is not a span of the text, which has {length} characters")
    return start, end


def to_record(document: Document) -> dict[str, Any]:
    """The mapping that `from_record` reads as the same Document."""
    record: dict[str, Any] = {"id": document.id, "text": document.text}
    lists: dict[str, list[dict[str, Any]]] = {
        "mentions": [_mention_record(mention) for mention in document.mentions],
        "relations": [_relation_record(relation) for relation in document.relations],
        "passages": [{"type": p.type, "start": p.start, "end": p.end} for p in document.passages],
        "abbreviations": [
            {"start": a.start, "end": a.end, "long_start": a.long_start, "long_end": a.long_end}
            for a in document.abbreviations or ()
        ],
    }
    record.update({name: items for name, items in lists.items() if items})
    if document.meta:
        record["meta"] = dict(document.meta)
    return record


def _mention_record(mention: Mention) -> dict[str, Any]:
    candidates = [
        {"concept_id": c.concept_id, "name": c.name, "score": c.score} for c in mention.candidates
    ]
    record: dict[str, Any] = {
        "start": mention.start,
        "end": mention.end,
        "label": mention.label,
        "score": mention.score,
    }
    optional = {
        "concept_ids": list(mention.concept_ids),
        "candidates": candidates,
        "assertion": sorted(mention.assertion),
        "sources": list(mention.sources),
        "dictionary": mention.dictionary,
    }
    return record | {name: value for name, value in optional.items() if value}


def _relation_record(relation: Relation) -> dict[str, Any]:
    record: dict[str, Any] = {
        "head": relation.head,
        "tail": relation.tail,
        "label": relation.label,
        "score": relation.score,
    }
    if relation.novel is not None:
        record["novel"] = relation.novel
    if relation.novel_score is not None:
        record["novel_score"] = relation.novel_score
    if relation.evidence:
        record["evidence"] = [{"start": start, "end": end} for start, end in relation.evidence]
    if relation.assertion:
        record["assertion"] = sorted(relation.assertion)
    return record


def _kind(value: Any) -> str:
    names = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        str: "text",
        list: "a list",
        dict: "an object",
    }
    return names.get(type(value), "null" if value is None else type(value).__name__)


def _names(record: Mapping[str, Any]) -> str:
    return ", ".join(sorted(map(str, record))[:30]) or "none"


def _clause(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"no '{error.args[0]}'"
    return str(error) if isinstance(error, ValueError) else "not a list of objects"
