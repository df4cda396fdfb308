"""All files of a knowledge base directory, opened together.

A file that is open stays what it is when the base is built again beside it; one that is opened
later would be of the new base, and its rows mean other concepts.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from biopipe.kb.arrays import open_batch, view
from biopipe.kb.dense import DenseIndex
from biopipe.kb.groups import NameGroups
from biopipe.kb.hash_index import HashIndex
from biopipe.kb.manifest import KBManifest
from biopipe.kb.ngram import NgramIndex
from biopipe.kb.orthologs import ORTHOLOGS_FILE, Orthologs
from biopipe.kb.prefixes import PREFIXES_FILE, NamePrefixes
from biopipe.kb.sorted_hashes import SortedHashes
from biopipe.kb.word_index import WordIndex
from biopipe.kb.word_postings import WORD_POSTINGS_FILE

__all__ = ["BaseFiles"]


@dataclass(frozen=True, slots=True, eq=False)
class BaseFiles:
    """The tables and indexes of a base, through mmap; None for an index that it has not.

    `owners`: (names,) uint32, the row of the concept that each name is of. `exact_hashes`: (keys,)
    uint64, what every name and every set of words is looked up by.
    """

    concepts: pa.RecordBatch
    names: pa.RecordBatch
    edges: pa.Table
    owners: npt.NDArray[np.uint32]
    ids: HashIndex
    exact: HashIndex
    exact_hashes: SortedHashes
    prefixes: NamePrefixes | None
    ngrams: NgramIndex | WordIndex | None
    dense: DenseIndex | None
    orthologs: Orthologs | None

    @classmethod
    def open(cls, directory: Path, manifest: KBManifest) -> "BaseFiles":
        """Open what the manifest names; OSError, ValueError, KeyError or ArrowException where a
        file is none of its kind.
        """
        concepts, names = (
            open_batch(directory / f"{name}.arrow") for name in ("concepts", "names")
        )
        owners: npt.NDArray[np.uint32] = view(names["concept"], np.uint32)
        ngrams: NgramIndex | WordIndex | None = None
        if "ngram/grams.npy" in manifest.files:
            by_words = f"ngram/{WORD_POSTINGS_FILE}" in manifest.files
            groups = NameGroups(directory / "ngram", owners)
            ngrams = (WordIndex if by_words else NgramIndex)(directory / "ngram", groups)
        exact = HashIndex(directory, "exact")
        return cls(
            concepts,
            names,
            pa.ipc.open_file(pa.memory_map(str(directory / "edges.arrow"))).read_all(),
            owners,
            HashIndex(directory, "ids"),
            exact,
            exact.sorted_hashes,
            NamePrefixes(directory) if PREFIXES_FILE in manifest.files else None,
            ngrams,
            DenseIndex(directory / "dense", NameGroups(directory / "dense", owners))
            if manifest.encoder
            else None,
            Orthologs(directory) if ORTHOLOGS_FILE in manifest.files else None,
        )
