"""Relations of documents as evidence of edges."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from biopipe.document.labels import HYPOTHETICAL, NEGATED
from biopipe.graph.dates import date_texts
from biopipe.graph.options import GraphOptions
from biopipe.graph.tally import flat
from biopipe.text.concepts import NIL_PREFIX

__all__ = ["EVIDENCE", "RELATION_COLUMNS", "SPANS", "evidence_rows", "unlinked"]

# What is denied or only supposed is evidence against or of nothing; uncertain and past statements
# still support.
UNASSERTED = (NEGATED, HYPOTHETICAL)
SPANS = pa.list_(pa.struct([pa.field("start", pa.int32()), pa.field("end", pa.int32())]))

RELATION_COLUMNS = (
    "head",
    "tail",
    "head_label",
    "tail_label",
    "head_name",
    "tail_name",
    "label",
    "score",
    "novel",
    "novel_score",
    "evidence",
    "assertion",
    "subject",
    "subject_score",
)

EVIDENCE = pa.schema(
    {
        "head": pa.string(),
        "tail": pa.string(),
        "label": pa.string(),
        "document_id": pa.string(),
        "date": pa.string(),
        "score": pa.float32(),
        "novel": pa.bool_(),
        "novel_score": pa.float32(),
        "evidence": SPANS,
        "assertion": pa.list_(pa.string()),
        "supports": pa.bool_(),
        "subject": pa.string(),
        "subject_score": pa.float32(),
    }
)


def evidence_rows(
    rows: pa.Table,
    documents: npt.NDArray[np.int64],
    dates: npt.NDArray[np.int64],
    options: GraphOptions,
) -> pa.Table:
    """Relations as evidence of edges, with the `document` and `day` of each as numbers beside the
    columns stored.

    The end whose id sorts first is the head, and with `directed` the subject where there is one.
    `documents`: (rows,) int64; `dates`: (documents,) int64.
    """
    head, tail = rows["head"], rows["tail"]
    # Undirected: the end whose id sorts first is the head, so that A-B and B-A are one edge.
    swapped = pc.greater(head, tail)
    if options.directed:
        is_tail = pc.equal(rows["subject"], tail)
        swapped = pc.if_else(pc.is_valid(rows["subject"]), is_tail, swapped)
    head, tail = pc.if_else(swapped, tail, head), pc.if_else(swapped, head, tail)
    day = dates[documents]
    numbers = pa.array(day, mask=day == 0)
    columns: dict[str, Any] = {
        name: rows[name] for name in EVIDENCE.names if name in rows.column_names
    }
    columns |= {
        "head": head,
        "tail": tail,
        "date": date_texts(numbers),
        "supports": _supports(rows),
    }
    stored = pa.table({name: columns[name] for name in EVIDENCE.names}).cast(EVIDENCE)
    return stored.append_column("document", pa.array(documents)).append_column("day", numbers)


def unlinked(rows: pa.Table) -> npt.NDArray[np.bool_]:
    """Which relations have an end without a concept id, (rows,) bool."""
    nil = [pc.starts_with(rows[name], NIL_PREFIX) for name in ("head", "tail")]
    either_end: npt.NDArray[np.bool_] = pc.or_(*nil).to_numpy()
    return either_end


def _supports(rows: pa.Table) -> pa.Array:
    assertion = flat(rows["assertion"])
    values = pc.utf8_lower(pc.list_flatten(assertion))
    # A relation that is both denied and possible is no support either.
    against = pc.is_in(values, value_set=pa.array(UNASSERTED)).to_numpy(zero_copy_only=False)
    supports = np.ones(rows.num_rows, bool)
    supports[pc.list_parent_indices(assertion).to_numpy()[against]] = False
    return pa.array(supports)
