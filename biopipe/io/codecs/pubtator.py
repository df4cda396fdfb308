"""PubTator: `id|t|title`, `id|a|abstract`, then tab-separated mentions, relations and directions.

A direction says which end of the relations between two concepts acts on the other:
`id<TAB>concept<TAB>concept<TAB>Subject:concept`.

Document.text is title + " " + abstract, and the title alone when there is no abstract.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from biopipe.document import Document, Mention, Passage, Relation
from biopipe.document.unicode import check_text
from biopipe.errors import InputError
from biopipe.io.concept_ids import (
    bare_id,
    concept_ids,
    concept_pairs,
    curie,
    curies_by_bare_id,
    join_ids,
    resolved_ids,
    variant_aliases,
)
from biopipe.io.directions import pair_subjects
from biopipe.io.losses import HeldFields, Losses
from biopipe.io.pieces import FilePiece
from biopipe.io.rows import BadRecord, OnError, OnPartError, build_documents
from biopipe.io.spans import aligned_span, check_mention
from biopipe.io.streams import (
    MAX_RECORD_BYTES,
    OversizedLine,
    binary_lines,
    bounded_lines,
    decode_utf8,
    open_binary,
    replacing,
)

__all__ = ["HELD_FIELDS", "document_lines", "read", "write"]

HELD_FIELDS = HeldFields.of(
    "id text mentions relations passages",
    "start end label concept_ids",
    "head tail label novel subject",
)

_TEXT_LINE = re.compile(rb"([^|\t]*)\|([ta])\|")
# Corpora of tmVar write it in several ways.
_RS_COLUMN = re.compile(r"(?:RSID|RS#|dbSNP):? ?(?:rs)?(\d{1,12})", re.IGNORECASE)
_LINE_BREAKS = str.maketrans("\r\n", "  ")
_NOVEL: dict[str, bool | None] = {"novel": True, "no": False, "": None}
_SUBJECT = "Subject:"


@dataclass(slots=True)
class _Block:
    """The lines of one document; `title` is None when its text lines are missing, `too_long` where
    they are more bytes than are read of a record, and the rest of them was passed over.
    """

    id: bytes
    title: bytes | None
    abstract: bytes = b""
    rows: list[tuple[int, bytes]] = field(default_factory=list)
    size: int = 0
    too_long: bool = False

    def add_row(self, number: int, line: bytes) -> None:
        self.size += len(line)
        if self.size > MAX_RECORD_BYTES:
            self.too_long = True
        else:
            self.rows.append((number, line))


def read(
    path: Path, *, on_error: OnError | None = None, piece: FilePiece | None = None
) -> Iterator[Document]:
    """Documents of a PubTator file (also gzip), one after the other; bare ids become CURIEs.

    A mention that is not the text at its offsets, or a malformed line, is reported and the document
    is read without it. A document whose text is damaged is reported and left out.
    """
    with open_binary(path) as stream:
        blocks = _blocks(binary_lines(bounded_lines(stream)))
        nothing = "the file holds no PubTator document"
        yield from build_documents(
            str(path), blocks, _document, on_error, nothing=nothing, piece=piece
        )


def write(documents: Iterable[Document], path: Path, losses: Losses | None = None) -> int:
    """Write PubTator (gzip for .gz) and return the number of documents.

    The format holds no scores, candidates, assertions, evidence, abbreviations or meta, and no line
    break in a text: with `losses` they become blanks and are counted, without InputError names such
    a document.
    """
    count = 0
    with replacing(path) as stream:
        for document in documents:
            if losses is not None:
                document = _without_line_breaks(document, losses)
                written = _passages(document.text, _title_end(document))
                lost = sum(passage not in written for passage in document.passages)
                losses.add("passages other than title and abstract", lost)
            stream.write("".join(f"{line}\n" for line in document_lines(document)).encode("utf-8"))
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
            block.add_row(number, line)
        if block is not None and isinstance(line, OversizedLine):
            block.too_long = True
        after_blank = not line.strip()
    if block is not None:
        yield block


def _document(block: _Block, on_part_error: OnPartError) -> Document:
    identifier = block.id.decode("utf-8", "replace").strip()
    if block.title is None:
        number, line = block.rows[0] if block.rows else (1, b"")
        # Of a line that has no columns the beginning may be any text, and no id.
        is_id = b"\t" in line and len(identifier.split()) == 1
        raise BadRecord(
            f"line {number} comes under no title line (id|t|title)", identifier if is_id else ""
        )
    if block.too_long:
        raise BadRecord(f"its lines are more than {MAX_RECORD_BYTES:,} bytes", identifier[:100])
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
        # A row of another document would put its offsets into this text: nothing of the record is
        # safe.
        if columns[0].strip() != identifier:
            raise BadRecord(
                f"line {number} is neither text nor annotation of the document above", identifier
            )
    text = f"{title} {abstract}" if abstract else title
    mentions, relations = _annotations(identifier, text, rows, on_part_error)
    return Document(identifier, text, mentions, relations, _passages(text, len(title)))


def _passages(text: str, title_end: int) -> tuple[Passage, ...]:
    title = Passage("title", 0, title_end)
    if title_end + 1 >= len(text):
        return (title,)
    return title, Passage("abstract", title_end + 1, len(text))


def _annotations(
    identifier: str, text: str, rows: list[tuple[int, list[str]]], on_part_error: OnPartError
) -> tuple[tuple[Mention, ...], tuple[Relation, ...]]:
    mentions: list[Mention] = []
    relation_rows: list[tuple[int, list[str]]] = []
    direction_rows: list[tuple[int, list[str]]] = []
    aliases: dict[str, str] = {}
    for number, columns in rows:
        try:
            if len(columns) >= 5 and columns[1].isdecimal() and columns[2].isdecimal():
                mention, note = _mention(columns, text)
                mentions.append(mention)
                if note:
                    on_part_error(identifier, f"line {number}: {note}")
                aliases |= variant_aliases(_id_column(columns))
            elif len(columns) == 4 and columns[3].startswith(_SUBJECT):
                direction_rows.append((number, columns))
            elif len(columns) in (4, 5):
                relation_rows.append((number, columns))
            else:
                raise ValueError("neither a mention nor a relation")
        except ValueError as error:
            on_part_error(identifier, f"line {number}: {error}")
    curies = curies_by_bare_id((mention.label, mention.concept_ids) for mention in mentions)
    # What the mentions themselves say counts before what may be called so.
    curies = aliases | curies
    subjects: dict[frozenset[str], str] = {}
    relations: list[Relation] = []
    for number, columns in direction_rows:
        try:
            subject = columns[3].removeprefix(_SUBJECT)
            subjects |= pair_subjects(columns[1], columns[2], subject, curies)
        except ValueError as error:
            on_part_error(identifier, f"line {number}: {error}")
    for number, columns in relation_rows:
        try:
            relations.extend(_relations(columns, curies, subjects))
        except ValueError as error:
            on_part_error(identifier, f"line {number}: {error}")
    return tuple(mentions), tuple(relations)


def _mention(columns: list[str], text: str) -> tuple[Mention, str]:
    """The mention of a row, and what was done to place it, "" for nothing."""
    start, end, copy, label = int(columns[1]), int(columns[2]), columns[3], columns[4]
    note = ""
    try:
        check_mention(text, start, end, copy)
    except ValueError:
        span = aligned_span(text, start, copy)
        if span is None:
            raise
        note = f"the mention at {start}:{end} is read at {span[0]}:{span[1]}, where its text is"
        start, end = span
    return Mention(start, end, label, concept_ids=concept_ids(_id_column(columns), label)), note


def _id_column(columns: list[str]) -> str:
    """The ids of a mention; tmVar's corpora have the number of dbSNP in a column of its own."""
    ids = "".join(columns[5:6])
    rs = _RS_COLUMN.fullmatch("".join(columns[6:7]).strip())
    return f"{ids};RS#:{rs[1]}" if rs and ids.strip() else ids


