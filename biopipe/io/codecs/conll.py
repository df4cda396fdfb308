"""CoNLL: a token and its tag (IOB2) a line, blank lines between sentences.

Read are columns between tabs or blanks, of which the first is the token and the last the tag, in
IOB1, IOB2 or IOBES. Documents begin with `-DOCSTART-` or `# newdoc id = ID`; in a file without
either a sentence is a document. Where a file has no offsets the text is its tokens with a blank
between them and a line break between sentences.
"""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from biopipe.document import Document, Mention
from biopipe.io.codecs.text import name_id
from biopipe.io.rows import BadRecord, OnError, OnPartError, build_documents
from biopipe.io.streams import (
    BROKEN,
    MAX_RECORD_BYTES,
    OversizedLine,
    binary_lines,
    bounded_lines,
    decode_utf8,
    open_binary,
)

__all__ = ["read"]

_NEW_DOCUMENT = re.compile(rb"-DOCSTART-|#\s*newdoc\b")
_ID = re.compile(r"#\s*newdoc\s+id\s*=\s*(.+)")
_TEXT = re.compile(r'#\s*text\s*=\s*(".*")\s*\Z')
_TAG = re.compile(r"([BIESLUM])-(.+)|O\Z")
_BEGINS = frozenset("BSU")


@dataclass(slots=True)
class _Block:
    """The lines of a document with their numbers."""

    number: int
    lines: list[tuple[int, bytes]] = field(default_factory=list)
    size: int = 0


@dataclass(slots=True)
class _Tokens:
    """The tokens of a document: their words, offsets (None where the file has none) and tags."""

    identifier: str = ""
    text: str | None = None
    words: list[str] = field(default_factory=list)
    spans: list[tuple[int, int] | None] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    sentence_starts: set[int] = field(default_factory=set)


def read(path: Path, *, on_error: OnError | None = None) -> Iterator[Document]:
    """Documents of a CoNLL file (also gzip), one after the other."""
    stem = name_id(path).removesuffix(".conll")
    whole = _has_documents(path)

    def build(block: _Block, on_part_error: OnPartError) -> Document:
        return _document(block, f"{stem}-{block.number}", on_part_error)

    with open_binary(path) as stream:
        blocks = _blocks(binary_lines(bounded_lines(stream)), whole)
        nothing = "the file holds no CoNLL token"
        yield from build_documents(str(path), blocks, build, on_error, nothing=nothing)


def _has_documents(path: Path) -> bool:
    """Whether the first line that is not blank begins a document."""
    with suppress(*BROKEN), open_binary(path) as stream:  # reading tells of what is broken
        for line in binary_lines(bounded_lines(stream)):
            if line.strip():
                return _NEW_DOCUMENT.match(line) is not None
    return False


def _blocks(lines: Iterator[bytes], whole: bool) -> Iterator[_Block]:
    """The documents of a file; its sentences where it is not divided into documents."""
    block = _Block(1)
    for number, line in enumerate(lines, 1):
        ends = _NEW_DOCUMENT.match(line) is not None if whole else not line.strip()
        if ends and block.lines:
            yield block
            block = _Block(block.number + 1)
        # Counted on beyond the limit but not kept, so that a file without breaks cannot fill the
        # memory.
        block.size += len(line) + isinstance(line, OversizedLine) * MAX_RECORD_BYTES
        if block.size <= MAX_RECORD_BYTES and (line.strip() or block.lines):
            block.lines.append((number, line))
    if block.lines:
        yield block


def _document(block: _Block, fallback_id: str, on_part_error: OnPartError) -> Document:
    if block.size > MAX_RECORD_BYTES:
        raise BadRecord(f"its lines are more than {MAX_RECORD_BYTES:,} bytes")
    tokens = _Tokens()
    for number, raw in block.lines:
        try:
            _parse_line(decode_utf8(raw, "the line"), tokens)
        except ValueError as error:
            raise BadRecord(f"line {number}: {error}", tokens.identifier) from error
    identifier = tokens.identifier or fallback_id
    text, spans = _laid_out(tokens, identifier)
    return Document(identifier, text, tuple(_mentions(tokens.tags, spans)))


