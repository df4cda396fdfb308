"""Misspelt names of kinds whose names are codes: there another name of nearly the same letters is
another concept more often than not, so only what one or two wrong letters explain is a candidate.
"""

import re
from collections.abc import Sequence

import numpy as np

from biopipe.kb.base import KnowledgeBase
from biopipe.kb.groups import Mask, NameHits
from biopipe.linking.name_comparison import compare_names, is_misspelt, may_be_misspelling
from biopipe.text.normalize import normalize_name

__all__ = ["have_unknown_words", "may_be_misspelt", "misspelt_hits"]

# A shorter word is never held to be misspelt (`biopipe.linking.name_comparison`).
_SHORTEST_WORD = 5
# Shorter words are symbols, or have many neighbours.
_SPELLED_OUT = re.compile(r"[^\W\d_]{7}")
# Of chemicals these tell one from another: "nucleotide" and "nucleoside", "sulfate" and "sulfite".
_ENDING = 4


def may_be_misspelt(surface: str) -> bool:
    """Whether a mention has a word long enough that a wrong letter leaves it recognisable."""
    return _SPELLED_OUT.search(surface) is not None and not surface.isupper()


def have_unknown_words(kb: KnowledgeBase, surfaces: Sequence[str]) -> list[bool]:
    """Which surfaces have a word that no name of the base begins with. The words of the others are
    as they should be: "palladin" is no misspelt "paladin" where both are genes.
    """
    words = [
        [word for word in normalize_name(surface).split() if _is_long_word(word)]
        for surface in surfaces
    ]
    different = list(dict.fromkeys(word for of_surface in words for word in of_surface))
    known = dict(zip(different, kb.begins_names(different).tolist(), strict=True))
    return [not all(known[word] for word in of_surface) for of_surface in words]


def misspelt_hits(
    kb: KnowledgeBase, surfaces: Sequence[str], most: int, allowed: Mask | None
) -> NameHits:
    """Of the `most` concepts with names most similar to each surface those with the same words but
    for wrong letters; `queries` are places in `surfaces`.
    """
    hits = kb.ngram_hits(surfaces, most, allowed)
    pairs = zip(hits.queries.tolist(), hits.names.tolist(), strict=True)
    kept = np.array(
        [_is_misspelling(surfaces[query], kb.name_text(name)) for query, name in pairs], np.bool_
    )
    return NameHits(hits.queries[kept], hits.concepts[kept], hits.names[kept], hits.scores[kept])


def _is_long_word(word: str) -> bool:
    return len(word) >= _SHORTEST_WORD and word.isalpha()


def _is_misspelling(surface: str, name: str) -> bool:
    if not (may_be_misspelling(surface, name) and is_misspelt(compare_names(surface, name))):
        return False
    own, other = normalize_name(surface).split(), normalize_name(name).split()
    wrong = [word for word in own if word not in other]
    meant = [word for word in other if word not in own]
    return all(
        len(word) != len(intended) or word[-_ENDING:] == intended[-_ENDING:]
        for word, intended in zip(wrong, meant, strict=False)
    )
