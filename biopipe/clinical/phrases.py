"""Phrases of a table in a trie of words, with places for numbers and for words of a class.

A phrase of a table is words as a text has them, a number among them for that number alone ("free T3"
is not "free T4"); `{n}` stands for any number and `{NAME}` for any word
of the class NAME. A word is looked at as often as the longest phrase has words.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from biopipe.clinical.words import NUMBER, NoteWord, NumberWords

__all__ = ["PhraseHit", "PhraseTable"]

T = TypeVar("T")
# Children by word; under END what the phrase of the words so far means.
_Node = dict[str, Any]
_END = ""


class PhraseHit(NamedTuple, Generic[T]):
    """A phrase at the words from `first` to before `last`, with its meaning, the numbers in it and
    the members of classes, in order.
    """

    first: int
    last: int
    meaning: T
    numbers: tuple[NoteWord, ...]
    members: tuple[str, ...]


class PhraseTable(Generic[T]):
    """Phrases with what they mean, to be found in the words of a text."""

    def __init__(
        self,
        phrases: Iterable[tuple[str, T]],
        words: NumberWords,
        classes: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        self._classes: dict[str, list[str]] = {}
        for name, members in (classes or {}).items():
            for member in members:
                self._classes.setdefault(member, []).append(f"{{{name}}}")
        self._root: _Node = {}
        for phrase, meaning in phrases:
            node = self._root
            for form in self._forms(phrase, words):
                node = node.setdefault(form, {})
            node[_END] = meaning

    def find(self, words: Sequence[NoteWord]) -> list[PhraseHit[T]]:
        """Phrases from left to right, the longest at each place, no word in two of them."""
        hits, place = [], 0
        while place < len(words):
            hit = self.at(words, place)
            if hit is None:
                place += 1
            else:
                hits.append(hit)
                place = hit.last
        return hits

    def at(self, words: Sequence[NoteWord], place: int) -> PhraseHit[T] | None:
        """The longest phrase that begins at a word."""
        best: PhraseHit[T] | None = None
        paths: list[tuple[_Node, tuple[NoteWord, ...], tuple[str, ...]]] = [(self._root, (), ())]
        ahead = place
        while paths and ahead < len(words):
            word, going_on = words[ahead], []
            ahead += 1
            for node, numbers, members in paths:
                for form in _forms_of(word):
                    if (child := node.get(form)) is not None:
                        held = (*numbers, word) if word.form == NUMBER else numbers
                        going_on.append((child, held, members))
                for name in self._classes.get(word.form, ()):
                    if (child := node.get(name)) is not None:
                        going_on.append((child, numbers, (*members, word.form)))
            for node, numbers, members in going_on:
                if _END in node:
                    best = PhraseHit(place, ahead, node[_END], numbers, members)
            paths = going_on
        return best

    def _forms(self, phrase: str, words: NumberWords) -> list[str]:
        forms: list[str] = []
        for part in phrase.split():
            if part == "{n}":
                forms.append(NUMBER)
            elif part.startswith("{"):
                forms.append(part)
            else:
                forms += [_forms_of(word)[-1] for word in words.words(part, 0, len(part))]
        return forms


def _forms_of(word: NoteWord) -> tuple[str, ...]:
    """The form of any such word, and for a number that of it alone, last."""
    if word.form != NUMBER:
        return (word.form,)
    return NUMBER, f"{NUMBER}{word.low:g}-{word.high:g}"