def _parse_line(line: str, tokens: _Tokens) -> None:
    if not line.strip():
        tokens.sentence_starts.add(len(tokens.words))
    elif match := _ID.match(line):
        tokens.identifier = match[1].strip()
    elif match := _TEXT.match(line):
        with suppress(ValueError):  # another program's text that happens to stand in quotes
            tokens.text = json.loads(match[1])
    elif line.startswith("-DOCSTART-") or (line.startswith("#") and "\t" not in line):
        # "# O" is a token that happens to be the sign of a comment.
        if line.startswith("#") and len(line.split()) == 2 and _TAG.match(line.split()[1]):
            _add_token(line.split(), tokens)
    else:
        _add_token(line.split("\t") if "\t" in line else line.split(), tokens)


def _add_token(columns: list[str], tokens: _Tokens) -> None:
    word, tag = columns[0], columns[-1].strip()
    if len(columns) < 2 or not _TAG.match(tag):
        raise ValueError("its last column is no tag such as O, B-Disease or I-Disease")
    has_offsets = len(columns) >= 4 and columns[1].isdecimal() and columns[2].isdecimal()
    tokens.words.append(word)
    tokens.spans.append((int(columns[1]), int(columns[2])) if has_offsets else None)
    tokens.tags.append(tag)


def _laid_out(tokens: _Tokens, identifier: str) -> tuple[str, list[tuple[int, int]]]:
    """The text and the span of each token in it."""
    spans = [span for span in tokens.spans if span is not None]
    if tokens.text is not None and len(spans) == len(tokens.words):
        for word, (start, end) in zip(tokens.words, spans, strict=True):
            if tokens.text[start:end] != word:
                raise BadRecord(f"the token at {start}:{end} is not the text there", identifier)
        return tokens.text, spans
    if spans and len(spans) == len(tokens.words) and _follow(tokens.words, spans):
        return _with_gaps(tokens.words, spans), spans
    pieces: list[str] = []
    length = 0
    placed: list[tuple[int, int]] = []
    for index, word in enumerate(tokens.words):
        gap = "" if not index else "\n" if index in tokens.sentence_starts else " "
        length += len(gap)
        placed.append((length, length + len(word)))
        pieces += (gap, word)
        length += len(word)
    return "".join(pieces), placed


def _follow(words: list[str], spans: list[tuple[int, int]]) -> bool:
    """Whether the tokens have the lengths of their spans and follow one another."""
    ends = [0, *(end for _, end in spans)]
    fit = all(end - start == len(word) for word, (start, end) in zip(words, spans, strict=True))
    return fit and all(start >= end for (start, _), end in zip(spans, ends, strict=False))


def _with_gaps(words: list[str], spans: list[tuple[int, int]]) -> str:
    pieces: list[str] = []
    length = 0
    for word, (start, end) in zip(words, spans, strict=True):
        pieces += (" " * (start - length), word)
        length = end
    return "".join(pieces)


def _mentions(tags: list[str], spans: list[tuple[int, int]]) -> Iterator[Mention]:
    label, first, last = "", 0, 0
    # The O behind the end closes the last mention.
    for index, tag in enumerate([*tags, "O"]):
        kind, _, own = tag.partition("-")
        # A change of label without a B begins a new mention: in IOB1 that is the rule.
        goes_on = bool(label) and own == label and kind not in _BEGINS
        if label and not goes_on:
            yield Mention(spans[first][0], spans[last][1], label)
            label = ""
        if own and not goes_on:
            label, first = own, index
        last = index
        if label and kind in "EL":
            yield Mention(spans[first][0], spans[last][1], label)
            label = ""
