"""PubTator: `id|t|title`, `id|a|abstract`, then tab-separated mentions and relations.

Document.text is title + " " + abstract (the title alone when there is no abstract).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from biopipe.io.concept_ids import concept_ids, curie
from biopipe.io.rows import OnError, RowError, report
from biopipe.io.streams import BROKEN, binary_lines, decode, open_binary, why_broken
from biopipe.types import Document, Mention, Passage, Relation

__all__ = ["read"]

_TEXT_LINE = re.compile(rb"([^|\t]*)\|([ta])\|")
# Which label wins when one bare number names two things in a document (a gene and a species).
_LABEL_ORDER = ("Gene", "GeneOrGeneProduct", "Disease", "DiseaseOrPhenotypicFeature", "Chemical", "Variant")
_NOVEL = {"novel": True, "no": False, "": None}


@dataclass(slots=True)
class _Block:
    """The lines of one document."""

    id: bytes
    title: bytes
    abstract: bytes = b""
    rows: list[tuple[int, bytes]] = field(default_factory=list)


def read(path: Path, *, on_error: OnError | None = None) -> Iterator[Document]:
    """Documents of a PubTator file (also gzip), one after the other.

    A document with a malformed line or a mention that is not the text at its offsets is an error row.
    """
    row = 0
    with open_binary(path) as stream:
        blocks = _blocks(binary_lines(stream))
        while True:
            try:
                block = next(blocks, None)
            except BROKEN as error:
                return report(RowError(str(path), row, "", why_broken(error)), on_error)
            if block is None:
                break
            identifier = block.id.decode("utf-8", "replace")
            try:
                yield _document(block)
            except ValueError as error:
                report(RowError(str(path), row, identifier, str(error)), on_error)
            row += 1
    if row == 0:
        report(RowError(str(path), 0, "", "the file holds no PubTator document"), on_error)


def _blocks(lines: Iterator[bytes]) -> Iterator[_Block]:
    block: _Block | None = None
    for number, line in enumerate(lines, 1):
        text_line = _TEXT_LINE.match(line)
        if text_line and text_line[2] == b"t":
            if block is not None:
                yield block
            block = _Block(text_line[1], line[text_line.end() :])
        elif text_line and block is not None and text_line[1] == block.id and not block.rows:
            block.abstract = line[text_line.end() :]
        elif line.strip():
            block = block or _Block(b"", b"")
            block.rows.append((number, line))
    if block is not None:
        yield block


def _document(block: _Block) -> Document:
    identifier, title, abstract = decode(block.id), decode(block.title), decode(block.abstract)
    text = f"{title} {abstract}" if abstract else title
    passages = [Passage("title", 0, len(title))]
    if abstract:
        passages.append(Passage("abstract", len(title) + 1, len(text)))
    mentions: list[Mention] = []
    relation_rows: list[list[str]] = []
    for number, line in block.rows:
        columns = decode(line).split("\t")
        if columns[0].strip() != identifier.strip():
            raise ValueError(f"line {number} belongs to no document: {columns[0]!r}")
        if len(columns) >= 5 and columns[1].isdecimal() and columns[2].isdecimal():
            mentions.append(_mention(columns, text, number))
        elif len(columns) in (4, 5):
            relation_rows.append(columns)
        else:
            raise ValueError(f"line {number} is neither a mention nor a relation")
    known = _known_ids(mentions)
    relations = tuple(_relation(columns, known) for columns in relation_rows)
    return Document(identifier, text, tuple(mentions), relations, tuple(passages))


def _mention(columns: list[str], text: str, number: int) -> Mention:
    start, end, found, label = int(columns[1]), int(columns[2]), columns[3], columns[4]
    if not 0 <= start < end <= len(text) or text[start:end] != found:
        raise ValueError(f"line {number}: {found!r} is not the text at {start}:{end} ({text[start:end]!r})")
    field_ids = columns[5] if len(columns) > 5 else ""
    return Mention(start, end, label, concept_ids=concept_ids(field_ids, label))


def _known_ids(mentions: list[Mention]) -> dict[str, str]:
    """Bare id to CURIE, as the document's own mentions have it."""
    known: dict[str, str] = {}
    order = {label: rank for rank, label in enumerate(_LABEL_ORDER)}
    for mention in sorted(mentions, key=lambda mention: order.get(mention.label, len(order))):
        for concept_id in mention.concept_ids:
            known.setdefault(concept_id, concept_id)
            known.setdefault(concept_id.partition(":")[2], concept_id)
    return known


def _relation(columns: list[str], known: dict[str, str]) -> Relation:
    head, tail = (known.get(identifier) or curie(identifier, "") for identifier in columns[2:4])
    novelty = columns[4].strip().lower() if len(columns) > 4 else ""
    if novelty not in _NOVEL:
        raise ValueError(f"novelty {columns[4]!r} is neither Novel nor No")
    return Relation(head, tail, columns[1], novel=_NOVEL[novelty])
