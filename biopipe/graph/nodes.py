"""Concept nodes from mentions: names, types and counts."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from biopipe.graph.dates import date_texts, date_values
from biopipe.graph.tally import Tally, flat, lists_by_owner
from biopipe.text.concepts import NIL_PREFIX

__all__ = ["MENTION_COLUMNS", "NODES", "NodeCounts"]

# List columns by their field: what is counted in mentions for each concept.
_FIELDS = {
    "types": "type",
    "names": "name",
    "texts": "text",
    "knowledge_bases": "knowledge_base",
    "assertions": "assertion",
}


def _counted(field: str) -> pa.DataType:
    return pa.list_(pa.struct([pa.field(field, pa.string()), pa.field("mentions", pa.int64())]))


NODES = pa.schema(
    {
        "id": pa.string(),
        "name": pa.string(),
        "type": pa.string(),
        "knowledge_base": pa.string(),
        "mentions": pa.int64(),
        "documents": pa.int64(),
        "edges": pa.int64(),
        "first_date": pa.string(),
        "last_date": pa.string(),
        **{column: _counted(field) for column, field in _FIELDS.items()},
    }
)

MENTION_COLUMNS = (
    "text",
    "label",
    "concept_id",
    "concept_ids",
    "concept_name",
    "knowledge_base",
    "candidates.list.element.concept_id",
    "candidates.list.element.name",
    "assertion",
)


class NodeCounts:
    """Counts of concepts that are added up document by document.

    `rename` writes the ids of mentions as the graph has them: (n,) strings to as many.
    """

    def __init__(self, rename: Callable[[pa.Array], pa.Array] | None = None) -> None:
        self._rename = rename
        self._counts = Tally(["id"], mentions="sum", documents="sum", first="min", last="max")
        self._fields = {
            column: Tally(["id", field], mentions="sum") for column, field in _FIELDS.items()
        }

    def load(self, nodes: pa.Table) -> None:
        """Count what an earlier graph counted."""
        columns = {name: nodes[name] for name in ("id", "mentions", "documents")}
        dates = {name: date_values(nodes[f"{name}_date"]) for name in ("first", "last")}
        self._counts.add(pa.table({**columns, **dates}))
        for column, field in _FIELDS.items():
            lists = flat(nodes[column])
            values = pc.list_flatten(lists)
            ids = flat(nodes["id"]).take(pc.list_parent_indices(lists))
            self._add_field(column, ids, values.field(field), values.field("mentions"))

    def add_mentions(
        self, rows: pa.Table, documents: npt.NDArray[np.int64], dates: npt.NDArray[np.int64]
    ) -> None:
        """Count mentions of whole documents; `documents` is the document of each row, `dates` by
        document.
        """
        mention, ids = _linked(flat(rows["concept_ids"]))
        if not len(ids):
            return
        names = _names(rows, mention, ids)
        if self._rename is not None:
            mention, ids, names = _distinct(mention, self._rename(ids), names)
        self._add_documents(ids, documents[mention.to_numpy()], dates)
        for column, name in (
            ("types", "label"),
            ("texts", "text"),
            ("knowledge_bases", "knowledge_base"),
        ):
            self._add_field(column, ids, flat(rows[name]).take(mention))
        self._add_field("names", ids, names)
        assertions = flat(rows["assertion"]).take(mention)
        self._add_field(
            "assertions", ids.take(pc.list_parent_indices(assertions)), pc.list_flatten(assertions)
        )

    def add_unlinked(
        self, relations: pa.Table, documents: npt.NDArray[np.int64], dates: npt.NDArray[np.int64]
    ) -> None:
        """Count the concepts without an id, which only relations name.

        Every document counts as one mention, because the mentions table does not say how they were
        grouped. `documents` and `dates` as in `add_mentions`.
        """
        ends = [
            pa.table(
                {
                    "id": relations[end],
                    "label": relations[f"{end}_label"],
                    "name": relations[f"{end}_name"],
                    "document": documents,
                }
            )
            for end in ("head", "tail")
        ]
        rows = pa.concat_tables(ends)
        rows = rows.filter(pc.starts_with(rows["id"], NIL_PREFIX))
        distinct = rows.group_by(["id", "label", "document"]).aggregate([])
        ids = flat(distinct["id"])
        self._add_documents(ids, distinct["document"].to_numpy(), dates)
        self._add_field("types", ids, flat(distinct["label"]))
        named = rows.filter(pc.not_equal(rows["name"], ""))
        named = named.group_by(["id", "name", "document"]).aggregate([])
        self._add_field("texts", flat(named["id"]), flat(named["name"]))

    def table(self, edges: pa.Table) -> pa.Table:
        """All nodes by id in the columns of `NODES`; every end of `edges` is among them."""
        self._add_ends(edges)
        counts = self._counts.table()
        columns: dict[str, Any] = {name: counts[name] for name in ("id", "mentions", "documents")}
        columns |= {f"{name}_date": date_texts(counts[name]) for name in ("first", "last")}
        main: dict[str, pa.Array] = {}
        for column, field in _FIELDS.items():
            order = [("id", "ascending"), ("mentions", "descending"), (field, "ascending")]
            rows = self._fields[column].table().sort_by(order)
            columns[column], first = lists_by_owner(rows, counts, ["id"], [field, "mentions"])
            main[column] = flat(rows[field]).take(pa.array(first, mask=first < 0))
        columns["type"], columns["knowledge_base"] = main["types"], main["knowledge_bases"]
        # The base's name first, then what texts write most, then the id itself.
        columns["name"] = pc.coalesce(main["names"], main["texts"], counts["id"])
        columns["edges"] = _degrees(counts["id"], edges)
        return pa.table({name: columns[name] for name in NODES.names})

    def _add_documents(
        self, ids: pa.Array, documents: npt.NDArray[np.int64], dates: npt.NDArray[np.int64]
    ) -> None:
        pairs = pa.table(
            {"id": ids, "document": documents, "mentions": np.ones(len(ids), np.int64)}
        )
        pairs = pairs.group_by(["id", "document"]).aggregate([("mentions", "sum")])
        dated = dates[pairs["document"].to_numpy()]
        date = pa.array(dated, mask=dated == 0)
        ones = pa.array(np.ones(pairs.num_rows, np.int64))
        columns = {"id": pairs["id"], "mentions": pairs["mentions_sum"], "documents": ones}
        self._counts.add(pa.table({**columns, "first": date, "last": date}))

    def _add_field(
        self, column: str, ids: pa.Array, values: pa.Array, mentions: pa.Array | None = None
    ) -> None:
        counts = pa.array(np.ones(len(ids), np.int64)) if mentions is None else mentions
        rows = pa.table({"id": ids, _FIELDS[column]: values, "mentions": counts})
        self._fields[column].add(rows.filter(values.is_valid()))

    def _add_ends(self, edges: pa.Table) -> None:
        """Tables that another program wrote may name concepts in relations that no mention has."""
        ids = pc.unique(
            pa.chunked_array([*edges["head"].chunks, *edges["tail"].chunks], pa.large_string())
        )
        zeros = pa.array(np.zeros(len(ids), np.int64))
        nothing = pa.nulls(len(ids), pa.int64())
        columns = {
            "id": ids,
            "mentions": zeros,
            "documents": zeros,
            "first": nothing,
            "last": nothing,
        }
        self._counts.add(pa.table(columns))


def _linked(lists: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Rows and concept ids of linked mentions, an id once for each mention."""
    pairs = pa.table({"mention": pc.list_parent_indices(lists), "id": pc.list_flatten(lists)})
    # Threads would return the rows in another order each time.
    distinct = pairs.group_by(["mention", "id"], use_threads=False).aggregate([])
    return flat(distinct["mention"].cast(pa.int64())), flat(distinct["id"])


