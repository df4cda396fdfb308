"""What a whole run holds: concepts, pairs of them, years and limits, counted in one pass."""

from collections import Counter

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from biopipe.graph.evidence import unlinked
from biopipe.graph.parts import Source
from biopipe.graph.tally import Tally, flat
from biopipe.io.run_output.folder import part_file
from biopipe.report.rows import NumberedPart, concept_rows, numbered_parts

__all__ = ["RunTally", "ordered_pairs", "tally_run"]

# Sums of whole thousandths are the same in any order of the parts.
_THOUSAND = 1000


class RunTally:
    """Counts of a run. Tables, one row a key:

    `concept_years` id, year (text, "0" without a date), documents; `concept_names` id, label, name,
    mentions; `pairs` first, second, label, documents, score (the sum, in thousandths), where first
    sorts before second.
    """

    def __init__(self) -> None:
        self.documents = 0
        self._lengths: list[npt.NDArray[np.int64]] = []
        self.years: Counter[int] = Counter()
        self.limits: Counter[str] = Counter()
        self.limited_documents = 0
        self.unlinked_relations = 0
        self.directed = False
        self.concept_years = Tally(["id", "year"], documents="sum")
        self.concept_names = Tally(["id", "label", "name"], mentions="sum")
        self.pairs = Tally(["first", "second", "label"], documents="sum", score="sum")

    @property
    def text_lengths(self) -> npt.NDArray[np.int64]:
        """Characters of the text of each document, by its number, (documents,) int64."""
        return np.concatenate([*self._lengths, np.zeros(0, np.int64)])

    def add(self, part: NumberedPart) -> None:
        """Count a part."""
        self.documents += len(part.documents.ids)
        self.years.update(part.years.tolist())
        self._add_documents(part)
        columns = ["label", "concept_id", "concept_ids", "concept_name"]
        for numbers, rows in part.rows("mentions", columns):
            self._add_concepts(part, concept_rows(numbers, rows))
        for _, rows in part.rows("relations", ["head", "tail", "label", "score"]):
            # A NIL id is one document's own: pairs of these cannot be summed over documents.
            linked = ~unlinked(rows)
            self.unlinked_relations += int((~linked).sum())
            self._add_pairs(rows.filter(pa.array(linked)))

    def _add_documents(self, part: NumberedPart) -> None:
        file = part_file(part.part.folder, "documents", part.part.name)
        rows = pq.read_table(file, columns=["limits", "text_length"])
        self._lengths.append(rows["text_length"].to_numpy().astype(np.int64))
        limits = flat(rows["limits"])
        self.limited_documents += pc.sum(pc.greater(pc.list_value_length(limits), 0)).as_py() or 0
        # Each text ends in its own number; the kinds of limits are few.
        kinds = (text.partition(":")[0] for text in pc.list_flatten(limits).to_pylist())
        self.limits.update(kinds)

    def _add_concepts(self, part: NumberedPart, concepts: pa.Table) -> None:
        ones = pa.array(np.ones(concepts.num_rows, np.int64))
        self.concept_names.add(
            concepts.select(["id", "label", "name"]).append_column("mentions", ones)
        )
        distinct = concepts.select(["id", "document"]).group_by(["id", "document"]).aggregate([])
        years = pa.array(part.years[distinct["document"].to_numpy()]).cast(pa.string())
        self.concept_years.add(
            pa.table({"id": distinct["id"], "year": years, "documents": ones[: len(years)]})
        )

    def _add_pairs(self, rows: pa.Table) -> None:
        first, second = ordered_pairs(rows)
        # Without a score a relation is sure, as in `Relation`.
        scores = pc.multiply(pc.fill_null(rows["score"].cast(pa.float64()), 1.0), _THOUSAND)
        self.pairs.add(
            pa.table(
                {
                    "first": first,
                    "second": second,
                    "label": rows["label"],
                    "documents": pa.array(np.ones(rows.num_rows, np.int64)),
                    "score": pc.round(scores).cast(pa.int64()),
                }
            )
        )


def tally_run(source: Source) -> RunTally:
    """Everything in the finished parts of an output folder, counted."""
    tally = RunTally()
    for part in numbered_parts(source):
        tally.add(part)
    return tally


def ordered_pairs(rows: pa.Table) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """The ends of relations, the one whose id sorts first in front."""
    head, tail = rows["head"], rows["tail"]
    swapped = pc.greater(head, tail)
    return pc.if_else(swapped, tail, head), pc.if_else(swapped, head, tail)
