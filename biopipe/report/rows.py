"""The rows of a run's parts, with documents numbered through all of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from biopipe.graph.parts import PartDocuments, Source, SourcePart, documents_of, rows_of
from biopipe.graph.tally import flat
from biopipe.io.run_output.folder import part_file

__all__ = ["NumberedPart", "concept_rows", "numbered_parts"]


@dataclass(frozen=True, slots=True)
class NumberedPart:
    """A part whose documents have the numbers from `first` on."""

    part: SourcePart
    first: int
    documents: PartDocuments

    @property
    def years(self) -> npt.NDArray[np.int64]:
        """The year of each document, 0 where it has no date, (documents,) int64."""
        return self.documents.dates // 10_000

    def rows(
        self, table: str, columns: Sequence[str], *, optional: Sequence[str] = ()
    ) -> Iterator[tuple[npt.NDArray[np.int64], pa.Table]]:
        """Rows some thousand at a time with the number of each one's document within the part;
        `optional` columns come where the table has them.

        Numbers are (rows,) int64.
        """
        # Runs of earlier versions lack the newer columns.
        stored = pq.read_schema(part_file(self.part.folder, table, self.part.name)).names
        wanted = [*columns, *(name for name in optional if name in stored)]
        return rows_of(self.part, table, self.documents, wanted)


def numbered_parts(source: Source) -> Iterator[NumberedPart]:
    """The parts of an output folder one after another."""
    first = 0
    for part in source.parts:
        documents = documents_of(part)
        yield NumberedPart(part, first, documents)
        first += len(documents.ids)


def concept_rows(numbers: npt.NDArray[np.int64], mentions: pa.Table) -> pa.Table:
    """A row for each concept of each mention: id, label, name ("" beyond the first concept) and the
    number of the document.
    """
    lists = flat(mentions["concept_ids"])
    mention = pc.list_parent_indices(lists)
    ids = pc.list_flatten(lists)
    named = pc.equal(ids, flat(mentions["concept_id"]).take(mention))
    names = pc.if_else(pc.fill_null(named, False), flat(mentions["concept_name"]).take(mention), "")
    return pa.table(
        {
            "id": ids,
            "label": flat(mentions["label"]).take(mention),
            "name": pc.fill_null(names, ""),
            "document": pa.array(numbers[mention.to_numpy()]),
        }
    )
