"""Which mentions of a sentence lie in the scope of which triggers, in one pass each way."""

from collections.abc import Sequence
from sys import maxsize

from biopipe.assertion.lexicon import Effect, Hit

__all__ = ["Place", "brackets", "in_scope"]

# First word of a mention or a trigger, and the word after its last.
Place = tuple[int, int]


def in_scope(
    mentions: Sequence[Place], hits: Sequence[Hit], words: Sequence[str]
) -> list[set[str]]:
    """The categories of each mention of a sentence of `words`; mentions and hits are in order of
    their starts.

    A trigger that starts inside a mention is part of its name, but for those that say they work
    within. A trigger inside brackets reaches no word outside of them.
    """
    categories: list[set[str]] = [set() for _ in mentions]
    covered = {place for first, stop in mentions for place in range(first, stop)}
    _within(mentions, [hit for hit in hits if hit.rule.within], categories)
    # One that starts before the mention, as in no [evidence of disease], is not part of its name.
    outside = [hit for hit in hits if hit.first not in covered]
    around = brackets(words) if "(" in words else {}
    _forward(mentions, outside, around, categories)
    if any(hit.rule.backward.opens for hit in outside):
        _backward(mentions, outside, around, categories)
    return categories


def brackets(words: Sequence[str]) -> dict[int, Place]:
    """For each word in round brackets the places of the innermost pair around it."""
    opened: list[int] = []
    closed: dict[int, int] = {}
    inside: list[tuple[int, int]] = []
    for place, word in enumerate(words):
        if word == "(":
            opened.append(place)
        elif word == ")" and opened:
            closed[opened.pop()] = place
        elif opened:
            inside.append((place, opened[-1]))
    return {place: (opening, closed[opening]) for place, opening in inside if opening in closed}


def _within(mentions: Sequence[Place], hits: Sequence[Hit], categories: list[set[str]]) -> None:
    if not hits:
        return
    rules = {place: hit.rule.within for hit in hits for place in range(hit.first, hit.stop)}
    for index, (first, stop) in enumerate(mentions):
        for place in range(first, stop):
            categories[index].update(rules.get(place, ()))


def _forward(
    mentions: Sequence[Place],
    hits: Sequence[Hit],
    around: dict[int, Place],
    categories: list[set[str]],
) -> None:
    reach: dict[str, int] = {}
    upcoming = 0
    for index, (first, _) in enumerate(mentions):
        while upcoming < len(hits) and hits[upcoming].first < first:
            hit = hits[upcoming]
            bound = around[hit.first][1] if hit.first in around else maxsize
            _apply(hit.rule.forward, hit.stop, bound, reach)
            upcoming += 1
        if reach:
            categories[index].update(
                [category for category, until in reach.items() if first < until]
            )


def _backward(
    mentions: Sequence[Place],
    hits: Sequence[Hit],
    around: dict[int, Place],
    categories: list[set[str]],
) -> None:
    """As forward in a mirror, where the last word is the first and places count down."""
    reach: dict[str, int] = {}
    upcoming = len(hits) - 1
    for stop, index in sorted(
        [(stop, index) for index, (_, stop) in enumerate(mentions)], reverse=True
    ):
        while upcoming >= 0 and hits[upcoming].first >= stop:
            hit = hits[upcoming]
            bound = -around[hit.first][0] if hit.first in around else maxsize
            _apply(hit.rule.backward, -hit.first, bound, reach)
            upcoming -= 1
        if reach:
            categories[index].update(
                [category for category, until in reach.items() if -stop < until]
            )


def _apply(effect: Effect, stop: int, bound: int, reach: dict[str, int]) -> None:
    """End and open scopes at a trigger; `reach` is the first place that each scope does not
    reach.
    """
    for category in effect.ends:
        reach.pop(category, None)
    for category, words in effect.opens:
        reach[category] = max(min(stop + words, bound), reach.get(category, -maxsize))
