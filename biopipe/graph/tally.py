"""Counts by key that are merged as they grow: memory is that of the distinct keys, not of what was
counted.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Best", "Tally", "flat", "key_column", "lists_by_owner"]

# Merging costs as much as what is there already, so it waits until as much again has come in.
_LEAST_WAITING = 131_072
# The unit separator of ASCII, which no id or label has.
_SEPARATOR = "\x1f"


class Tally:
    """Whole numbers by key; `how` says of each column whether it is a sum, a min or a max.

    All three give the same in any order and any grouping, which is what makes a graph the same
    however it is built.
    """

    def __init__(self, keys: Sequence[str], **how: str) -> None:
        self._keys, self._how = list(keys), how
        # Large strings, because a merged column may hold more than the 2 GiB of the small ones.
        fields = {key: pa.large_string() for key in keys} | {name: pa.int64() for name in how}
        self._schema = pa.schema(fields)
        self._merged = self._schema.empty_table()
        self._waiting: list[pa.Table] = []

    def add(self, rows: pa.Table) -> None:
        """Count rows that have the columns of this tally; keys may repeat."""
        if rows.num_rows:
            self._waiting.append(self._grouped(rows.select(self._schema.names).cast(self._schema)))
        if sum(table.num_rows for table in self._waiting) >= max(
            _LEAST_WAITING, self._merged.num_rows
        ):
            self._merge()

    def table(self) -> pa.Table:
        """One row a key, in the order of the keys."""
        self._merge()
        return self._merged.sort_by([(key, "ascending") for key in self._keys])

    def _merge(self) -> None:
        if self._waiting:
            self._merged = self._grouped(pa.concat_tables([self._merged, *self._waiting]))
            self._waiting.clear()

    def _grouped(self, rows: pa.Table) -> pa.Table:
        grouped = rows.group_by(self._keys).aggregate(list(self._how.items()))
        columns = [grouped[key] for key in self._keys]
        columns += [grouped[f"{name}_{how}"] for name, how in self._how.items()]
        return pa.table(columns, schema=self._schema)


class Best:
    """The rows of each key that come first by score (highest first), then by `tie`; at most
    `limit`.
    """

    def __init__(self, keys: Sequence[str], *, score: str, tie: str, limit: int) -> None:
        self._keys, self._limit = list(keys), limit
        self._order = [
            *((key, "ascending") for key in keys),
            (score, "descending"),
            (tie, "ascending"),
        ]
        self._kept: pa.Table | None = None
        self._waiting: list[pa.Table] = []

    def add(self, rows: pa.Table) -> None:
        """Consider rows; all calls bring the same columns."""
        if rows.num_rows:
            self._waiting.append(self._first(rows))
        kept = self._kept.num_rows if self._kept is not None else 0
        if sum(table.num_rows for table in self._waiting) >= max(_LEAST_WAITING, kept):
            self._merge()

    def table(self) -> pa.Table | None:
        """Sorted by key, then best first; None when nothing was added."""
        self._merge()
        return self._kept

    def _merge(self) -> None:
        if self._waiting:
            self._kept = self._first(
                pa.concat_tables([*([self._kept] if self._kept else []), *self._waiting])
            )
            self._waiting.clear()

    def _first(self, rows: pa.Table) -> pa.Table:
        # Sorted by key, then rank: the place within its run is the rank of a row.
        ordered = rows.sort_by(self._order).combine_chunks()
        starts = np.zeros(ordered.num_rows, bool)
        starts[:1] = True
        for key in self._keys:
            column = ordered[key]
            starts[1:] |= pc.not_equal(column[1:], column[:-1]).to_numpy()
        places = np.arange(ordered.num_rows)
        rank = places - np.maximum.accumulate(np.where(starts, places, 0))
        return ordered.filter(pa.array(rank < self._limit))


def key_column(rows: pa.Table, keys: Sequence[str]) -> pa.ChunkedArray:
    """One column that is equal where all `keys` are."""
    if len(keys) == 1:
        return rows[keys[0]].cast(pa.large_string())
    columns = [rows[key].cast(pa.large_string()) for key in keys]
    return pc.binary_join_element_wise(*columns, pa.scalar(_SEPARATOR, pa.large_string()))


def lists_by_owner(
    rows: pa.Table, owners: pa.Table, keys: Sequence[str], fields: Sequence[str]
) -> tuple[pa.Array, npt.NDArray[np.int64]]:
    """`fields` of the rows as a list of structs for each owner, and the number of the first row of
    each owner.

    `rows` and `owners` are sorted by `keys`, and every row has an owner; -1 is the first row of an
    owner without any.
    """
    owner = pc.index_in(key_column(rows, keys), value_set=key_column(owners, keys)).to_numpy()
    counts = np.bincount(owner, minlength=owners.num_rows)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    columns = [rows[field].combine_chunks() for field in fields]
    values = pa.StructArray.from_arrays(columns, list(fields))
    lists = pa.LargeListArray.from_arrays(pa.array(offsets), values)
    return lists, np.where(counts > 0, offsets[:-1], -1)


def flat(column: pa.ChunkedArray) -> pa.Array:
    """The column as one array."""
    array = column.combine_chunks()
    return pa.concat_arrays(array.chunks) if isinstance(array, pa.ChunkedArray) else array
