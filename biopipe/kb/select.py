"""Masks over the concepts of a knowledge base: by type, by source, by branch of its hierarchy."""

import threading
from collections.abc import Collection, Iterable
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.arrays import view
from biopipe.kb.concepts import ConceptTable
from biopipe.kb.groups import Mask
from biopipe.kb.near_values import near_values

__all__ = ["ConceptFilter"]

# Different filters of one process: one for each label, and some for kinds within a label.
_REMEMBERED_MASKS = 16


class ConceptFilter:
    """The masks of an open base, worked out once for each filter; safe to use from several
    threads.
    """

    def __init__(
        self,
        concepts: pa.RecordBatch,
        names: pa.RecordBatch,
        edges: pa.Table,
        table: ConceptTable,
        types: Collection[str],
        kb: str,
    ) -> None:
        self._concepts, self._names, self._edges, self._table = concepts, names, edges, table
        self._types, self._kb = types, kb
        self._owners = view(names["concept"], np.uint32)
        self._lock = threading.Lock()
        self._remembered = lru_cache(maxsize=_REMEMBERED_MASKS)(self._mask)

    def mask(
        self,
        types: Collection[str] | None,
        sources: Collection[str] | None,
        branches: Collection[str] | None,
    ) -> Mask | None:
        """(concepts,) bool, read-only, or None where nothing is asked for; see
        `KnowledgeBase.select`.
        """
        if types is None and sources is None and branches is None:
            return None
        given = (
            None if values is None else frozenset(values) for values in (types, sources, branches)
        )
        with self._lock:
            return self._remembered(*given)

    def _mask(
        self,
        types: frozenset[str] | None,
        sources: frozenset[str] | None,
        branches: frozenset[str] | None,
    ) -> Mask:
        mask = np.zeros(self._concepts.num_rows, bool)
        mask[self._owners] = True
        if types is not None:
            mask &= self._of_types(types)
        if sources is not None:
            mask &= self._of_sources(sources)
        if branches is not None:
            mask &= self._in_branches(branches)
        if not mask.any():
            asked = {"types": types, "sources": sources, "branches": branches}
            parts = "; ".join(
                f"{name} {', '.join(sorted(values))}"
                for name, values in asked.items()
                if values is not None
            )
            raise KnowledgeBaseError(
                f"No concept of the knowledge base {self._kb} passes the filter ({parts}); "
                "widen it."
            )
        mask.flags.writeable = False
        return mask

    def _of_types(self, types: Collection[str]) -> Mask:
        """Concepts of at least one of `types`."""
        self._refuse_unknown("type", types, self._types)
        column = self._concepts["types"]
        wanted = pc.is_in(column.flatten(), value_set=pa.array(sorted(types), pa.string()))
        total = np.append(0, np.cumsum(_booleans(wanted)))
        offsets = view(column.offsets, np.int32) - column.offsets[0].as_py()
        mask: Mask = total[offsets[1:]] > total[offsets[:-1]]
        return mask

    def _of_sources(self, sources: Collection[str]) -> Mask:
        """Concepts with a name from one of `sources`."""
        column = self._names["source"]
        values = column.dictionary.to_pylist()
        self._refuse_unknown("source", sources, values)
        codes = [code for code, source in enumerate(values) if source in sources]
        mask = np.zeros(self._concepts.num_rows, bool)
        mask[self._owners[np.isin(view(column.indices, np.int16), codes)]] = True
        return mask

    def _in_branches(self, branches: Iterable[str]) -> Mask:
        """The concepts `branches` and all below them by is-a; retired ids stand for what replaced
        them.
        """
        current = set[str]()
        for branch in sorted(branches):
            concept_id = self._table.canonical(branch)
            if concept_id is None:
                raise KnowledgeBaseError(
                    f"The knowledge base {self._kb} has no concept '{branch}'."
                )
            current.add(concept_id)
        edges = self._edges.filter(pc.equal(self._edges["relation"], "is-a"))
        ids, replaced_by = self._concepts["id"], self._concepts["replaced_by"]
        within: set[str] = set()
        below = pa.array(sorted(current), pa.string())
        while len(below):
            within.update(below.to_pylist())
            retired = ids.filter(pc.is_in(replaced_by, value_set=below))
            children = edges["head"].filter(pc.is_in(edges["tail"], value_set=below))
            further = {*children.to_pylist(), *retired.to_pylist()} - within
            below = pa.array(sorted(further), pa.string())
        return _booleans(pc.is_in(ids, value_set=pa.array(sorted(within), pa.string())))

    def _refuse_unknown(self, what: str, asked: Collection[str], known: Collection[str]) -> None:
        for value in asked:
            if value not in known:
                raise KnowledgeBaseError(
                    f"The knowledge base {self._kb} has no {what} '{value}'; "
                    f"{near_values(value, known)}."
                )


def _booleans(values: pa.Array) -> Mask:
    """Truth values, none of them null, as (n,) bool; they are bits in Arrow."""
    return view(values.cast(pa.uint8()), np.uint8).astype(bool)
