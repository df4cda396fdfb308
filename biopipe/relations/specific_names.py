"""Which concepts of a text have a name that says more than that of another: "renal failure" beside
"failure".

Annotators, and texts, relate the concept that says most and leave the broader one to it (Gu et al. 2017
filter by MeSH's tree); the words of the names tell that without a terminology.
"""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import NDArray

from biopipe.relations.triggers import stem

__all__ = ["name_words", "specificity"]

_WORDS = re.compile(r"[^\W_]+")


def name_words(name: str) -> frozenset[str]:
    """The words of a name, lower case and without endings."""
    return frozenset(map(stem, _WORDS.findall(name)))


def specificity(
    names: Sequence[AbstractSet[frozenset[str]]],
    labels: NDArray[np.int64],
    counts: NDArray[np.int64],
) -> NDArray[np.int64]:
    """(concepts, 2) int64: the most mentions of a concept of the same label that has a name with all
    words of one of this one's and more, and of one that has a name with some of them; 0 where there
    is none.

    `names` are by concept what `name_words` gives, `labels` (concepts,) a number for the label of
    each, `counts` (concepts,) the mentions of each.
    """
    found = np.zeros((len(names), 2), dtype=np.int64)
    concepts_of: dict[frozenset[str], list[int]] = {}
    for concept, of_concept in enumerate(names):
        for words in of_concept:
            concepts_of.setdefault(words, []).append(concept)
    longer_with: dict[str, list[frozenset[str]]] = {}
    for words in concepts_of:
        for word in words:
            longer_with.setdefault(word, []).append(words)
    for words, broad in concepts_of.items():
        # Of the words of a name the rarest leaves the fewest others to look at.
        rare = min((longer_with[word] for word in words), key=len, default=[])
        narrow = [concept for more in rare if words < more for concept in concepts_of[more]]
        for one in broad:
            for other in narrow:
                if one != other and labels[one] == labels[other]:
                    found[one, 0] = max(found[one, 0], counts[other])
                    found[other, 1] = max(found[other, 1], counts[one])
    return found
