"""Which mentions of a sentence lie in the scope of which triggers, in one pass each way."""

from collections.abc import Sequence
from sys import maxsize

from biopipe.assertion.lexicon import Effect, Hit

__all__ = ["Place", "brackets", "in_scope"]

# First word of a mention or a trigger, and the word after its last.
Place = tuple[int, int]
_NO_EFFECT = Effect((), ())


def in_scope(mentions: Sequence[Place], hits: Sequence[Hit], words: Sequence[str]) -> list[set[str]]:
    """The categories of each mention of a sentence of `words`; hits are in order.

    A trigger that starts inside a mention is part of its name, but for those that say they work within. A
    trigger inside brackets reaches no word outside of them.
    """
    found: list[set[str]] = [set() for _ in mentions]
    outside = _outside(mentions, hits, found)
    around = brackets(words) if "(" in words else {}
    if any(rule.forward.opens for _, _, rule in outside):
        events = [(first, stop, index, _NO_EFFECT, 0) for index, (first, stop) in enumerate(mentions)]
        events += [
            (first, stop, -1, rule.forward, around[first][1] if first in around else len(words))
            for first, stop, rule in outside
        ]
        _sweep(sorted(events), found)
    if any(rule.backward.opens for _, _, rule in outside):
        # In a mirror the last word is the first, so the same sweep serves.
        events = [(-stop, -first, index, _NO_EFFECT, 0) for index, (first, stop) in enumerate(mentions)]
        events += [
            (-stop, -first, -1, rule.backward, -around[first][0] if first in around else 1)
            for first, stop, rule in outside
        ]
        _sweep(sorted(events), found)
    return found


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


def _outside(mentions: Sequence[Place], hits: Sequence[Hit], found: list[set[str]]) -> list[Hit]:
    """The hits that start outside of all mentions; those that share a word with one and work within are applied."""
    covered: dict[int, list[int]] = {}
    for index, (first, stop) in enumerate(mentions):
        for place in range(first, stop):
            covered.setdefault(place, []).append(index)
    for hit in hits:
        for category in hit.rule.within:
            for place in range(hit.first, hit.stop):
                for index in covered.get(place, ()):
                    found[index].add(category)
    # One that starts before the mention, as in no [evidence of disease], is not part of its name.
    return [hit for hit in hits if hit.first not in covered]


def _sweep(events: Sequence[tuple[int, int, int, Effect, int]], found: list[set[str]]) -> None:
    """Events are mentions (index >= 0) and triggers (with the bound of their brackets), in order of place."""
    reach: dict[str, int] = {}
    for first, stop, index, effect, bound in events:
        if index >= 0:
            if reach:
                found[index].update([category for category, until in reach.items() if first < until])
            continue
        for category in effect.ends:
            reach.pop(category, None)
        for category, words in effect.opens:
            reach[category] = max(min(stop + words, bound), reach.get(category, -maxsize))
