"""The evidence of a report's edges: which document says what, when and how surely."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from biopipe.graph.evidence import unlinked
from biopipe.graph.parts import Source
from biopipe.graph.tally import Best, flat, key_column
from biopipe.report.counts import ordered_pairs
from biopipe.report.options import ReportOptions
from biopipe.report.pairs import ConceptPair, GraphPairs
from biopipe.report.rows import NumberedPart, numbered_parts

__all__ = ["FIRST_ACTS", "NOT_NOVEL", "NOVEL", "SECOND_ACTS", "choose_documents", "relation_facts"]

NOVEL, NOT_NOVEL = 1, 2
"""Whether a relation is what its document found; 0 where nothing says it."""
FIRST_ACTS, SECOND_ACTS = 1, 2
"""Which end of a pair acts on the other; 0 where nothing says it."""

_COLUMNS = ("head", "tail", "label", "score", "novel", "assertion", "evidence")
_KEYS = ("first", "second", "label")


def relation_facts(
    source: Source, pairs: Sequence[ConceptPair], options: ReportOptions
) -> list[dict[str, Any]]:
    """A row for each document that states an edge: edge (its place in `pairs`), document, year (0
    without a date), score, novel, acts, assertion, evidence.

    In the order of the edges, the surest first, at most `options.evidence` of each.
    """
    if not pairs:
        return []
    keys = pa.table({name: [getattr(pair, name) for pair in pairs] for name in _KEYS})
    best = Best(["edge"], score="score", tie="document", limit=options.evidence)
    for part in numbered_parts(source):
        for numbers, rows in part.rows("relations", _COLUMNS, optional=["subject"]):
            best.add(_facts(part, numbers, rows, keys))
    table = best.table()
    return table.to_pylist() if table is not None else []


def _facts(
    part: NumberedPart, numbers: npt.NDArray[np.int64], rows: pa.Table, keys: pa.Table
) -> pa.Table:
    first, second = ordered_pairs(rows)
    ends = pa.table({"first": first, "second": second, "label": rows["label"]})
    edge = pc.index_in(key_column(ends, _KEYS), value_set=key_column(keys, _KEYS))
    # An end without an id has one that other documents may have given to something else.
    there = pa.array(edge.is_valid().to_numpy() & ~unlinked(rows))
    novel = pc.if_else(rows["novel"], NOVEL, NOT_NOVEL)
    return pa.table(
        {
            "edge": edge.cast(pa.int64()),
            "document": pa.array(numbers + part.first),
            "year": pa.array(part.years[numbers]),
            "score": pc.fill_null(rows["score"], 1.0).cast(pa.float32()),
            "novel": pc.fill_null(novel, 0).cast(pa.int8()),
            "acts": _acts(rows, first, second),
            "assertion": flat(rows["assertion"]),
            "evidence": flat(rows["evidence"]),
        }
    ).filter(there)


def _acts(rows: pa.Table, first: pa.ChunkedArray, second: pa.ChunkedArray) -> pa.Array:
    """Which end acts, from the column `subject` where the run has it."""
    if "subject" not in rows.column_names:
        return pa.array(np.zeros(rows.num_rows, np.int8))
    subject = rows["subject"]
    is_second = pc.if_else(pc.equal(subject, second), SECOND_ACTS, 0)
    acts = pc.if_else(pc.equal(subject, first), FIRST_ACTS, is_second)
    return flat(pc.fill_null(acts, 0).cast(pa.int8()))


def choose_documents(
    facts: Sequence[dict[str, Any]],
    pairs: GraphPairs,
    lengths: npt.NDArray[np.int64],
    options: ReportOptions,
) -> list[int]:
    """The numbers of the documents that a page holds, sorted: all of them, else first the surest
    of every edge, then the second of every edge, and so on, those whose text has room.

    `lengths`: (documents,) characters of text.
    """
    if len(lengths) <= options.documents and lengths.sum() <= options.characters:
        return list(range(len(lengths)))
    evidence = [*_lists_by_edge(facts), *map(np.ndarray.tolist, pairs.co_documents)]
    shown: dict[int, None] = {}
    room = options.characters
    # In turns, so that every edge has a document to show before any has two.
    for number in chain(_by_turns(evidence), range(len(lengths))):
        if len(shown) == options.documents:
            break
        if number not in shown and (not shown or lengths[number] <= room):
            shown[number] = None
            room -= int(lengths[number])
    return sorted(shown)


def _lists_by_edge(facts: Sequence[dict[str, Any]]) -> list[list[int]]:
    lists: dict[int, list[int]] = {}
    for fact in facts:
        lists.setdefault(fact["edge"], []).append(fact["document"])
    return list(lists.values())


def _by_turns(lists: Sequence[Sequence[int]]) -> Iterator[int]:
    for turn in range(max(map(len, lists), default=0)):
        for numbers in lists:
            if turn < len(numbers):
                yield numbers[turn]
