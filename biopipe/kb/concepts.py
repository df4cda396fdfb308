"""The concepts of an open knowledge base: by id and by row of the concept table."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from biopipe.kb.arrays import view
from biopipe.kb.hash_index import HashIndex
from biopipe.kb.hashing import name_hash
from biopipe.kb.schema import Concept

__all__ = ["ConceptRecord", "ConceptTable"]

# Concepts come again and again in a corpus; each takes about half a kilobyte.
_REMEMBERED = 8192
_RECORD_COLUMNS = ("id", "name", "types")


class ConceptRecord(NamedTuple):
    """What ranking needs of a concept."""

    id: str
    name: str
    types: tuple[str, ...]


class ConceptTable:
    """The tables `concepts` and `names` of a base, and the index of ids.

    `records(rows)` and `row(concept_id)` remember their last answers.
    """

    def __init__(self, concepts: pa.RecordBatch, names: pa.RecordBatch, ids: HashIndex) -> None:
        self._concepts, self._names, self._index = concepts, names, ids
        self._id_column, self._replaced = concepts["id"], concepts["replaced_by"]
        self._record_columns = [concepts[column] for column in _RECORD_COLUMNS]
        self._records: dict[int, ConceptRecord] = {}
        self._owners = view(names["concept"], np.uint32).data
        self.row = lru_cache(maxsize=_REMEMBERED)(self._row)

    def record(self, row: int) -> ConceptRecord:
        """The concept in a row of the concept table."""
        return self._records.get(row) or self.records((row,))[row]

    def records(self, rows: Iterable[int]) -> Mapping[int, ConceptRecord]:
        """The concepts in rows of the concept table, by row; read together, they take a tenth of
        the time.
        """
        records, unread = dict[int, ConceptRecord](), list[int]()
        for row in dict.fromkeys(rows):
            record = self._records.get(row)
            if record is None:
                unread.append(row)
            else:
                records[row] = record
        if unread:
            taken = pa.array(unread, pa.int64())
            columns = [column.take(taken).to_pylist() for column in self._record_columns]
            for row, id_, name, types in zip(unread, *columns, strict=True):
                records[row] = ConceptRecord(id_, name, tuple(types))
            self._remember({row: records[row] for row in unread})
        return records

    def _remember(self, records: Mapping[int, ConceptRecord]) -> None:
        self._records.update(records)
        surplus = len(self._records) - _REMEMBERED
        # First come, first gone. A copy of the keys: other threads add records meanwhile.
        for oldest in list(self._records)[:surplus] if surplus > 0 else ():
            self._records.pop(oldest, None)

    def _row(self, concept_id: str) -> int | None:
        """The row of the concept with this id, retired ones too; None when it is unknown."""
        for row in self._index.rows(name_hash(concept_id)):
            if self._id_column[row].as_py() == concept_id:
                return row
        return None

    def concept(self, concept_id: str) -> Concept:
        """The concept with this id, retired ones too; KeyError without."""
        row = self.row(concept_id)
        if row is None:
            raise KeyError(concept_id)
        fields = self._concepts.slice(row, 1).to_pylist()[0]
        first, end = self._name_rows(row)
        names = self._names.slice(first, end - first).to_pylist()
        synonyms = {name["text"]: name["kind"] for name in names if name["text"] != fields["name"]}
        return Concept(
            id=fields["id"],
            name=fields["name"],
            synonyms=tuple(synonyms),
            types=tuple(fields["types"]),
            definition=fields["definition"],
            parents=tuple(fields["parents"]),
            replaced_by=fields["replaced_by"],
            synonym_kinds=tuple(synonyms.values()),
            source=names[0]["source"] if names else "",
        )

    def active(self) -> Iterator[Concept]:
        """All concepts in the order of the table, retired ones left out."""
        for row, replaced in enumerate(self._replaced):
            if not replaced.as_py():
                yield self.concept(self._id_column[row].as_py())

    def canonical(self, concept_id: str) -> str | None:
        """The id in use for `concept_id`; see `KnowledgeBase.canonical`."""
        row, seen = self.row(concept_id), list[str]()
        while row is not None:
            if concept_id in seen:
                return min(seen[seen.index(concept_id) :])
            seen.append(concept_id)
            concept_id = self._replaced[row].as_py()
            row = self.row(concept_id) if concept_id else None
        return seen[-1] if seen else None

    def _name_rows(self, row: int) -> tuple[int, int]:
        """The first row of the name table that the concept in `row` has, and the end of them."""
        first = bisect_left(self._owners, row)
        return first, bisect_left(self._owners, row + 1, first)
