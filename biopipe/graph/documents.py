"""Which documents a graph holds already, eight bytes each."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from biopipe.document.id_hash import hashes_of_ids

__all__ = ["SeenDocuments"]


class SeenDocuments:
    """64-bit hashes of document ids; 36 million ids have a chance of 1 in 28,000 that any two are
    taken for one.
    """

    def __init__(self, hashes: npt.NDArray[np.uint64] | None = None) -> None:
        self._runs = [hashes] if hashes is not None and len(hashes) else []

    def __len__(self) -> int:
        return sum(len(run) for run in self._runs)

    def add(self, ids: list[str]) -> npt.NDArray[np.bool_]:
        """Remember `ids` and say which are new; of equal ones among them the first: (ids,) bool."""
        distinct, first = np.unique(hashes_of_ids(ids), return_index=True)
        new = np.ones(len(distinct), bool)
        for run in self._runs:
            new &= run[np.minimum(np.searchsorted(run, distinct), len(run) - 1)] != distinct
        keep = np.zeros(len(ids), bool)
        keep[first[new]] = True
        self._append(distinct[new])
        return keep

    def save(self, path: Path) -> None:
        """Write the hashes, sorted."""
        self._merge(1)
        np.save(path, self._runs[0] if self._runs else np.zeros(0, np.uint64))

    def _append(self, run: npt.NDArray[np.uint64]) -> None:
        if len(run):
            self._runs.append(run)
        # Runs that at least double in length: each hash is merged a number of times that grows with
        # the logarithm.
        while len(self._runs) > 1 and len(self._runs[-2]) <= 2 * len(self._runs[-1]):
            self._merge(len(self._runs) - 1)

    def _merge(self, left: int) -> None:
        """Make the last runs one, so that `left` remain."""
        if len(self._runs) > left:
            self._runs[left - 1 :] = [np.sort(np.concatenate(self._runs[left - 1 :]))]
