"""BIO tag sets of token classifiers, whatever case, order or scheme a checkpoint wrote them in."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biopipe.errors import ModelError

__all__ = ["TagSet", "bio_tags"]


def bio_tags(labels: Sequence[str]) -> list[str]:
    """The tags of a BIO classifier over entity `labels`: O, B-x, I-x, ..."""
    return ["O", *(f"{prefix}-{label}" for label in labels for prefix in "BI")]


@dataclass(frozen=True, slots=True)
class TagSet:
    """Columns of a classifier's output, by meaning: `outside`, and for each entity label its B and I column."""

    labels: tuple[str, ...]
    outside: int
    begin: NDArray[np.int64]
    inside: NDArray[np.int64]

    @classmethod
    def from_tags(cls, tags: Sequence[str]) -> "TagSet":
        """Read BIO tags in any order; ModelError where a tag is not O, B-x or I-x."""
        columns: dict[tuple[str, str], int] = {}
        for column, tag in enumerate(tags):
            prefix, _, label = tag.partition("-")
            if prefix.upper() not in {"O", "B", "I"} or (prefix.upper() == "O") != (label == ""):
                raise ModelError(f"Unknown tag '{tag}'; a tagger's labels must be O, B-x or I-x.")
            columns[prefix.upper(), label] = column
        labels = tuple(dict.fromkeys(label for _, label in columns if label))
        missing = [f"{p}-{label}" for label in labels for p in "BI" if (p, label) not in columns]
        if ("O", "") not in columns or missing:
            raise ModelError(
                f"The tag set lacks {', '.join(missing) or 'O'}; a BIO tagger needs O and both B and I."
            )
        return cls(
            labels=labels,
            outside=columns["O", ""],
            begin=np.array([columns["B", label] for label in labels], dtype=np.int64),
            inside=np.array([columns["I", label] for label in labels], dtype=np.int64),
        )
