"""An approximate index for many vectors: faiss IVF with 8-bit codes, its lists mapped and shared by
all processes.
"""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["AnnIndex"]

_Floats = npt.NDArray[np.float32]


class AnnIndex:
    """The index at `path`, opened through mmap."""

    def __init__(self, path: Path) -> None:
        import faiss

        # The stubs of faiss describe the base class, not what is read.
        self._faiss: Any = faiss
        self._index = self._faiss.read_index(
            str(path), faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY
        )
        # Threads that read lists ahead cost more than they gain where pages are cached.
        self._faiss.downcast_InvertedLists(self._index.invlists).prefetch_nthread = 0

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        return int(self._index.d)

    def nearest(
        self,
        queries: _Floats,
        count: int,
        mask: npt.NDArray[np.bool_] | None,
        *,
        exact: bool = False,
    ) -> tuple[npt.NDArray[np.int64], _Floats]:
        """The best `count` allowed entries and their cosines: (n, count) int64 and float32, -inf
        where there are fewer.

        `queries`: (n, dimension) float32, unit rows; `mask`: (entries,) bool, None for all.
        `exact` visits all lists. With a mask more are visited, as its entries are spread more
        thinly.
        """
        probe = self._index.nlist if exact else self._index.nprobe
        options: dict[str, Any] = {}
        if mask is not None:
            allowed = max(int(np.count_nonzero(mask)), 1)
            probe = min(self._index.nlist, probe * len(mask) // allowed)
            bits = np.packbits(mask, bitorder="little")
            options["sel"] = self._faiss.IDSelectorBitmap(len(bits), self._faiss.swig_ptr(bits))
        parameters = self._faiss.SearchParametersIVF(nprobe=probe, **options)
        scores, entries = self._index.search(queries, count, params=parameters)
        scores[entries < 0] = -np.inf
        return np.maximum(entries, 0), scores
