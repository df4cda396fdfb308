"""Names of a large base by their character 3-grams: the scores and hits of `biopipe.kb.ngram`, from
an index by words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from biopipe.kb.groups import Mask, NameGroups, NameHits
from biopipe.kb.word_postings import WordPostings
from biopipe.kb.word_query import FEW_ENTRIES, FewEntries, WordQuery
from biopipe.text.normalize import normalize_name

__all__ = ["WordIndex"]

# A pipeline has a filter for each label whose names are compared: diseases, phenotypes, a few more.
_REMEMBERED_FILTERS = 4


@dataclass(frozen=True, slots=True)
class _AllowedEntries:
    """A filter by the groups of names, `of_groups`, and by the entries of the index: (entries,)
    bool both. `few`: the entries allowed where they are few, else None.
    """

    of_groups: Mask | None
    mask: Mask | None
    few: FewEntries | None


class WordIndex:
    """The index in `directory`; safe to use from several threads."""

    def __init__(self, directory: Path, groups: NameGroups) -> None:
        self._groups = groups
        self._postings = WordPostings.open(directory)
        self._allowed: dict[int, _AllowedEntries] = {}

    def search(self, names: Sequence[str], k: int, allowed: Mask | None = None) -> NameHits:
        """For each name the `k` concepts whose names are most similar, the best first; none for
        names of punctuation alone.

        `allowed`: (concepts,) bool, which concepts may be hits; None for all.
        """
        entries = self._entries(self._groups.mask(allowed))
        forms = [normalize_name(name) for name in names]
        asked = list(dict.fromkeys(form for form in forms if form))
        numbers = {form: number for number, form in enumerate(asked)}
        hits = [
            self._search(number, form, k, allowed, entries) for number, form in enumerate(asked)
        ]
        return NameHits.join(hits).of([numbers.get(form, -1) for form in forms])

    def _search(
        self, number: int, form: str, k: int, allowed: Mask | None, entries: _AllowedEntries
    ) -> NameHits:
        query = WordQuery(self._postings, form, k, partial(self._last_score, k, allowed))
        nearest, scores = query.nearest(entries.mask, entries.few)
        queries = np.full(len(nearest), number, np.int64)
        return self._groups.hits(queries, nearest, scores, k, allowed)

    def _last_score(
        self,
        k: int,
        allowed: Mask | None,
        entries: npt.NDArray[np.int64],
        scores: npt.NDArray[np.float64],
    ) -> float:
        """The score of the `k`-th concept; 0.0 where there are fewer."""
        one_query = np.zeros(len(entries), np.int64)
        hits = self._groups.hits(one_query, entries, scores, k, allowed)
        return float(hits.scores[-1]) if len(hits.scores) == k else 0.0

    def _entries(self, mask: Mask | None) -> _AllowedEntries:
        remembered = self._allowed.get(id(mask))
        # It holds its mask, so no other array has that id.
        if remembered is None:
            remembered = self._allowed_by(mask)
            # Another dict, for other threads look into the one there is.
            kept = list(self._allowed.items())[1 - _REMEMBERED_FILTERS :]
            self._allowed = dict(kept) | {id(mask): remembered}
        return remembered

    def _allowed_by(self, mask: Mask | None) -> _AllowedEntries:
        if mask is None:
            return _AllowedEntries(None, None, None)
        own = mask[self._postings.original]
        numbers = np.flatnonzero(own)
        few = FewEntries.of(self._postings, numbers) if len(numbers) <= FEW_ENTRIES else None
        return _AllowedEntries(mask, own, few)
