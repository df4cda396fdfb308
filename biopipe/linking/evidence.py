"""What the retrievers found for the candidates of mentions, as one table of arrays."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["CandidateEvidence", "Channel", "EvidenceBuilder"]

Floats = NDArray[np.float64]

# The lower half of a number that stands for a mention and a row of the concept table.
_ROW_BITS, _ROW = np.uint64(32), np.uint64((1 << 32) - 1)


@dataclass(frozen=True, slots=True, eq=False)
class CandidateEvidence:
    """Candidates of several mentions: those of mention i are the rows from `starts[i]` up to
    `starts[i + 1]`, each concept once, in the order in which they were found.

    `concepts` are rows of the base's concept table. A score is 0 where that retriever did not find
    the candidate. `exact`: the score of the exact name. `by_other_name`: that name is one that the
    kind of entity made of the mention and says less than it. `dense`, `ngram`: cosines of the
    nearest name. `prior`: the share of mentions of this name in annotated text that meant the
    concept. `type_ranks`: the place of the candidate's type among those that the label may mean.
    `name_counts`: how many names the concept has.
    """

    starts: NDArray[np.int64]  # (mentions + 1,); all others (candidates,)
    concepts: NDArray[np.int64]
    exact: Floats
    by_other_name: NDArray[np.bool_]
    dense: Floats
    ngram: Floats
    prior: Floats
    type_ranks: NDArray[np.int64]
    name_counts: NDArray[np.int64]

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

    EXACT, BY_OTHER_NAME, DENSE, NGRAM, PRIOR = range(5)


class EvidenceBuilder:
    """Collects the candidates of some mentions, by mention and row of the concept table."""

    def __init__(self, mentions: int) -> None:
        self._mentions = mentions
        self._singles: list[tuple[int, int, int, float]] = []
        # Columns of mentions, concepts, channels and numbers.
        self._parts: list[tuple[NDArray[Any], NDArray[Any], NDArray[Any], Floats]] = []
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
    ) -> None:
        """Add candidates of one channel: (n,) all three."""
        self._flush()
        channels = np.full(len(mentions), channel)
        self._parts.append((mentions, concepts, channels, numbers))

    def build(
        self,
        type_ranks: Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.int64]],
        name_counts: Callable[[NDArray[np.int64]], NDArray[np.int64]],
    ) -> CandidateEvidence:
        """The table; `type_ranks` is given `owners` and `concepts`, `name_counts` is given
        `concepts`.
        """
        self._flush()
        mentions, concepts, channels, numbers = (
            np.concatenate(columns) for columns in zip(*self._parts, strict=True)
        )
        keys = (mentions.astype(np.uint64) << _ROW_BITS) | concepts.astype(np.uint64)
        candidates, first, places = np.unique(keys, return_index=True, return_inverse=True)
        owners = (candidates >> _ROW_BITS).astype(np.int64)
        order = np.lexsort((first, owners))
        table = np.zeros((5, len(candidates)))
        np.maximum.at(table, (channels.astype(np.int64), places), numbers)
        table, owners = table[:, order], owners[order]
        rows = (candidates & _ROW).astype(np.int64)[order]
        starts = np.searchsorted(owners, np.arange(self._mentions + 1))
        return CandidateEvidence(
            starts,
            rows,
            table[Channel.EXACT],
            table[Channel.BY_OTHER_NAME] > 0,
            table[Channel.DENSE],
            table[Channel.NGRAM],
            table[Channel.PRIOR],
            type_ranks(owners, rows),
            name_counts(rows),
        )

    def _flush(self) -> None:
        """Make columns of what was added one by one."""
        columns = np.array(self._singles, np.float64).reshape(-1, 4).T
        mentions, concepts, channels = columns[:3].astype(np.int64)
        self._parts.append((mentions, concepts, channels, columns[3]))
        self._singles = []
