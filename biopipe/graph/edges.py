"""Edges from relations: support by documents, combined confidence, novelty, contradiction."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from biopipe.graph.dates import date_texts, date_values
from biopipe.graph.evidence import SPANS
from biopipe.graph.options import GraphOptions
from biopipe.graph.tally import Best, Tally, flat, key_column, lists_by_owner

__all__ = ["EDGES", "EXAMPLES", "KEYS", "EdgeCounts", "with_names"]

KEYS = ("head", "tail", "label")
EXAMPLES = 3
# A document can take at most this much of the doubt away, so that no single one makes an edge
# certain.
_MOST_CERTAIN = 1.0 - 1e-6
# log(1 - p) in steps of 2^-32: whole numbers add up to the same in any order, and 10^8 documents
# fit in 64 bits.
_STEPS = float(2**32)

_EXAMPLE = pa.struct(
    {"document_id": pa.string(), "score": pa.float32(), "novel": pa.bool_(), "evidence": SPANS}
)
_FLAGS = ("novel", "background", "head_acts", "tail_acts")
_SUMS = ("documents", "weight", "unasserted", *_FLAGS)
_ASSERTION = pa.struct({"assertion": pa.string(), "documents": pa.int64()})

EDGES = pa.schema(
    {
        "head": pa.string(),
        "tail": pa.string(),
        "label": pa.string(),
        "head_name": pa.string(),
        "tail_name": pa.string(),
        "head_type": pa.string(),
        "tail_type": pa.string(),
        "documents": pa.int64(),
        "confidence": pa.float64(),
        "weight": pa.int64(),
        "novel": pa.int64(),
        "background": pa.int64(),
        "unasserted": pa.int64(),
        "first_date": pa.string(),
        "last_date": pa.string(),
        "contradicted": pa.bool_(),
        "opposite_documents": pa.int64(),
        "opposite_confidence": pa.float64(),
        "assertions": pa.list_(_ASSERTION),
        "examples": pa.list_(_EXAMPLE),
        "head_acts": pa.int64(),
        "tail_acts": pa.int64(),
    }
)


class EdgeCounts:
    """Counts of edges that are added up document by document."""

    def __init__(self, options: GraphOptions) -> None:
        self._options = options
        sums = dict.fromkeys(_SUMS, "sum")
        self._counts = Tally(KEYS, **sums, first="min", last="max")
        self._assertions = Tally((*KEYS, "assertion"), documents="sum")
        self._examples = Best(KEYS, score="score", tie="document_id", limit=EXAMPLES)

    def load(self, edges: pa.Table) -> None:
        """Count what an earlier graph counted."""
        dates = {name: date_values(edges[f"{name}_date"]) for name in ("first", "last")}
        names = [*KEYS, *_SUMS]
        self._counts.add(pa.table({**{name: edges[name] for name in names}, **dates}))
        for column, counter in (("assertions", self._assertions), ("examples", self._examples)):
            lists = flat(edges[column])
            owners = edges.select(KEYS).take(pc.list_parent_indices(lists))
            counter.add(_beside(owners, pc.list_flatten(lists)))

    def add(self, evidence: pa.Table) -> None:
        """Count evidence of whole documents."""
        if not evidence.num_rows:
            return
        supports = evidence["supports"]
        per_document = _per_document(evidence)
        self._counts.add(_countable(per_document))
        self._add_assertions(evidence)
        columns = [*KEYS, *(field.name for field in _EXAMPLE)]
        self._examples.add(evidence.filter(supports).select(columns))

    def table(self) -> pa.Table:
        """All edges by head, tail and label in the columns of `EDGES` but for names and types."""
        counts = self._counts.table()
        columns: dict[str, Any] = {name: counts[name] for name in counts.column_names}
        columns |= {f"{name}_date": date_texts(counts[name]) for name in ("first", "last")}
        # Noisy-or, 1 minus the product of (1 - p) over documents, as a sum of logarithms.
        confidence = -np.expm1(-counts["weight"].to_numpy() / _STEPS)
        columns["confidence"] = confidence
        columns |= _opposites(counts, confidence, self._options.opposites)
        columns["assertions"] = self._assertion_lists(counts)
        columns["examples"] = self._example_lists(counts)
        return pa.table({name: columns[name] for name in EDGES.names if name in columns})

    def _add_assertions(self, evidence: pa.Table) -> None:
        assertion = flat(evidence["assertion"])
        owners = evidence.select([*KEYS, "document"]).take(pc.list_parent_indices(assertion))
        rows = owners.append_column("assertion", pc.list_flatten(assertion))
        distinct = rows.group_by(rows.column_names).aggregate([])
        self._assertions.add(distinct.append_column("documents", _ones(distinct.num_rows)))

    def _assertion_lists(self, counts: pa.Table) -> pa.Array:
        order = [
            *((key, "ascending") for key in KEYS),
            ("documents", "descending"),
            ("assertion", "ascending"),
        ]
        rows = self._assertions.table().sort_by(order)
        return lists_by_owner(rows, counts, KEYS, ["assertion", "documents"])[0]

    def _example_lists(self, counts: pa.Table) -> pa.Array:
        rows = self._examples.table()
        if rows is None:
            return pa.nulls(counts.num_rows, pa.list_(_EXAMPLE)).fill_null(
                pa.scalar([], pa.list_(_EXAMPLE))
            )
        return lists_by_owner(rows, counts, KEYS, [field.name for field in _EXAMPLE])[0]


def with_names(edges: pa.Table, nodes: pa.Table) -> pa.Table:
    """Edges in the columns of `EDGES`: name and main type of both ends added."""
    columns: dict[str, Any] = {name: edges[name] for name in edges.column_names}
    ids = flat(nodes["id"].cast(pa.large_string()))
    for end in ("head", "tail"):
        rows = pc.index_in(edges[end].cast(pa.large_string()), value_set=ids)
        columns |= {
            f"{end}_name": nodes["name"].take(rows),
            f"{end}_type": nodes["type"].take(rows),
        }
    return pa.table({name: columns[name] for name in EDGES.names})


def _per_document(evidence: pa.Table) -> pa.Table:
    """One row for each edge and document: the best supporting score, and whether any such statement
    is novel, or says that the head acts, or the tail.
    """
    supports = evidence["supports"]
    none = pa.scalar(None, pa.float32())
    rows = evidence.select([*KEYS, "document", "day"])
    rows = rows.append_column(
        "score", pc.if_else(supports, pc.fill_null(evidence["score"], 0), none)
    )
    flags = (
        pc.equal(evidence["novel"], True),
        pc.equal(evidence["novel"], False),
        pc.equal(evidence["subject"], evidence["head"]),
        pc.equal(evidence["subject"], evidence["tail"]),
    )
    for name, flag in zip(_FLAGS, flags, strict=True):
        supporting = pc.fill_null(pc.and_(supports, flag), False)
        rows = rows.append_column(name, supporting.cast(pa.int64()))
    per_document = rows.group_by([*KEYS, "document"]).aggregate(
        [("day", "min"), ("score", "max"), *((name, "max") for name in _FLAGS)]
    )
    return per_document.rename_columns(
        [name.removesuffix("_max").removesuffix("_min") for name in per_document.column_names]
    )


def _countable(rows: pa.Table) -> pa.Table:
    score = rows["score"]
    supported = pc.is_valid(score).cast(pa.int64())
    day = pc.if_else(pc.is_valid(score), rows["day"], pa.scalar(None, pa.int64()))
    novel = rows["novel"]
    columns = {
        **{key: rows[key] for key in KEYS},
        "documents": supported,
        "weight": _weight(pc.fill_null(score, 0).to_numpy()),
        "novel": novel,
        # A document that calls it novel in one place and known in another counts as novel.
        "background": pc.if_else(pc.equal(novel, 1), 0, rows["background"]),
        "unasserted": pc.subtract(1, supported),
        "head_acts": rows["head_acts"],
        "tail_acts": rows["tail_acts"],
        "first": day,
        "last": day,
    }
    return pa.table(columns)


def _weight(scores: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """-log(1 - p) of each score, in steps of 2^-32."""
    p = np.clip(np.nan_to_num(scores.astype(np.float64)), 0.0, _MOST_CERTAIN)
    doubt: npt.NDArray[np.int64] = np.rint(-np.log1p(-p) * _STEPS).astype(np.int64)
    return doubt


def _opposites(
    counts: pa.Table, confidence: npt.NDArray[np.float64], opposites: tuple[tuple[str, str], ...]
) -> dict[str, Any]:
    """Support that the same two concepts have under an opposite label."""
    documents = np.zeros(counts.num_rows, np.int64)
    best = np.zeros(counts.num_rows)
    supported = counts["documents"].to_numpy()
    for label, other in [*opposites, *((second, first) for first, second in opposites)]:
        mine = np.flatnonzero(pc.equal(counts["label"], label).to_numpy())
        theirs = np.flatnonzero(pc.equal(counts["label"], other).to_numpy())
        pairs = counts.select(["head", "tail"])
        places = pc.index_in(
            key_column(pairs.take(pa.array(mine)), ("head", "tail")),
            value_set=flat(key_column(pairs.take(pa.array(theirs)), ("head", "tail"))),
        )
        met = mine[pc.is_valid(places).to_numpy()]
        partner = theirs[pc.drop_null(places).to_numpy()]
        documents[met] += supported[partner]
        best[met] = np.maximum(best[met], confidence[partner])
    return {
        "contradicted": (documents > 0) & (supported > 0),
        "opposite_documents": documents,
        "opposite_confidence": best,
    }


def _beside(owners: pa.Table, values: pa.Array) -> pa.Table:
    columns = {field.name: values.field(field.name) for field in values.type}
    return pa.table({**{name: owners[name] for name in owners.column_names}, **columns})


def _ones(count: int) -> pa.Array:
    return pa.array(np.ones(count, np.int64))
