"""Masks over the concepts of a knowledge base: by type, by source, by branch of its hierarchy."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from biopipe.errors import KnowledgeBaseError

__all__ = ["branch_mask", "source_mask", "type_mask"]

_Mask = npt.NDArray[np.bool_]
_MOST_LISTED = 10


def type_mask(
    types: Collection[str], column: pa.ListArray, known: Collection[str], kb: str
) -> _Mask:
    """Concepts of at least one of `types`; `column` has the types of each concept."""
    _refuse_unknown("type", types, known, kb)
    wanted = pc.is_in(column.flatten(), value_set=pa.array(sorted(types), pa.string()))
    total = np.append(0, np.cumsum(_booleans(wanted)))
    offsets = np.asarray(column.offsets, np.int64) - column.offsets[0].as_py()
    mask: _Mask = total[offsets[1:]] > total[offsets[:-1]]
    return mask


def source_mask(
    sources: Collection[str],
    column: pa.DictionaryArray,
    concepts: npt.NDArray[np.uint32],
    count: int,
    kb: str,
) -> _Mask:
    """Concepts with a name from one of `sources`; `column` and `concepts` go by row of the name
    table.
    """
    known = column.dictionary.to_pylist()
    _refuse_unknown("source", sources, known, kb)
    codes = [code for code, source in enumerate(known) if source in sources]
    mask = np.zeros(count, bool)
    mask[concepts[np.isin(np.asarray(column.indices), codes)]] = True
    return mask


def branch_mask(branches: Iterable[str], concepts: pa.RecordBatch, edges: Path) -> _Mask:
    """The concepts `branches` and all below them by is-a; retired ids stand for what replaced
    them.
    """
    table = pa.ipc.open_file(pa.memory_map(str(edges))).read_all()
    table = table.filter(pc.equal(table["relation"], "is-a"))
    found: set[str] = set()
    below = pa.array(sorted(branches), pa.string())
    while len(below):
        found.update(below.to_pylist())
        retired = concepts["id"].filter(pc.is_in(concepts["replaced_by"], value_set=below))
        children = table["head"].filter(pc.is_in(table["tail"], value_set=below))
        below = pa.array(sorted({*children.to_pylist(), *retired.to_pylist()} - found), pa.string())
    return _booleans(pc.is_in(concepts["id"], value_set=pa.array(sorted(found), pa.string())))


def _refuse_unknown(what: str, asked: Collection[str], known: Collection[str], kb: str) -> None:
    for value in asked:
        if value not in known:
            raise KnowledgeBaseError(
                f"The knowledge base {kb} has no {what} '{value}'; {_near(value, known)}."
            )


def _near(value: str, known: Collection[str]) -> str:
    folded = {each.casefold(): each for each in known if each}
    near = [folded[each] for each in get_close_matches(value.casefold(), folded, n=5, cutoff=0.5)]
    if near:
        return f"did you mean: {', '.join(near)}?"
    shown = sorted(folded.values())[:_MOST_LISTED]
    more = f" and {len(folded) - len(shown)} more" if len(folded) > len(shown) else ""
    return f"it has: {', '.join(shown)}{more}" if shown else "it names none"


def _booleans(values: pa.Array | pa.ChunkedArray) -> _Mask:
    return np.asarray(values.to_numpy(zero_copy_only=False), bool)
