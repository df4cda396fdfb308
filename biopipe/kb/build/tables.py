"""The tables of a knowledge base being built: concepts, names, edges, and the hashes by which names
and ids are found.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.arrow_schemas import CONCEPT_SCHEMA, EDGE_SCHEMA, NAME_SCHEMA
from biopipe.kb.build.concept_rows import (
    concept_row,
    has_fields,
    merge_concepts,
    names_by_kind,
)
from biopipe.kb.build.indexed_names import IndexedNames
from biopipe.kb.build.spool import Spool, write_table
from biopipe.kb.hashing import name_hash
from biopipe.kb.schema import INDEXED_KINDS, Concept

__all__ = ["TableBuild", "TableCounts"]

# Concepts between two reports of progress.
_PROGRESS_STEP = 1000


@dataclass(frozen=True, slots=True)
class TableCounts:
    """The fields of that name of `KBManifest`."""

    counts: dict[str, int]
    types: dict[str, int]
    systems: dict[str, int]


class TableBuild:
    """Takes concepts and writes their tables to `directory`; rows wait in spool files, hashes and
    ids in memory.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._concepts = Spool(directory / "concepts.spool", CONCEPT_SCHEMA)
        self._names = Spool(directory / "names.spool", NAME_SCHEMA)
        self._edges = Spool(directory / "edges.spool", EDGE_SCHEMA)
        self._rows: dict[str, int] = {}
        self._to_merge: dict[int, list[Concept]] = {}
        self._last_is_retired = False
        self.indexed = IndexedNames(directory / "forms.spool")

    def add_all(self, concepts: Iterable[Concept], progress: Callable[[int], None] | None) -> None:
        """Add concepts; `progress` gets how many were added so far."""
        for count, concept in enumerate(concepts, start=1):
            self._add(concept)
            if progress and count % _PROGRESS_STEP == 0:
                progress(count)
        if progress:
            progress(len(self._rows))

    def close(self) -> None:
        """No more concepts come."""
        self.indexed.close()

    def write(self, name: str) -> TableCounts:
        """Write all tables; returns what the manifest says of them.

        Raises KnowledgeBaseError, which calls the base `name`, when there is no name to look up.
        """
        if not len(self.indexed):
            raise KnowledgeBaseError(
                f"The sources of '{name}' hold no concept with a name; there is nothing to build "
                "of them."
            )
        concepts = self._merged_concepts()
        active = concepts.filter(pc.equal(concepts["replaced_by"], ""))
        counts = {
            "concepts": active.num_rows,
            "replaced": concepts.num_rows - active.num_rows,
            "names": self._write_names(),
            "edges": write_table(self._edges.table(), self._directory / "edges.arrow"),
        }
        write_table(concepts, self._directory / "concepts.arrow")
        _save_index(self._directory, "ids", *self._hashed_ids(concepts["xrefs"]))
        # The indexes of names are built next, and these take half a gigabyte of a large base.
        self._rows.clear()
        return TableCounts(counts, _type_counts(active), _system_counts(active))

    def _hashed_ids(
        self, xrefs: pa.ChunkedArray
    ) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]:
        """Hashes of the ids of all concepts, then of their cross-references, and the rows."""
        other_ids = pc.list_flatten(xrefs).to_pylist()
        owners = pc.list_parent_indices(xrefs.combine_chunks()).to_numpy()
        ids = chain(self._rows, other_ids)
        hashes = np.fromiter(map(name_hash, ids), np.uint64, len(self._rows) + len(other_ids))
        rows = np.append(np.arange(len(self._rows)), owners)
        return hashes, rows.astype(np.uint32)

    def _add(self, concept: Concept) -> None:
        row = self._rows.setdefault(concept.id, len(self._rows))
        if row == len(self._concepts):
            self._concepts.append(concept_row(concept))
        # Further names of the concept just added, as another vocabulary has them, leave nothing to
        # merge.
        elif row + 1 < len(self._concepts) or self._last_is_retired or has_fields(concept):
            self._to_merge.setdefault(row, []).append(concept)
        self._last_is_retired = bool(concept.replaced_by)
        if not concept.replaced_by:
            for text, kind in names_by_kind(concept).items():
                if kind in INDEXED_KINDS:
                    self.indexed.add(text, len(self._names))
                self._names.append((text, row, concept.source, kind))
        for parent in concept.parents:
            self._edges.append((concept.id, parent, "is-a"))

    def _merged_concepts(self) -> pa.Table:
        table = self._concepts.table()
        if not self._to_merge:
            return table
        rows = sorted(self._to_merge)
        first = table.take(rows).to_pylist()
        merged = [
            concept_row(merge_concepts(Concept(**fields), self._to_merge[row]))
            for row, fields in zip(rows, first, strict=True)
        ]
        columns = [
            pa.array(values, field.type)
            for values, field in zip(zip(*merged, strict=True), CONCEPT_SCHEMA, strict=True)
        ]
        order = np.arange(table.num_rows)
        # Merged rows stand behind all others and are taken in the place of the first ones.
        order[rows] = table.num_rows + np.arange(len(rows))
        return pa.concat_tables([table, pa.table(columns, schema=CONCEPT_SCHEMA)]).take(order)

    def _write_names(self) -> int:
        """Names sorted by concept, so that those of one concept lie together, and the index of
        their hashes.
        """
        table = self._names.table()
        if self._to_merge:
            order = np.argsort(table["concept"].to_numpy(), kind="stable")
            table = table.take(order)
            moved = np.empty(len(order), np.uint32)
            moved[order] = np.arange(len(order), dtype=np.uint32)
            self.indexed.move(moved)
        _save_index(
            self._directory,
            "exact",
            np.concatenate([self.indexed.hashes, self.indexed.order_hashes]),
            np.concatenate([self.indexed.rows, self.indexed.order_rows]),
        )
        return write_table(table, self._directory / "names.arrow")


def _save_index(
    directory: Path, name: str, hashes: npt.NDArray[np.uint64], rows: npt.NDArray[np.uint32]
) -> None:
    """Write `NAME.npy`, hashes in order, and `NAME_rows.npy`, the row of each: both (n,)."""
    # Stable: rows of one hash stay in the order of the table.
    order = np.argsort(hashes, kind="stable")
    np.save(directory / f"{name}.npy", hashes[order])
    np.save(directory / f"{name}_rows.npy", rows[order])


def _type_counts(concepts: pa.Table) -> dict[str, int]:
    """How many concepts have each type, by type."""
    counts = pc.value_counts(pc.list_flatten(concepts["types"].combine_chunks()))
    pairs = zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True)
    return dict(sorted(pairs))


def _system_counts(concepts: pa.Table) -> dict[str, int]:
    """How many ids have each prefix, the commonest prefix first."""
    other_ids = pc.list_flatten(concepts["xrefs"]).to_pylist()
    prefixes = (id_.partition(":") for id_ in chain(concepts["id"].to_pylist(), other_ids))
    return dict(Counter(prefix for prefix, colon, _ in prefixes if colon).most_common())
