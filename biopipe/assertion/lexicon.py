"""Triggers in a trie of words: each word of a sentence is looked at as often as the longest trigger
has words.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from sys import maxsize
from typing import Any, NamedTuple

from biopipe.assertion.triggers import CHECKLIST_DIRECTIONS, OF_RELATION, Trigger
from biopipe.document.labels import NEGATED, POSSIBLE

__all__ = ["CategoriesByLabel", "Effect", "Hit", "Lexicon", "Rule"]

# Children by word; under END the rule of the words so far.
Node = dict[str, Any]
# As `Trigger.labels`.
Labels = frozenset[str]
CategoriesByLabel = frozenset[tuple[str, Labels]]
"""What a section says of its mentions: categories, each with the labels of those it is for."""
END = ""
# A word of the one kind says that the other's scope is over.
_RIVALS = {NEGATED: POSSIBLE, POSSIBLE: NEGATED}


class Effect(NamedTuple):
    """What a term does to the words on one side of it.

    `opens` are categories with their reach in words and the labels of the mentions they are for,
    `ends` the categories it ends. `ends_after` are those it ends only where the mention before it
    has one of some labels, each with these labels.
    """

    opens: tuple[tuple[str, int, Labels], ...]
    ends: tuple[str, ...]
    ends_after: tuple[tuple[str, Labels], ...] = ()


class Rule(NamedTuple):
    """All that the trigger file says of one term; `within` is for mentions it is a word of.

    `asserts` is false for pseudo-triggers and terminators.
    """

    forward: Effect
    backward: Effect
    within: tuple[str, ...]
    asserts: bool


class Hit(NamedTuple):
    """A term in a sentence: its first word, the word after its last, and its rule."""

    first: int
    stop: int
    rule: Rule


class Lexicon:
    """Finds the triggers of a sentence, and the headings that open or close a section.

    `heading_ends` are the last words of headings. `checklist` holds the triggers of checklists, by
    direction ("answer", "mark", "list") and words.
    """

    def __init__(self, triggers: Iterable[Trigger]) -> None:
        self.headings: dict[tuple[str, ...], CategoriesByLabel] = {}
        self.checklist: dict[str, dict[tuple[str, ...], list[Trigger]]] = {
            direction: {} for direction in CHECKLIST_DIRECTIONS
        }
        terms: dict[tuple[str, ...], list[Trigger]] = {}
        for trigger in triggers:
            if trigger.direction == "section":
                asserted = {(trigger.category, trigger.labels)}
                if trigger.category == "terminator":
                    asserted = set()
                self.headings[trigger.words] = (
                    self.headings.get(trigger.words, frozenset()) | asserted
                )
            else:
                of_direction = self.checklist.get(trigger.direction, terms)
                of_direction.setdefault(trigger.words, []).append(trigger)
        self.longest_heading = max(map(len, self.headings), default=0)
        self.heading_ends = frozenset(term[-1] for term in self.headings)
        self.root: Node = {}
        self._single_words: set[str] = set()
        self._first_pairs: set[tuple[str, str]] = set()
        for term, of_term in terms.items():
            self._add(term, _rule(of_term))

    def _add(self, term: Sequence[str], rule: Rule) -> None:
        node = self.root
        for word in term:
            node = node.setdefault(word, {})
        node[END] = rule
        if rule.asserts and len(term) == 1:
            self._single_words.add(term[0])
        elif rule.asserts:
            self._first_pairs.add((term[0], term[1]))

    def may_assert(self, words: Sequence[str]) -> bool:
        """False where no term that asserts anything can be among the words of a sentence."""
        return not (
            self._single_words.isdisjoint(words) and self._first_pairs.isdisjoint(pairwise(words))
        )

    def leads(self, word: str) -> bool:
        """Whether a word alone is a trigger that speaks of what follows it and of nothing else."""
        rule = self.root.get(word, {}).get(END)
        return rule is not None and bool(rule.forward.opens) and not rule.backward.opens

    def find(self, words: Sequence[str]) -> list[Hit]:
        """Terms from left to right, the longest at each place, no word in two of them."""
        root, hits, count, free = self.root, [], len(words), 0
        # Few words of a sentence begin a trigger.
        for first in [place for place, word in enumerate(words) if word in root]:
            if first < free:
                continue
            node, ahead, rule = root[words[first]], first + 1, None
            while node is not None:
                if END in node:
                    free, rule = ahead, node[END]
                node = node.get(words[ahead]) if ahead < count else None
                ahead += 1
            if rule is not None:
                hits.append(Hit(first, free, rule))
        return hits

    def heading(self, words: Sequence[str]) -> tuple[int, CategoriesByLabel] | None:
        """The longest heading at the end of `words`: the word it starts with, and what it
        asserts.
        """
        for length in range(min(self.longest_heading, len(words)), 0, -1):
            asserted = self.headings.get(tuple(words[-length:]))
            if asserted is not None:
                return len(words) - length, asserted
        return None


def _rule(triggers: Iterable[Trigger]) -> Rule:
    sides: dict[str, list[tuple[str, int, Labels]]] = {"forward": [], "backward": [], "within": []}
    ends: list[str] = []
    ends_after: list[tuple[str, Labels]] = []
    for trigger in triggers:
        reach = maxsize if trigger.reach is None else trigger.reach
        for side in (
            ("forward", "backward") if trigger.direction == "both" else (trigger.direction,)
        ):
            if side:
                sides[side].append((trigger.category, reach, trigger.labels))
        if trigger.category == "terminator":
            ended = [name for end in sorted(trigger.ends) for name in (end, f"{end}{OF_RELATION}")]
            if trigger.labels:
                ends_after += [(name, trigger.labels) for name in ended]
            else:
                ends += ended
    forward = _effect(sides["forward"], ends, ends_after)
    backward = _effect(sides["backward"], ends, ())
    within = tuple(category for category, _, _ in sides["within"])
    return Rule(forward, backward, within, bool(forward.opens or backward.opens or within))


def _effect(
    opens: Sequence[tuple[str, int, Labels]],
    ends: Sequence[str],
    ends_after: Sequence[tuple[str, Labels]],
) -> Effect:
    rivals = [_RIVALS[category] for category, _, _ in opens if category in _RIVALS]
    return Effect(tuple(opens), (*ends, *rivals), tuple(ends_after))
