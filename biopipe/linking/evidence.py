"""What the retrievers found for the candidates of mentions, as one table of arrays."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

__all__ = ["CandidateEvidence", "Channel", "EvidenceBuilder"]

Floats = NDArray[np.float64]


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
        self._found: list[dict[int, list[float]]] = [{} for _ in range(mentions)]

    def has_candidates(self, mention: int) -> bool:
        """Whether anything was found for a mention yet."""
        return bool(self._found[mention])

    def candidate(self, mention: int, concept: int) -> list[float]:
        """The numbers of a candidate by `Channel`, to be changed in place; zeros at first."""
        numbers = self._found[mention].get(concept)
        if numbers is None:
            numbers = self._found[mention][concept] = [0.0] * 5
        return numbers

    def build(
        self,
        type_ranks: Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.int64]],
        name_counts: Callable[[NDArray[np.int64]], NDArray[np.int64]],
    ) -> CandidateEvidence:
        """The table; `type_ranks` is given `owners` and `concepts`, `name_counts` is given
        `concepts`.
        """
        counts = [len(candidates) for candidates in self._found]
        starts = np.append(0, np.cumsum(counts, dtype=np.int64))
        rows: Sequence[int] = [concept for candidates in self._found for concept in candidates]
        numbers = [values for candidates in self._found for values in candidates.values()]
        concepts = np.array(rows, np.int64)
        columns = np.array(numbers, np.float64).reshape(len(rows), 5).T
        owners = np.repeat(np.arange(len(counts)), counts)
        return CandidateEvidence(
            starts,
            concepts,
            columns[Channel.EXACT],
            columns[Channel.BY_OTHER_NAME] > 0,
            columns[Channel.DENSE],
            columns[Channel.NGRAM],
            columns[Channel.PRIOR],
            type_ranks(owners, concepts),
            name_counts(concepts),
        )
