"""The documents of a finished run from its tables, for formats that hold what a run found.

The tables do not hold texts, unless the run kept them: they are read from the inputs once more, or
of a text only what its mentions cover is there, each at its place, and blanks between.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from biopipe.document import Document, Mention, Relation
from biopipe.document.fields import DOCUMENT_FIELDS, MENTION_FIELDS, RELATION_FIELDS
from biopipe.document.mapping import decode_record
from biopipe.errors import InputError
from biopipe.io.fragments import list_fragments, read_fragment
from biopipe.io.input_columns import InputColumns
from biopipe.io.run_output.folder import RUN_FILE, part_file, read_run_file
from biopipe.io.run_output.journal import read_journal

__all__ = ["is_run_folder", "run_documents"]


def is_run_folder(path: Path) -> bool:
    """Whether a path is the output folder of a run."""
    return (path / RUN_FILE).is_file()


def run_documents(folder: Path, *, texts: bool = False) -> Iterator[Document]:
    """The documents of all finished parts, by the names of the parts.

    With `texts` they have their whole texts and their relations, without neither. InputError when
    the folder is not the output of a run, or where a text is not in its input any more.
    """
    run_file = read_run_file(folder) if folder.is_dir() else None
    if run_file is None:
        raise InputError(f"The folder {folder} is no output of biopipe run: it has no {RUN_FILE}.")
    columns = run_file.get("configuration", {}).get("columns", {})
    for name, part in sorted(read_journal(folder).items()):
        rows = pq.read_table(part_file(folder, "mentions", name)).to_pylist()
        mentions: dict[tuple[str, int | None], list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            mentions[row["document_id"], row.get("row")].append(row)
        documents = pq.read_table(part_file(folder, "documents", name)).to_pylist()
        # Mentions are joined by id and row; outputs from before there was a row have the id alone.
        places = {(row["id"], row.get("row")) for row in documents}
        if len(places) < len(documents):
            raise InputError(
                f"Two documents of the part {name} in {folder} have one id, and this output of an "
                "earlier biopipe does not tell their mentions apart; run again with --restart."
            )
        whole = _texts(documents, name, part.input, columns) if texts else iter(())
        relations = _relations(folder, name) if texts else {}
        for row in documents:
            place = (row["id"], row.get("row"))
            document = _document(row, mentions.get(place, []))
            if texts:
                text = _checked_text(next(whole, None), document, row["text_length"], part.input)
                document = replace(document, text=text, relations=tuple(relations.get(place, ())))
            yield document


def _relations(folder: Path, name: str) -> dict[tuple[str, int | None], list[Relation]]:
    relations: dict[tuple[str, int | None], list[Relation]] = defaultdict(list)
    for row in pq.read_table(part_file(folder, "relations", name)).to_pylist():
        relation: Relation = decode_record(RELATION_FIELDS, row)
        relations[row["document_id"], row.get("row")].append(relation)
    return relations


def _texts(
    rows: list[dict[str, Any]], name: str, source: str, columns: Mapping[str, Any]
) -> Iterator[str]:
    """The texts of the rows of a part in their order, from a column that the run kept, else from
    the input; what failed in the run is no row and is passed over."""
    if all(isinstance(row.get("text"), str) for row in rows):
        yield from (row["text"] for row in rows)
        return
    known = {key: columns[key] for key in ("text", "id", "title") if key in columns}
    fragments = {f.name: f for f in list_fragments([source])} if Path(source).exists() else {}
    if name not in fragments:
        return
    documents = read_fragment(fragments[name], InputColumns(**known), on_error=lambda error: None)
    for row in rows:
        # Both are in the order of the input: passing over what failed never reads a document twice.
        text = next((d.text for d in documents if d.id == row["id"]), None)
        if text is None:
            return
        yield text


def _checked_text(text: str | None, document: Document, length: int, source: str) -> str:
    """The text of a document; InputError unless its mentions are where they were."""
    stored = document.text
    if (
        text is None
        or len(text) != length
        or any(text[m.start : m.end] != stored[m.start : m.end] for m in document.mentions)
    ):
        raise InputError(
            f"The text of document '{document.id}' is not in {source} as it was when biopipe run "
            "read it; put the input back, or run with --keep text."
        )
    return text


def _document(row: dict[str, Any], mentions: list[dict[str, Any]]) -> Document:
    # Blanks in the place of what no table holds, so that all offsets stay right.
    text = [" "] * row["text_length"]
    for mention in mentions:
        text[mention["start"] : mention["end"]] = mention["text"]
    for medication in row.get("medications") or ():
        text[medication["start"] : medication["end"]] = medication["name"]
    for measurement in row.get("measurements") or ():
        text[measurement["start"] : measurement["end"]] = measurement["name"]
    stored = {
        field.name: row[field.name]
        for field in DOCUMENT_FIELDS.fields
        if field.output_column and row.get(field.name) is not None
    }
    stored |= {"text": "".join(text), "meta": {"date": row["date"]} if row.get("date") else {}}
    document: Document = decode_record(DOCUMENT_FIELDS, stored | {"mentions": []})
    return _with_mentions(document, mentions)


def _with_mentions(document: Document, rows: list[dict[str, Any]]) -> Document:
    decoded: list[Mention] = []
    for row in rows:
        sources = row["source"].split("|") if row.get("source") else []
        decoded.append(decode_record(MENTION_FIELDS, row | {"sources": sources}))
    return replace(document, mentions=tuple(decoded))
