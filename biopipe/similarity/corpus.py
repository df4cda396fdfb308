"""The concept sets of many documents: of what `biopipe run` wrote, or of any annotated file."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from biopipe.errors import InputError
from biopipe.io.addresses import check_local_input
from biopipe.io.formats import read
from biopipe.io.rows import OddRows
from biopipe.io.run_output.folder import RUN_FILE, part_file, read_run_file
from biopipe.io.run_output.journal import Part, read_journal
from biopipe.similarity.concept_sets import ConceptSet, concept_set

__all__ = ["CorpusDocument", "read_corpus"]

# Rows of mentions that are Python objects at a time.
_BATCH_ROWS = 32_768


@dataclass(frozen=True, slots=True)
class CorpusDocument:
    """A document by its id and the file it is from, with its concepts."""

    id: str
    source: str
    concepts: ConceptSet


def read_corpus(path: str | Path) -> Iterator[CorpusDocument]:
    """The documents of an output folder of `biopipe run` (of its finished parts), or of a file in
    any readable format that has annotations; what of it cannot be read is left out with a warning.

    InputError when the path is neither, or a part does not fit its documents.
    """
    path = Path(path)
    check_local_input(path)
    if not path.exists():
        raise InputError(
            f"There is no '{path}'; give the output folder of biopipe run, or an annotated file."
        )
    if not path.is_dir():
        odd = OddRows()
        for document in read(path, on_error=odd):
            yield CorpusDocument(document.id, str(path), concept_set(document))
        if odd.count:
            warnings.warn(odd.sentence, stacklevel=2)
        return
    if read_run_file(path) is None:
        raise InputError(
            f"The folder {path} holds no {RUN_FILE}; give the output folder of biopipe run."
        )
    for _, part in sorted(read_journal(path).items()):
        yield from _documents_of(part, path)


def _documents_of(part: Part, folder: Path) -> Iterator[CorpusDocument]:
    try:
        documents = pq.read_table(
            part_file(folder, "documents", part.name), columns=["id", "mentions"]
        )
        with pq.ParquetFile(part_file(folder, "mentions", part.name)) as file:
            rows = _mention_rows(file)
            for document_id, count in zip(
                documents["id"].to_pylist(), documents["mentions"].to_pylist(), strict=True
            ):
                mentions = list(islice(rows, count))
                # The tables are joined by the order of rows alone, which is checked by the ids.
                if len(mentions) < count or any(owner != document_id for owner, *_ in mentions):
                    raise _damaged(part, folder)
                concepts = ConceptSet.from_mentions(
                    (concept_ids, assertions) for _, concept_ids, assertions in mentions
                )
                yield CorpusDocument(document_id, part.input, concepts)
            # Rows left over belong to no document: the two tables are of different runs.
            if next(rows, None) is not None:
                raise _damaged(part, folder)
    except (OSError, pa.ArrowException) as error:
        raise _damaged(part, folder) from error


def _mention_rows(file: pq.ParquetFile) -> Iterator[tuple[str, list[str], list[str]]]:
    """Document id, concept ids and assertions of each mention, in the order of the documents."""
    columns = ["document_id", "concept_ids", "assertion"]
    for batch in file.iter_batches(_BATCH_ROWS, columns=columns):
        yield from zip(*(batch[column].to_pylist() for column in columns), strict=True)


def _damaged(part: Part, folder: Path) -> InputError:
    return InputError(
        f"The tables of part {part.name} in {folder} do not fit each other or cannot be read; "
        "start its biopipe run again with --restart."
    )
