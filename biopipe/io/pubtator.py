"""PubTator: `id|t|title`, `id|a|abstract`, then tab-separated mentions and relations.

Document.text is title + " " + abstract, and the title alone when there is no abstract.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from biopipe.document import Document, Mention, Passage, Relation
from biopipe.document.unicode import check_text
from biopipe.errors import InputError
from biopipe.io.concept_ids import (
    bare_id,
    concept_ids,
    curie,
    curies_by_bare_id,
    join_ids,
    split_ids,
)
from biopipe.io.pieces import FilePiece
from biopipe.io.rows import BadRecord, OnError, OnPartError, build_documents
from biopipe.io.spans import check_mention
from biopipe.io.streams import binary_lines, decode_utf8, open_binary, replacing

__all__ = ["read", "write"]

_TEXT_LINE = re.compile(rb"([^|\t]*)\|([ta])\|")
_NOVEL: dict[str, bool | None] = {"novel": True, "no": False, "": None}


@dataclass(slots=True)
class _Block:
    """The lines of one document; `title` is None when its text lines are missing."""

    id: bytes
    title: bytes | None
    abstract: bytes = b""
    rows: list[tuple[int, bytes]] = field(default_factory=list)


def read(
    path: Path, *, on_error: OnError | None = None, piece: FilePiece | None = None
) -> Iterator[Document]:
    """Documents of a PubTator file (also gzip), one after the other; bare ids become CURIEs.

    A mention that is not the text at its offsets, or a malformed line, is reported and the document
    is read without it. A document whose text is damaged is reported and left out.
    """
    with open_binary(path) as stream:
        blocks = _blocks(binary_lines(stream))
        nothing = "the file holds no PubTator document"
        yield from build_documents(
            str(path), blocks, _document, on_error, nothing=nothing, piece=piece
        )


def write(documents: Iterable[Document], path: Path) -> int:
    """Write PubTator (gzip for .gz) and return the number of documents.

    The format holds no scores, candidates, assertions, evidence, abbreviations or meta, and no line
    break in a text: InputError names such a document.
    """
    count = 0
    with replacing(path) as stream:
        for document in documents:
            stream.write("".join(f"{line}\n" for line in _lines(document)).encode("utf-8"))
            stream.write(b"\n")
            count += 1
    return count


def _blocks(lines: Iterator[bytes]) -> Iterator[_Block]:
    block: _Block | None = None
    after_blank = False
    for number, line in enumerate(lines, 1):
        text_line = _TEXT_LINE.match(line)
        if text_line and text_line[2] == b"t":
            if block is not None:
                yield block
            block = _Block(text_line[1], line[text_line.end() :])
        elif text_line and block is not None and text_line[1] == block.id and not block.rows:
            block.abstract = line[text_line.end() :]
        elif line.strip():
            first = text_line[1] if text_line else line.split(b"\t")[0]
            if block is None or (after_blank and first != block.id):
                # Lines that belong to no title above them; kept together as one bad record.
                if block is not None:
                    yield block
                block = _Block(first, None)
            block.rows.append((number, line))
        after_blank = not line.strip()
    if block is not None:
        yield block


def _document(block: _Block, on_part_error: OnPartError) -> Document:
    identifier = block.id.decode("utf-8", "replace").strip()
    if block.title is None:
        raise BadRecord(
            f"line {block.rows[0][0]} comes under no title line (id|t|title)", identifier[:100]
        )
    if not identifier:
        raise BadRecord("the id before |t| is empty")
    try:
        decode_utf8(block.id, "id")
        title, abstract = decode_utf8(block.title, "title"), decode_utf8(block.abstract, "abstract")
        rows = [
            (number, decode_utf8(line, f"line {number}").split("\t")) for number, line in block.rows
        ]
    except ValueError as error:
        raise BadRecord(str(error), identifier) from error
    for number, columns in rows:
        if columns[0].strip() != identifier:
            raise BadRecord(
                f"line {number} is neither text nor annotation of the document above", identifier
            )
    text = f"{title} {abstract}" if abstract else title
    mentions, relations = _annotations(identifier, text, rows, on_part_error)
    passages = [Passage("title", 0, len(title))]
    if abstract:
        passages.append(Passage("abstract", len(title) + 1, len(text)))
    return Document(identifier, text, mentions, relations, tuple(passages))


def _annotations(
    identifier: str, text: str, rows: list[tuple[int, list[str]]], on_part_error: OnPartError
) -> tuple[tuple[Mention, ...], tuple[Relation, ...]]:
    mentions: list[Mention] = []
    relation_rows: list[tuple[int, list[str]]] = []
    for number, columns in rows:
        try:
            if len(columns) >= 5 and columns[1].isdecimal() and columns[2].isdecimal():
                mentions.append(_mention(columns, text))
            elif len(columns) in (4, 5):
                relation_rows.append((number, columns))
            else:
                raise ValueError("neither a mention nor a relation")
        except ValueError as error:
            on_part_error(identifier, f"line {number}: {error}")
    curies = curies_by_bare_id((mention.label, mention.concept_ids) for mention in mentions)
    relations: list[Relation] = []
    for number, columns in relation_rows:
        try:
            relations.extend(_relations(columns, curies))
        except ValueError as error:
            on_part_error(identifier, f"line {number}: {error}")
    return tuple(mentions), tuple(relations)


def _mention(columns: list[str], text: str) -> Mention:
    start, end, copy, label = int(columns[1]), int(columns[2]), columns[3], columns[4]
    check_mention(text, start, end, copy)
    return Mention(start, end, label, concept_ids=concept_ids("".join(columns[5:6]), label))


def _relations(columns: list[str], curies: dict[str, str]) -> Iterator[Relation]:
    """One relation, or one for each pair when the row names a composite concept
    (D017180|D014693).
    """
    novelty = "".join(columns[4:5]).strip().lower()
    if novelty not in _NOVEL:
        raise ValueError(f"the novelty {columns[4]!r} is neither Novel nor No")
    heads, tails = (_resolved(column, curies) for column in columns[2:4])
    if not heads or not tails:
        raise ValueError("the relation lacks one of its two concepts")
    for head, tail in product(heads, tails):
        yield Relation(head, tail, columns[1], novel=_NOVEL[novelty])


def _resolved(column: str, curies: dict[str, str]) -> list[str]:
    whole = curies.get(column.strip())
    return [whole] if whole else [curies.get(part) or curie(part, "") for part in split_ids(column)]


def _lines(document: Document) -> Iterator[str]:
    _check_writable(document)
    title_end = _title_end(document)
    yield f"{document.id}|t|{document.text[:title_end]}"
    yield f"{document.id}|a|{document.text[title_end + 1 :]}"
    for mention in document.mentions:
        span = document.text[mention.start : mention.end].replace("\t", " ")
        ids = join_ids(mention.concept_ids, mention.label)
        yield "\t".join(
            (document.id, str(mention.start), str(mention.end), span, mention.label, ids)
        )
    curies = curies_by_bare_id(
        (mention.label, mention.concept_ids) for mention in document.mentions
    )
    for relation in document.relations:
        head, tail = (
            _relation_id(concept_id, curies) for concept_id in (relation.head, relation.tail)
        )
        novelty = [] if relation.novel is None else ["Novel" if relation.novel else "No"]
        yield "\t".join([document.id, relation.label, head, tail, *novelty])


def _check_writable(document: Document) -> None:
    if "\n" in document.text or "\r" in document.text:
        raise InputError(
            f"The text of document '{document.id}' has a line break, which PubTator cannot hold; "
            "write JSONL."
        )
    check_text(document.text, f"The text of document '{document.id}'")


def _title_end(document: Document) -> int:
    """Where the title ends: at the first passage's end when a space follows, else at the end of the
    text.
    """
    first_end = document.passages[0].end if document.passages else len(document.text)
    return first_end if document.text[first_end : first_end + 1] == " " else len(document.text)


def _relation_id(concept_id: str, curies: dict[str, str]) -> str:
    bare = bare_id(concept_id, "")
    if bare == concept_id:
        bare = concept_id.partition(":")[2]
    return bare if (curies.get(bare) or curie(bare, "")) == concept_id else concept_id
