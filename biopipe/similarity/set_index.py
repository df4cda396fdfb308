"""Many sets of concepts as arrays, so that one set is compared with all of them at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from biopipe.similarity.concept_sets import ConceptSet

__all__ = ["POLARITIES", "SetIndex", "SetMembers", "segment_max", "segment_sum"]

_Floats = npt.NDArray[np.float64]
_Rows = npt.NDArray[np.int64]

POLARITIES = ("stated", "denied")
"""Fields of `ConceptSet`: what is stated is never compared with what is denied."""


@dataclass(frozen=True, slots=True)
class SetMembers:
    """The concepts of each set: set i has `concepts[offsets[i]:offsets[i + 1]]`, numbers of
    `SetIndex.ids`; `offsets` is (sets + 1,) and both are int64.
    """

    offsets: _Rows
    concepts: _Rows


@dataclass(frozen=True, slots=True)
class SetIndex:
    """Sets and their different concepts.

    `ids` are the concepts, `places` their numbers, `weights`: (concepts,) float64. `rows`:
    (concepts,) int64, rows of the knowledge base or -1. Concept i has the rows
    `ancestors[ancestor_offsets[i]:ancestor_offsets[i + 1]]` above it, its own among them.
    `members` are by polarity.
    """

    ids: list[str]
    places: Mapping[str, int]
    weights: _Floats
    rows: _Rows
    ancestor_offsets: _Rows
    ancestors: _Rows
    members: Mapping[str, SetMembers]

    @classmethod
    def of(
        cls,
        sets: Sequence[ConceptSet],
        current: Mapping[str, str],
        ids: list[str],
        *,
        weights: _Floats,
        rows: Sequence[int | None],
        ancestors: Callable[[int], _Rows],
    ) -> "SetIndex":
        """Of sets whose ids stand for those that `current` gives, which are `ids`; `weights` and
        `rows` go by these, and `ancestors` gives the rows above a row.
        """
        places = {concept_id: place for place, concept_id in enumerate(ids)}
        above = [np.empty(0, np.int64) if row is None else ancestors(row) for row in rows]
        members = {
            polarity: _members(
                sorted({places[current[concept_id]] for concept_id in getattr(concepts, polarity)})
                for concepts in sets
            )
            for polarity in POLARITIES
        }
        return cls(
            ids,
            places,
            weights,
            np.array([-1 if row is None else row for row in rows], np.int64),
            _offsets(map(len, above)),
            np.concatenate(above) if above else np.empty(0, np.int64),
            members,
        )

    def __len__(self) -> int:
        return len(self.members[POLARITIES[0]].offsets) - 1


def segment_max(values: _Floats, offsets: _Rows) -> _Floats:
    """The largest of `values[offsets[i]:offsets[i + 1]]`, numbers of 0 or more; 0 of none: (n,)
    float64 for `offsets` (n + 1,).
    """
    return _reduce(np.maximum, values, offsets)


def segment_sum(values: _Floats, offsets: _Rows) -> _Floats:
    """The sum of `values[offsets[i]:offsets[i + 1]]`: (n,) float64 for `offsets` (n + 1,)."""
    return _reduce(np.add, values, offsets)


def _reduce(operation: np.ufunc, values: _Floats, offsets: _Rows) -> _Floats:
    result = np.zeros(len(offsets) - 1)
    # numpy gives an empty segment the value that comes next.
    filled = offsets[1:] > offsets[:-1]
    if filled.any():
        result[filled] = operation.reduceat(values, offsets[:-1][filled])
    return result


def _members(sets: Iterable[list[int]]) -> SetMembers:
    every = list(sets)
    concepts = [place for members in every for place in members]
    return SetMembers(_offsets(map(len, every)), np.array(concepts, np.int64))


def _offsets(lengths: Iterable[int]) -> _Rows:
    return np.cumsum([0, *lengths], dtype=np.int64)
