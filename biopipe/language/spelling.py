"""What a word that is not there may have been meant for."""

from collections.abc import Iterable

__all__ = ["nearest_words"]

_LEAST_LIKENESS = 0.6


def nearest_words(
    word: str, words: Iterable[str], *, most: int = 3, least: float = _LEAST_LIKENESS
) -> list[str]:
    """At most `most` of the words, the most alike first: the letters that both share in their order
    are `least` of all letters, from 0 to 1, at least. Upper and lower case are different letters.
    """
    # A command that finds what it is asked for does without.
    from rapidfuzz import fuzz, process

    found = process.extract(
        word, list(words), scorer=fuzz.ratio, limit=most, score_cutoff=100 * least
    )
    return [near for near, *_ in found]
