"""Names by their character 3-grams: cosine of TF-IDF vectors, from posting lists on disk.

A name is the set of its 3-grams (see `biopipe.kb.grams`), weighted by inverse document frequency.
A 3-gram that no stored name has counts in the length of the query, so that a score is the cosine
over all 3-grams there could be.
"""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from biopipe.kb.arrays import open_array
from biopipe.kb.groups import Mask, NameGroups, NameHits
from biopipe.kb.ngram_query import nearest_entries
from biopipe.kb.ngram_sums import nearest_of_few
from biopipe.kb.postings import AllowedPostings, NarrowedLists, NgramPostings
from biopipe.kb.weighted_grams import WeightedGrams, weighted_grams
from biopipe.text.normalize import normalize_name

__all__ = ["NgramIndex"]

# Several names of one concept may stand before the k-th concept: so many times k entries are asked
# for at first, and so many times more where these name too few concepts.
_ENTRIES_PER_CONCEPT = 2
_MORE_ENTRIES = 4
# A pipeline has a filter for each label whose names are compared. With one too few every batch
# would begin anew with all of them.
_REMEMBERED_FILTERS = 8
# Of at most so many entries all are looked at; of 220,000 that takes as long as the other way, of
# 745,000 three times as long.
_FEW_ENTRIES = 1 << 18


class NgramIndex:
    """The index in `directory`; safe to use from several threads."""

    def __init__(self, directory: Path, groups: NameGroups) -> None:
        self._groups = groups
        self._postings = NgramPostings(
            vocabulary=open_array(directory / "grams.npy"),
            offsets=open_array(directory / "offsets.npy"),
            entries=open_array(directory / "postings.npy"),
            norms=open_array(directory / "norms.npy"),
        )
        self._allowed: dict[int, AllowedPostings] = {}
        self._narrowed_lists = NarrowedLists()
        self._local = threading.local()

    def search(self, names: Sequence[str], k: int, allowed: Mask | None = None) -> NameHits:
        """For each name the `k` concepts whose names are most similar, the best first; none for
        names of punctuation alone.

        `allowed`: (concepts,) bool, which concepts may be hits; None for all.
        """
        postings = self._narrowed(self._groups.mask(allowed))
        forms = [normalize_name(name) for name in names]
        asked = list(dict.fromkeys(form for form in forms if form))
        numbers = {form: number for number, form in enumerate(asked)}
        parts: list[NameHits] = []
        pending, count = np.arange(len(asked)), _ENTRIES_PER_CONCEPT * k
        while len(pending):
            queries = weighted_grams(postings, [asked[i] for i in pending.tolist()])
            nearest = [self._nearest(query, count, postings) for query in queries]
            sizes = np.array([len(entries) for entries, _ in nearest])
            hits = self._groups.hits(
                np.repeat(np.arange(len(pending)), sizes),
                postings.original(np.concatenate([entries for entries, _ in nearest])),
                np.concatenate([scores for _, scores in nearest]),
                k,
                allowed,
            )
            short = (hits.counts(len(pending)) < k) & (sizes >= count)
            parts.append(hits.where(~short[hits.queries], pending))
            pending, count = pending[short], _MORE_ENTRIES * count
        return NameHits.join(parts).of([numbers.get(form, -1) for form in forms])

    def _nearest(
        self, query: WeightedGrams, count: int, postings: AllowedPostings
    ) -> tuple[npt.NDArray[np.integer[Any]], npt.NDArray[np.float64]]:
        """The numbers of the best `count` allowed entries and their cosines."""
        norms = postings.norms
        if len(norms) <= _FEW_ENTRIES:
            return nearest_of_few(query, postings.inverse_norms, count, self._sums(len(norms)))
        return nearest_entries(query, norms, count, self._zeros(len(norms)))

    def _narrowed(self, mask: Mask | None) -> AllowedPostings:
        postings = self._allowed.get(id(mask))
        # It holds its mask, so no other array has that id.
        if postings is None:
            postings = AllowedPostings(self._postings, mask, self._narrowed_lists)
            # Another dict, for other threads look into the one there is.
            kept = list(self._allowed.items())[1 - _REMEMBERED_FILTERS :]
            self._allowed = dict(kept) | {id(mask): postings}
        return postings

    def _sums(self, entries: int) -> npt.NDArray[np.float64]:
        """An array of this thread for the sums of so many entries: a new one of this size would
        cost a third of a search.
        """
        sums: npt.NDArray[np.float64] | None = getattr(self._local, "sums", None)
        if sums is None or len(sums) < entries:
            sums = self._local.sums = np.zeros(entries)
        return sums

    def _zeros(self, entries: int) -> npt.NDArray[np.uint16]:
        """Zeros of this thread, (entries,) uint16; a search sets them back."""
        if not hasattr(self._local, "zeros"):
            self._local.zeros = np.zeros(self._postings.norms.shape, np.uint16)
        zeros: npt.NDArray[np.uint16] = self._local.zeros[:entries]
        return zeros
