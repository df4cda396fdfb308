"""Frames filled with names and values: pieces of text, some of them mentions."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from biopipe.train.frames.grammar import ARTICLE, Choice, Node, Slot
from biopipe.train.frames.names import FrameName, SlotNames
from biopipe.train.frames.slots import MEANINGS
from biopipe.train.frames.text_kinds import Frame
from biopipe.train.frames.values import draw_value

__all__ = ["FrameFiller", "Piece", "pieces_text"]

# Share of the names that a document takes up again, as texts speak of few things.
_TAKEN_UP = 0.3
# Draws before a name or value comes twice in a frame; rare, but for slots with few rows.
_TRIES = 20
# No frame and no name holds this sign.
_ARTICLE_MARK = "\0"
# Not after "e.g." and "i.e.".
_SENTENCE_END = re.compile(r"(?:(?<!\.[a-z])[.?!]\s+|\n)\Z")
# Letters that are spoken with a vowel first, as in "an MRI".
_VOWELS, _SPOKEN_VOWELS = frozenset("aeiouAEIOU8"), frozenset("AEFHILMNORSX")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; a mention where it has a name."""

    text: str
    name: FrameName | None = None


def pieces_text(pieces: Sequence[Piece]) -> str:
    """The text of pieces."""
    return "".join(piece.text for piece in pieces)


@dataclass(slots=True)
class FrameFiller:
    """Fills the frames of one document, which takes up some names again.

    `labels` gives mentions another label by the label of their slot ("Disease"), and makes mentions
    of the values of a slot ("dose").
    """

    names: Mapping[str, SlotNames]
    values: Mapping[str, Sequence[str]]
    random: Random
    labels: Mapping[str, str] = field(default_factory=dict)
    _earlier: dict[str, list[FrameName]] = field(default_factory=dict)

    def fill(self, frame: Frame, *, sentences: bool) -> list[Piece]:
        """The pieces of a frame; with `sentences` each begins with a capital letter.

        Slots of one frame have different names, but where they have the same number.
        """
        numbered: dict[Slot, FrameName] = {}
        pieces = list(self._pieces(frame.nodes, numbered, set()))
        pieces = _with_articles(_with_single_stops(pieces))
        return _with_capitals(pieces) if sentences else pieces

    def _pieces(
        self, nodes: Sequence[Node], numbered: dict[Slot, FrameName], used: set[str]
    ) -> Iterator[Piece]:
        for node in nodes:
            if isinstance(node, str):
                yield Piece(node)
            elif isinstance(node, Choice):
                yield from self._pieces(self.random.choice(node.parts), numbered, used)
            elif node.name == ARTICLE:
                yield Piece(_ARTICLE_MARK)
            elif not node.label:
                yield self._labelled_value(node.name, used)
            elif node.text:
                yield self._mention(FrameName(node.text, node.label))
            else:
                yield self._mention(self._numbered_name(node, numbered, used))

    def _labelled_value(self, slot: str, used: set[str]) -> Piece:
        value = self._value(slot, used)
        label = self.labels.get(slot)
        return Piece(value, FrameName(value, label) if label else None)

    def _mention(self, name: FrameName) -> Piece:
        return Piece(name.text, replace(name, label=self.labels.get(name.label, name.label)))

    def _value(self, slot: str, used: set[str]) -> str:
        """A value, another one than the frame has of this slot where there is one."""
        value = draw_value(self.values, slot, self.random)
        for _ in range(_TRIES):
            if f"{slot} {value}" not in used:
                break
            value = draw_value(self.values, slot, self.random)
        used.add(f"{slot} {value}")
        return value

    def _numbered_name(
        self, slot: Slot, numbered: dict[Slot, FrameName], used: set[str]
    ) -> FrameName:
        """The name that the frame's slot of this number has already, or a new one."""
        if slot.name in MEANINGS:
            # The long form and the short one of a number are of one name, whichever comes first.
            short = Slot(MEANINGS[slot.name], slot.number)
            name = self._numbered_name(short, numbered, used)
            return replace(name, text=name.meaning)
        name = numbered.get(slot) or self._name(slot.name, used)
        if slot.number:
            numbered[slot] = name
        return name

    def _name(self, slot: str, used: set[str]) -> FrameName:
        """A name that the frame does not have yet, where there is one."""
        earlier = self._earlier.setdefault(slot, [])
        name = self._any_name(slot, earlier)
        for _ in range(_TRIES):
            if name.text.casefold() not in used:
                break
            name = self._any_name(slot, earlier)
        used.add(name.text.casefold())
        earlier.append(name)
        return name

    def _any_name(self, slot: str, earlier: Sequence[FrameName]) -> FrameName:
        if earlier and self.random.random() < _TAKEN_UP:
            return self.random.choice(earlier)
        return self.names[slot].draw(self.random)


def _with_single_stops(pieces: Sequence[Piece]) -> list[Piece]:
    """A value that ends with a full stop ("b.i.d.") ends its sentence as well."""
    done: list[Piece] = []
    before = ""
    for piece in pieces:
        if before.endswith(".") and piece.text.startswith(".") and piece.name is None:
            piece = replace(piece, text=piece.text[1:])
        done.append(piece)
        before = piece.text
    return done


def _with_articles(pieces: Sequence[Piece]) -> list[Piece]:
    """Marks of articles become "a" or "an", as the word after them wants."""
    done: list[Piece] = []
    following = ""
    # From the end, for an article goes by what follows it.
    for piece in reversed(pieces):
        if piece.text == _ARTICLE_MARK:
            piece = Piece(_article(following.lstrip()))
        done.append(piece)
        following = piece.text + following
    return done[::-1]


def _article(following: str) -> str:
    word = re.split(r"[\s-]", following, maxsplit=1)[0]
    spelled = (len(word) > 1 and word[:2].isupper()) or word[1:2].isdigit()
    vowels = _SPOKEN_VOWELS if spelled else _VOWELS
    return "an" if word[:1] in vowels else "a"


def _with_capitals(pieces: Sequence[Piece]) -> list[Piece]:
    """The first letter of every sentence is a capital, unless it begins with a symbol (mTOR,
    c.35delG, p53).
    """
    done: list[Piece] = []
    before = ""
    for piece in pieces:
        if not before.strip() or _SENTENCE_END.search(before):
            first = re.split(r"[\s,;:-]", piece.text, maxsplit=1)[0].rstrip(".?!")
            if first.isalpha() and first.islower():
                piece = replace(piece, text=piece.text[:1].upper() + piece.text[1:])
        done.append(piece)
        # Enough to hold any end of a sentence; the whole text again and again would take its
        # square.
        before = (before + piece.text)[-20:]
    return done
