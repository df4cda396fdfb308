"""Names that share one entry of an index, found by the hashes of their texts."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

__all__ = ["group_by_hash", "save_groups"]


def group_by_hash(
    hashes: npt.NDArray[np.uint64], rows: npt.NDArray[np.uint32]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Equal hashes as groups numbered by first occurrence: which entries come first, (n,) bool,
    offsets, (groups + 1,) uint32, and `rows` by group, (n,) uint32.

    Two texts that share a 64-bit hash would become one; among 10 million that happens once in
    400,000 builds.
    """
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    starts = np.ones(len(order), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=starts[1:])
    first = np.zeros(len(order), bool)
    first[order[starts]] = True
    numbers = np.cumsum(first, dtype=np.uint32) - np.uint32(1)
    group = numbers[order[starts]][np.cumsum(starts) - 1]
    by_group = np.argsort(group, kind="stable")
    sizes = np.bincount(group, minlength=int(first.sum()))
    return first, np.append(0, np.cumsum(sizes)).astype(np.uint32), rows[order][by_group]


def save_groups(
    directory: Path,
    offsets: npt.NDArray[np.uint32],
    rows: npt.NDArray[np.uint32],
    ranks: npt.NDArray[np.int8],
) -> None:
    """Write which names share each entry: `rows[offsets[i]:offsets[i + 1]]` of the name table share
    entry i.

    `ranks` go by row of the name table; the names of an entry are put in their order, then in that
    of the rows.
    """
    entries = np.repeat(np.arange(len(offsets) - 1, dtype=np.uint32), np.diff(offsets))
    np.save(directory / "name_offsets.npy", offsets)
    np.save(directory / "name_rows.npy", rows[np.lexsort((rows, ranks[rows], entries))])