def _distinct(
    mention: pa.Array, ids: pa.Array, names: pa.Array
) -> tuple[pa.Array, pa.Array, pa.Array]:
    """The columns without the rows of a mention whose id came before: several ids of a mention may
    be one in another system.
    """
    pairs = pa.table({"mention": mention, "id": ids, "row": np.arange(len(ids))})
    first = pairs.group_by(["mention", "id"], use_threads=False).aggregate([("row", "min")])
    rows = pc.sort_indices(first["row_min"])
    kept = flat(first["row_min"]).take(rows)
    return mention.take(kept), ids.take(kept), names.take(kept)


def _names(rows: pa.Table, mention: pa.Array, ids: pa.Array) -> pa.Array:
    """The name that the knowledge base gives each id: the mention's own, of further ids that of the
    candidate.
    """
    first = flat(rows["concept_id"]).take(mention)
    own = pc.fill_null(pc.equal(first, ids), False)
    names = pc.if_else(own, flat(rows["concept_name"]).take(mention), pa.scalar(None, pa.string()))
    others = np.flatnonzero(~own.to_numpy(zero_copy_only=False))
    if not len(others):
        return names
    place = pa.array(others)
    candidates = flat(rows["candidates"]).take(mention.take(place)).to_pylist()
    names_of_others = [
        _candidate_name(listed, id_)
        for listed, id_ in zip(candidates, ids.take(place).to_pylist(), strict=True)
    ]
    mask = np.zeros(len(ids), bool)
    mask[others] = True
    return pc.replace_with_mask(names, pa.array(mask), pa.array(names_of_others, pa.string()))


def _candidate_name(candidates: list[Mapping[str, Any]] | None, concept_id: str) -> str | None:
    return next(
        (
            candidate["name"]
            for candidate in candidates or ()
            if candidate["concept_id"] == concept_id
        ),
        None,
    )


def _degrees(ids: pa.ChunkedArray, edges: pa.Table) -> pa.Array:
    """How many edges with support each concept has; one to itself counts once."""
    supported = edges.filter(pc.greater(edges["documents"], 0))
    loops = pc.equal(supported["head"], supported["tail"])
    ends = [supported["head"], supported["tail"].filter(pc.invert(loops))]
    degrees = np.zeros(len(ids), np.int64)
    for end in ends:
        rows = pc.index_in(end.cast(pa.large_string()), value_set=flat(ids)).to_numpy()
        degrees += np.bincount(rows, minlength=len(ids))
    return pa.array(degrees)