def _relations(
    columns: list[str], curies: dict[str, str], subjects: dict[frozenset[str], str]
) -> Iterator[Relation]:
    """One relation, or one for each pair when the row names a composite concept
    (D017180|D014693).
    """
    novelty = "".join(columns[4:5]).strip().lower()
    if novelty not in _NOVEL:
        raise ValueError("the novelty in its fifth column is neither Novel nor No")
    heads, tails = (resolved_ids(column, curies) for column in columns[2:4])
    for head, tail in concept_pairs(heads, tails):
        subject = subjects.get(frozenset((head, tail)))
        yield Relation(head, tail, columns[1], novel=_NOVEL[novelty], subject=subject)


def document_lines(document: Document) -> Iterator[str]:
    """The lines of a document, without their ends; InputError as of `write`."""
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
    # A row is about all relations of its two concepts: the first of them has the word.
    directions: dict[frozenset[str], str] = {}
    for relation in document.relations:
        head, tail = (
            _relation_id(concept_id, curies) for concept_id in (relation.head, relation.tail)
        )
        novelty = [] if relation.novel is None else ["Novel" if relation.novel else "No"]
        yield "\t".join([document.id, relation.label, head, tail, *novelty])
        if relation.subject is not None:
            subject = f"{_SUBJECT}{_relation_id(relation.subject, curies)}"
            pair = frozenset((head, tail))
            directions.setdefault(pair, "\t".join([document.id, head, tail, subject]))
    yield from directions.values()


def _without_line_breaks(document: Document, losses: Losses) -> Document:
    text = document.text.translate(_LINE_BREAKS)
    if text == document.text:
        return document
    losses.add(
        "line breaks, written as blanks",
        sum(map(document.text.count, "\r\n")),
    )
    return replace(document, text=text)


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
    # Ids of relations have no label by which a reader could give the prefix back, so it is only
    # left out where the mentions of the document bring it back.
    if bare == concept_id:
        bare = concept_id.partition(":")[2]
    return bare if (curies.get(bare) or curie(bare, "")) == concept_id else concept_id
