"""The texts of a run's documents, which its tables need not hold: read once more from the inputs."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from biopipe.document import Document
from biopipe.errors import BiopipeError
from biopipe.io.addresses import is_url
from biopipe.io.fragments import Fragment, list_fragments, read_fragment
from biopipe.io.input_columns import InputColumns
from biopipe.io.run_output.folder import part_file
from biopipe.io.run_output.journal import read_journal
from biopipe.report.rows import NumberedPart

__all__ = ["TextReader"]

_TEXT = "text"


class TextReader:
    """Reads the texts of documents by part, from a column `text` that the run kept, else from the
    run's inputs where they still are; of addresses copies are kept in the folder `copies`.
    """

    def __init__(
        self, folder: Path, run_file: Mapping[str, Any], copies: Path | None = None
    ) -> None:
        self._inputs = {name: part.input for name, part in read_journal(folder).items()}
        columns = run_file.get("configuration", {}).get("columns", {})
        self._columns = InputColumns(
            **{name: columns[name] for name in ("text", "id", "title") if name in columns}
        )
        self._copies = copies
        self._fragments: dict[str, dict[str, Fragment]] = {}

    def texts(self, part: NumberedPart, wanted: list[int]) -> dict[int, str]:
        """Texts by the number of the document within the part, of those in `wanted` (sorted) that
        are still there; whether a text is still the same is for the caller to say.
        """
        file = part_file(part.part.folder, "documents", part.part.name)
        if _TEXT in pq.read_schema(file).names:
            kept = pq.read_table(file, columns=[_TEXT])[_TEXT].take(wanted).to_pylist()
            return {number: text for number, text in zip(wanted, kept, strict=True) if text}
        try:
            return _matched(self._documents(part.part.name), part.documents.ids.to_pylist(), wanted)
        except (BiopipeError, OSError):
            # Inputs that were moved, changed or deleted since: the page says that texts are not
            # there.
            return {}

    def _documents(self, name: str) -> Iterator[Document]:
        source = self._inputs[name]
        if source not in self._fragments:
            # The file itself, in no case a pattern that other files match.
            there = is_url(source) or Path(source).is_file()
            fragments = list_fragments([source], copies=self._copies) if there else []
            self._fragments[source] = {fragment.name: fragment for fragment in fragments}
        fragment = self._fragments[source].get(name)
        if fragment is None:
            return iter(())
        return read_fragment(fragment, self._columns, on_error=lambda error: None)


def _matched(documents: Iterator[Document], ids: list[str], wanted: list[int]) -> dict[int, str]:
    """Both are in one order, but what failed in the run is missing among the ids."""
    texts: dict[int, str] = {}
    asked = set(wanted)
    number = 0
    for document in documents:
        if number > wanted[-1]:
            break
        # What failed in the run is in the input and not among the ids: it is passed over.
        if document.id == ids[number]:
            if number in asked:
                texts[number] = document.text
            number += 1
    return texts
