"""The documents of a report's page with their mentions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from biopipe.document.labels import ASSERTIONS
from biopipe.graph.parts import Source
from biopipe.io.run_output.folder import part_file
from biopipe.report.rows import NumberedPart, numbered_parts
from biopipe.report.texts import TextReader
from biopipe.text.sentences import sentence_spans

__all__ = ["PageDocument", "assertion_bits", "page_documents"]

_TITLES = frozenset({"title", "front", "article_title"})


@dataclass(frozen=True, slots=True)
class PageDocument:
    """A document; `mentions` are rows of the table of mentions. `text` is None where it cannot be
    read any more, and `changed` where it is another than the run read.
    """

    number: int
    id: str
    date: str
    limits: list[str]
    title: tuple[int, int] | None
    mentions: list[dict[str, Any]]
    text: str | None
    changed: bool

    @property
    def sentences(self) -> list[tuple[int, int]]:
        """(start, end) of the sentences; empty without a text."""
        return sentence_spans(self.text) if self.text else []


def assertion_bits(assertions: Sequence[str]) -> int:
    """A set of assertions as one number: bit n for the n-th of ASSERTIONS; others are left out."""
    return sum(1 << ASSERTIONS.index(name) for name in set(assertions) & set(ASSERTIONS))


def page_documents(
    source: Source, numbers: Sequence[int], reader: TextReader | None
) -> Iterator[PageDocument]:
    """The documents of some numbers (sorted), part by part; without a reader no text."""
    wanted_rows = np.asarray(numbers, np.int64)
    for part in numbered_parts(source):
        inside = (wanted_rows >= part.first) & (wanted_rows < part.first + len(part.documents.ids))
        # Numbers count through the run, rows of a file from 0.
        local = (wanted_rows[inside] - part.first).tolist()
        if local:
            texts = reader.texts(part, local) if reader else {}
            yield from _documents_of_part(part, local, texts)


def _documents_of_part(
    part: NumberedPart, numbers: list[int], texts: Mapping[int, str]
) -> Iterator[PageDocument]:
    columns = ["id", "date", "text_length", "passages", "limits"]
    file = part_file(part.part.folder, "documents", part.part.name)
    rows = pq.read_table(file, columns=columns).take(numbers).to_pylist()
    mentions = _mentions(part, numbers)
    for number, row in zip(numbers, rows, strict=True):
        text = texts.get(number)
        changed = text is not None and not _is_text_of(text, row["text_length"], mentions[number])
        yield PageDocument(
            part.first + number,
            row["id"],
            row["date"] or "",
            row["limits"] or [],
            _title(row["passages"] or []),
            mentions[number],
            None if changed else text,
            changed,
        )


def _mentions(part: NumberedPart, numbers: list[int]) -> dict[int, list[dict[str, Any]]]:
    mentions: dict[int, list[dict[str, Any]]] = {number: [] for number in numbers}
    columns = ["start", "end", "text", "label", "score", "concept_ids", "assertion"]
    for row_numbers, rows in part.rows("mentions", columns):
        wanted = np.isin(row_numbers, numbers)
        plain = rows.filter(pa.array(wanted)).to_pylist()
        for number, row in zip(row_numbers[wanted].tolist(), plain, strict=True):
            mentions[number].append(row)
    return mentions


def _is_text_of(text: str, length: int, mentions: Sequence[Mapping[str, Any]]) -> bool:
    # The input may have been edited since: then its offsets would mark the wrong words.
    return len(text) == length and all(
        text[mention["start"] : mention["end"]] == mention["text"] for mention in mentions
    )


def _title(passages: Sequence[Mapping[str, Any]]) -> tuple[int, int] | None:
    for passage in passages:
        if passage["type"].lower() in _TITLES:
            return passage["start"], passage["end"]
    return None
