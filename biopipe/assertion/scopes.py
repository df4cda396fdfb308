"""Which mentions of a sentence lie in the scope of which triggers, in one pass each way."""

from collections.abc import Sequence
from sys import maxsize

from biopipe.assertion.lexicon import Effect, Hit
from biopipe.assertion.triggers import concerns
from biopipe.document.labels import NEGATED, POSSIBLE

__all__ = ["Place", "brackets", "in_scope", "swallowed"]

# Labels of clinical taggers for what is said about something: "[prn] wheezing", "shingles [last
# year]". They hide no trigger, and a scope goes on behind them.
_QUALIFIERS = frozenset({"Age", "Date", "Dosage", "Duration", "Frequency", "Route", "Value"})
# First word of a mention or a trigger, and the word after its last.
Place = tuple[int, int]
# As a place, with the label of the mention.
LabelledPlace = tuple[int, int, str]
# By category and the labels it is for, the first place that a scope does not reach.
Reach = dict[tuple[str, frozenset[str]], int]


def in_scope(
    mentions: Sequence[Place], hits: Sequence[Hit], words: Sequence[str], labels: Sequence[str]
) -> list[set[str]]:
    """The categories of each mention of a sentence of `words`; mentions, with their `labels`, and
    hits are in order of their starts.

    A trigger that starts inside a mention is part of its name, but for those that say they work
    within and those that hold all of the mention and more ("[Absence] of"), and but for mentions of
    times, doses and values, which are no names. A trigger inside
    brackets reaches no word outside of them. A scope that is for mentions of some labels ends at
    the first mention of another one.
    """
    categories: list[set[str]] = [set() for _ in mentions]
    names = [m for m, label in zip(mentions, labels, strict=True) if label not in _QUALIFIERS]
    covered = {place: mention for mention in names for place in range(*mention)}
    _within(mentions, [hit for hit in hits if hit.rule.within], categories)
    # One that starts before the mention, as in no [evidence of disease], is not part of its name.
    outside = [hit for hit in hits if hit.first not in covered or _holds(hit, covered[hit.first])]
    labelled = [(first, stop, label) for (first, stop), label in zip(mentions, labels, strict=True)]
    around = brackets(words) if "(" in words else {}
    _forward(labelled, outside, around, categories)
    if any(hit.rule.backward.opens for hit in outside):
        _backward(labelled, outside, around, categories)
    return categories


def swallowed(mentions: Sequence[Place], hits: Sequence[Hit]) -> set[int]:
    """The indices of the mentions that are words of a longer trigger which denies or doubts, such
    as "[Absence] of".
    """
    holders = {
        place: hit
        for hit in hits
        if not hit.rule.within and any(c in (NEGATED, POSSIBLE) for c, *_ in hit.rule.forward.opens)
        for place in range(hit.first, hit.stop)
    }
    return {
        index
        for index, mention in enumerate(mentions)
        if (hit := holders.get(mention[0])) and _holds(hit, mention)
    }


def _holds(hit: Hit, mention: Place) -> bool:
    """Whether a trigger is all of a mention and more."""
    first, stop = mention
    return hit.first <= first and stop <= hit.stop and stop - first < hit.stop - hit.first


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
    mentions: Sequence[LabelledPlace],
    hits: Sequence[Hit],
    around: dict[int, Place],
    categories: list[set[str]],
) -> None:
    reach: Reach = {}
    upcoming, before = 0, ""
    for index, (first, _, label) in enumerate(mentions):
        while upcoming < len(hits) and hits[upcoming].first < first:
            hit = hits[upcoming]
            bound = around[hit.first][1] if hit.first in around else maxsize
            _apply(hit.rule.forward, hit.stop, bound, reach, before)
            upcoming += 1
        if reach:
            categories[index].update(_holding(reach, first, label))
        before = label


def _backward(
    mentions: Sequence[LabelledPlace],
    hits: Sequence[Hit],
    around: dict[int, Place],
    categories: list[set[str]],
) -> None:
    """As forward in a mirror, where the last word is the first and places count down."""
    reach: Reach = {}
    upcoming = len(hits) - 1
    for stop, index, label in sorted(
        [(stop, index, label) for index, (_, stop, label) in enumerate(mentions)], reverse=True
    ):
        while upcoming >= 0 and hits[upcoming].first >= stop:
            hit = hits[upcoming]
            bound = -around[hit.first][0] if hit.first in around else maxsize
            _apply(hit.rule.backward, -hit.first, bound, reach, "")
            upcoming -= 1
        if reach:
            categories[index].update(_holding(reach, -stop, label))


def _apply(effect: Effect, stop: int, bound: int, reach: Reach, before: str) -> None:
    """End and open scopes at a trigger; `before` is the label of the mention before it."""
    ended = [
        *effect.ends,
        *[name for name, labels in effect.ends_after if before and concerns(labels, before)],
    ]
    if ended and reach:
        for scope in [scope for scope in reach if scope[0] in ended]:
            del reach[scope]
    for category, words, labels in effect.opens:
        scope = category, labels
        reach[scope] = max(min(stop + words, bound), reach.get(scope, -maxsize))


def _holding(reach: Reach, place: int, label: str) -> list[str]:
    """The categories of the scopes that a mention is in; those for other labels end here, but not
    at a time, a dose or a value.
    """
    other = [scope for scope in reach if scope[1] and not concerns(scope[1], label)]
    if label in _QUALIFIERS:
        mine = [scope for scope in reach.items() if scope[0] not in other]
        return [category for (category, _), until in mine if place < until]
    for scope in other:
        del reach[scope]
    return [category for (category, _), until in reach.items() if place < until]
