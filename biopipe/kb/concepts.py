"""The concepts of an open knowledge base: by id and by row of the concept table."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from biopipe.kb.arrays import view
from biopipe.kb.hash_index import HashIndex
from biopipe.kb.hashing import name_hash
from biopipe.kb.schema import Concept

__all__ = ["ConceptRecord", "ConceptTable"]

# Concepts come again and again in a corpus; each takes about half a kilobyte.
_REMEMBERED = 8192
_READ_TOGETHER = 1024
_RECORD_COLUMNS = ("id", "xrefs", "name", "types")


# Ids of MeSH that are no headings: shown like these, but a name that a heading has too is the
# heading's.
_SUPPLEMENTARY = "MESH:C"


class ConceptRecord(NamedTuple):
    """What ranking needs of a concept; `system` is the place, in the order of preferred systems, of
    its first id, among which supplementary concepts of MeSH do not count.
    """

    id: str
    name: str
    types: tuple[str, ...]
    system: int


class ConceptTable:
    """The tables `concepts` and `names` of a base, and the index of ids.

    A concept is shown under the first of its ids whose prefix stands first in `prefer`, or under
    its main one. `records(rows)` and `row(concept_id)` remember their last answers.
    """

    def __init__(
        self,
        concepts: pa.RecordBatch,
        names: pa.RecordBatch,
        ids: HashIndex,
        prefer: Sequence[str] = (),
    ) -> None:
        self._concepts, self._names, self._index = concepts, names, ids
        self._id_column, self._replaced = concepts["id"], concepts["replaced_by"]
        self._xrefs = concepts["xrefs"]
        self._places = {system: place for place, system in enumerate(prefer)}
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
            for row, id_, xrefs, name, types in zip(unread, *columns, strict=True):
                ids = [id_, *xrefs]
                shown, system = self._shown(ids) if self._places else (id_, 0)
                records[row] = ConceptRecord(shown, name, tuple(types), system)
            self._remember({row: records[row] for row in unread})
        return records

    def _remember(self, records: Mapping[int, ConceptRecord]) -> None:
        self._records.update(records)
        surplus = len(self._records) - _REMEMBERED
        # First come, first gone. A copy of the keys: other threads add records meanwhile.
        for oldest in list(self._records)[:surplus] if surplus > 0 else ():
            self._records.pop(oldest, None)

    def _shown(self, ids: Sequence[str]) -> tuple[str, int]:
        """The id to show of those of a concept, and the place of its first system."""
        places = [self._place(concept_id) for concept_id in ids]
        headings = (
            place
            for id_, place in zip(ids, places, strict=True)
            if not id_.startswith(_SUPPLEMENTARY)
        )
        return ids[places.index(min(places))], min(headings, default=len(self._places))

    def _place(self, concept_id: str) -> int:
        return self._places.get(concept_id.partition(":")[0], len(self._places))

    def rows(self, concept_id: str) -> list[int]:
        """The rows with this id: of the concept whose own it is, retired ones too, else of all that
        have it as a cross-reference.
        """
        rows = self._index.rows(name_hash(concept_id))
        own = [row for row in rows if self._id_column[row].as_py() == concept_id]
        return own or [row for row in rows if concept_id in self._xrefs[row].as_py()]

    def _row(self, concept_id: str) -> int | None:
        """The first of `rows`; None when the id is unknown."""
        return next(iter(self.rows(concept_id)), None)

    def concept(self, concept_id: str) -> Concept:
        """The concept with this id, retired ones too; KeyError without."""
        row = self.row(concept_id)
        if row is None:
            raise KeyError(concept_id)
        return self.concept_in(row)

    def concept_in(self, row: int) -> Concept:
        """The concept in a row of the concept table."""
        return next(self._concepts_in(row, row + 1))

    def active(self) -> Iterator[Concept]:
        """All concepts in the order of the table, retired ones left out."""
        count = self._concepts.num_rows
        for start in range(0, count, _READ_TOGETHER):
            concepts = self._concepts_in(start, min(start + _READ_TOGETHER, count))
            yield from (concept for concept in concepts if not concept.replaced_by)

    def _concepts_in(self, start: int, end: int) -> Iterator[Concept]:
        """The concepts in the rows from `start` to `end`; many together take a fraction of the time
        that each takes alone.
        """
        first = bisect_left(self._owners, start)
        name_rows = slice(first, bisect_left(self._owners, end, first))
        owners = self._owners[name_rows]
        names = zip(owners, self._names.slice(first, len(owners)).to_pylist(), strict=True)
        of_row = {row: list(group) for row, group in groupby(names, itemgetter(0))}
        for row, fields in enumerate(self._concepts.slice(start, end - start).to_pylist(), start):
            yield self._concept(fields, [name for _, name in of_row.get(row, ())])

    def _concept(self, fields: dict[str, Any], names: Sequence[dict[str, Any]]) -> Concept:
        ids = [fields["id"], *fields["xrefs"]]
        shown = min(ids, key=self._place)
        synonyms = {name["text"]: name["kind"] for name in names if name["text"] != fields["name"]}
        return Concept(
            id=shown,
            name=fields["name"],
            synonyms=tuple(synonyms),
            types=tuple(fields["types"]),
            definition=fields["definition"],
            parents=tuple(fields["parents"]),
            replaced_by=fields["replaced_by"],
            synonym_kinds=tuple(synonyms.values()),
            source=names[0]["source"] if names else "",
            xrefs=tuple(id_ for id_ in ids if id_ != shown),
        )

    def canonical(self, concept_id: str) -> str | None:
        """The id in use for `concept_id`; see `KnowledgeBase.canonical`."""
        row, seen = self.row(concept_id), list[str]()
        while row is not None:
            shown = self.record(row).id
            if shown in seen:
                return min(seen[seen.index(shown) :])
            seen.append(shown)
            successor = self._replaced[row].as_py()
            row = self.row(successor) if successor else None
        return seen[-1] if seen else None
