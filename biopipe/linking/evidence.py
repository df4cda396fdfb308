"""What the retrievers found for the candidates of mentions, as one table of arrays."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["CandidateEvidence", "Channel", "EvidenceBuilder", "NearestName"]

Floats = NDArray[np.float64]

# The lower half of a number that stands for a mention and a row of the concept table.
_ROW_BITS, _ROW = np.uint64(32), np.uint64((1 << 32) - 1)
# To compare the words of a name takes 20 microseconds; of thirty names the first few decide.
_MOST_COMPARED = 8
_NO_KEY = np.uint64((1 << 64) - 1)


@dataclass(frozen=True, slots=True, eq=False)
class CandidateEvidence:
    """Candidates of several mentions: those of mention i are the rows from `starts[i]` up to
    `starts[i + 1]`, each concept once, in the order in which they were found.

    `concepts` are rows of the base's concept table. A score is 0 where that retriever did not find
    the candidate. `exact`: the score of the exact name. `by_other_name`: that name is one that the
    kind of entity made of the mention and says less than it, `by_made_name`: that the kind made it
    at all. `dense`, `ngram`: cosines of the
    nearest name. `prior`: the share of mentions of this name in annotated text that meant the
    concept. `type_ranks`: the place of the candidate's type among those that the label may mean.
    `name_counts`: how many names the concept has. `words`: how the words of the mention and of the
    nearest name relate (`biopipe.linking.name_comparison`), (candidates, features), of the
    preferred name where none is near; 0 where the candidate bears the mention's name.
    """

    starts: NDArray[np.int64]  # (mentions + 1,); all others (candidates,)
    concepts: NDArray[np.int64]
    exact: Floats
    by_other_name: NDArray[np.bool_]
    by_made_name: NDArray[np.bool_]
    dense: Floats
    ngram: Floats
    prior: Floats
    type_ranks: NDArray[np.int64]
    name_counts: NDArray[np.int64]
    words: Floats

    def __len__(self) -> int:
        """How many mentions there are."""
        return len(self.starts) - 1

    @property
    def owners(self) -> NDArray[np.int64]:
        """The mention of each candidate: (candidates,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def has_exact(self) -> NDArray[np.bool_]:
        """Whether any candidate of a mention bears its name: (mentions,)."""
        return np.bincount(self.owners, self.exact > 0, minlength=len(self)) > 0

    def has_own_name(self) -> NDArray[np.bool_]:
        """Whether any candidate of a mention bears a name that stands in the text, not one that the
        kind of entity made of it: (mentions,).
        """
        own = (self.exact > 0) & ~self.by_made_name
        return np.bincount(self.owners, own, minlength=len(self)) > 0

    def is_known(self) -> NDArray[np.bool_]:
        """Whether any candidate of a mention bears its name or was meant by it: (mentions,)."""
        named = (self.exact > 0) | (self.prior > 0)
        return np.bincount(self.owners, named, minlength=len(self)) > 0

    def of(self, mention: int) -> "CandidateEvidence":
        """The candidates of one mention alone."""
        first, end = self.starts[mention : mention + 2].tolist()
        return self._columns(np.array([0, end - first]), slice(first, end))

    def keep(self, kept: NDArray[np.bool_]) -> "CandidateEvidence":
        """The candidates marked in `kept`, (candidates,)."""
        before = np.append(0, np.cumsum(kept))
        return self._columns(before[self.starts], kept)

    def _columns(
        self, starts: NDArray[np.int64], rows: slice | NDArray[np.bool_]
    ) -> "CandidateEvidence":
        columns = (getattr(self, field.name)[rows] for field in fields(self)[1:])
        return CandidateEvidence(starts, *columns)


class Channel:
    """Columns of the numbers that `EvidenceBuilder` collects for a candidate."""

    EXACT, BY_OTHER_NAME, DENSE, NGRAM, PRIOR, MADE_NAME = range(6)


class NearestName:
    """What stands for the row of a candidate's nearest name where there is none to compare."""

    SAME, FARTHER, NONE = -1, -2, -3


class EvidenceBuilder:
    """Collects the candidates of some mentions, by mention and row of the concept table."""

    def __init__(self, mentions: int) -> None:
        self._mentions = mentions
        self._singles: list[tuple[int, int, int, float]] = []
        # Columns of mentions, concepts, channels and numbers.
        self._parts: list[tuple[NDArray[Any], NDArray[Any], NDArray[Any], Floats]] = []
        # Columns of mentions, concepts, rows of names and numbers.
        self._hits: list[tuple[NDArray[Any], NDArray[Any], NDArray[Any], Floats]] = []
        self._having: set[int] = set()

    def has_candidates(self, mention: int) -> bool:
        """Whether `add` was given anything for a mention yet."""
        return mention in self._having

    def add(self, mention: int, concept: int, channel: int, number: float) -> None:
        """Add a candidate, or a number of one; of several numbers of a channel the highest
        counts.
        """
        self._singles.append((mention, concept, channel, number))
        self._having.add(mention)

    def add_many(
        self,
        mentions: NDArray[np.integer[Any]],
        concepts: NDArray[np.integer[Any]],
        channel: int,
        numbers: Floats,
        names: NDArray[np.integer[Any]],
    ) -> None:
        """Add candidates of one channel, found by rows of the name table: (n,) all four."""
        self._flush()
        channels = np.full(len(mentions), channel)
        self._parts.append((mentions, concepts, channels, numbers))
        self._hits.append((mentions, concepts, names, numbers))

    def build(
        self,
        type_ranks: Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.int64]],
        name_counts: Callable[[NDArray[np.int64]], NDArray[np.int64]],
        words: Callable[[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]], Floats],
    ) -> CandidateEvidence:
        """The table; `type_ranks` is given `owners` and `concepts`, `name_counts` is given
        `concepts`, and `words` `owners`, `concepts` and the rows of the nearest names:
        `NearestName.SAME` where the candidate bears the name, `FARTHER` where `_MOST_COMPARED`
        others are nearer, `NONE` where no name found it.
        """
        self._flush()
        mentions, concepts, channels, numbers = (
            np.concatenate(columns) for columns in zip(*self._parts, strict=True)
        )
        keys = (mentions.astype(np.uint64) << _ROW_BITS) | concepts.astype(np.uint64)
        candidates, first, places = np.unique(keys, return_index=True, return_inverse=True)
        owners = (candidates >> _ROW_BITS).astype(np.int64)
        order = np.lexsort((first, owners))
        table = np.zeros((6, len(candidates)))
        np.maximum.at(table, (channels.astype(np.int64), places), numbers)
        table, owners = table[:, order], owners[order]
        rows = (candidates & _ROW).astype(np.int64)[order]
        starts = np.searchsorted(owners, np.arange(self._mentions + 1))
        return CandidateEvidence(
            starts,
            rows,
            table[Channel.EXACT],
            table[Channel.BY_OTHER_NAME] > 0,
            table[Channel.MADE_NAME] > 0,
            table[Channel.DENSE],
            table[Channel.NGRAM],
            table[Channel.PRIOR],
            type_ranks(owners, rows),
            name_counts(rows),
            words(owners, rows, self._nearest_names(candidates[order], table)),
        )

    def _nearest_names(self, candidates: NDArray[np.uint64], table: Floats) -> NDArray[np.int64]:
        """The row of the name that was most similar to the mention, (candidates,), or one of
        `NearestName`.
        """
        nearest = np.full(len(candidates), NearestName.NONE, np.int64)
        if self._hits:
            mentions, concepts, names, numbers = (
                np.concatenate(columns) for columns in zip(*self._hits, strict=True)
            )
            # A hit that no concept has keeps the search below from an empty array.
            keys = np.append(
                (mentions.astype(np.uint64) << _ROW_BITS) | concepts.astype(np.uint64), _NO_KEY
            )
            names, numbers = np.append(names.astype(np.int64), -1), np.append(numbers, 0.0)
            best_first = np.lexsort((-numbers, keys))
            ordered, first = np.unique(keys[best_first], return_index=True)
            places = np.minimum(np.searchsorted(ordered, candidates), len(ordered) - 1)
            known = ordered[places] == candidates
            nearest[known] = names[best_first][first][places[known]]
        nearest[table[Channel.EXACT] > 0] = NearestName.SAME
        owners = candidates >> _ROW_BITS
        likeness = np.where(nearest >= 0, np.maximum(table[Channel.NGRAM], table[Channel.DENSE]), 0)
        order = np.lexsort((-likeness, owners))
        rank = np.arange(len(order)) - np.searchsorted(owners[order], owners[order])
        farther = order[rank >= _MOST_COMPARED]
        nearest[farther] = np.where(nearest[farther] >= 0, NearestName.FARTHER, nearest[farther])
        return nearest

    def _flush(self) -> None:
        """Make columns of what was added one by one."""
        columns = np.array(self._singles, np.float64).reshape(-1, 4).T
        mentions, concepts, channels = columns[:3].astype(np.int64)
        self._parts.append((mentions, concepts, channels, columns[3]))
        self._singles = []
