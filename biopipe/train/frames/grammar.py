"""The grammar of frames: texts with slots for names, slots for values, and parts to choose from.

{Disease}  {Disease.short}  {Chemical.drug:1}   a name; the number makes equal slots equal names
{number}  {dose}  {a}                           a value; {a} is the article "a" or "an"
[with|without]  [mild |severe |]  [very ]       one of the parts; a lone part may be left out
\\n  \\t  \\{  \\[  \\|  \\\\                        a line break, a tab, a sign as it is
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

__all__ = ["ARTICLE", "Choice", "FrameSyntaxError", "Node", "Slot", "parse_frame"]

ARTICLE = "a"
"""The value slot that is "a" or "an", as the text after it wants."""

_TOKEN = re.compile(r"\\(.)|\{([^{}]*)\}|([\[\]|])|([^\\{}\[\]|]+)|(.)", re.DOTALL)
_SLOT = re.compile(r"([A-Za-z][A-Za-z_.]*)(?::(\d+)|=(\S(?:.*\S)?))?")
_ESCAPES = {"n": "\n", "t": "\t"}


class FrameSyntaxError(ValueError):
    """A frame is not of the grammar, or has a slot that does not exist."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a name (`Disease.short`) or a value (`dose`); equal numbers of one slot stand for
    one name. A name that the frame itself gives is `text`.
    """

    name: str
    number: str = ""
    text: str = ""

    @property
    def label(self) -> str:
        """The label of its mentions; "" of a value."""
        return self.name.partition(".")[0] if self.name[0].isupper() else ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several parts."""

    parts: tuple[tuple["Node", ...], ...]


Node = str | Slot | Choice


def parse_frame(text: str, *, slots: Collection[str], values: Collection[str]) -> tuple[Node, ...]:
    """The nodes of a frame; FrameSyntaxError for what is not in the grammar or not in `slots` and
    `values`, the names that slots may have.
    """
    tokens = _Tokens(text, frozenset(slots), frozenset({*values, ARTICLE}))
    (nodes,) = tokens.parts(nested=False)
    return nodes


class _Tokens:
    """The tokens of a frame, read once from left to right."""

    def __init__(self, text: str, slots: frozenset[str], values: frozenset[str]) -> None:
        self._tokens: Iterator[re.Match[str]] = _TOKEN.finditer(text)
        self._slots, self._values = slots, values

    def parts(self, *, nested: bool) -> list[tuple[Node, ...]]:
        """What stands between "[" and "]", or the whole frame, where "|" is an ordinary sign."""
        parts: list[list[Node]] = [[]]
        for token in self._tokens:
            escaped, slot, sign, plain, other = token.groups()
            if sign == "]" and nested:
                return [tuple(part) for part in parts]
            if sign == "|" and nested:
                parts.append([])
            elif sign == "[":
                inner = self.parts(nested=True)
                # A lone part may be left out: its other part is nothing.
                parts[-1].append(Choice(tuple(inner if len(inner) > 1 else [*inner, ()])))
            elif slot is not None:
                parts[-1].append(self._slot(slot))
            elif sign == "]" or other is not None:
                raise FrameSyntaxError(f"'{sign or other}' at character {token.start() + 1}")
            else:
                text = plain or sign or _ESCAPES.get(escaped, escaped)
                parts[-1].append(text)
        if nested:
            raise FrameSyntaxError("'[' without ']'")
        return [tuple(part) for part in parts]

    def _slot(self, text: str) -> Slot:
        match = _SLOT.fullmatch(text)
        if match is None:
            raise FrameSyntaxError(f"'{{{text}}}' is no slot")
        slot = Slot(match[1], match[2] or "", match[3] or "")
        names = self._slots if slot.label else self._values
        if slot.text and not slot.label:
            raise FrameSyntaxError(f"'{{{text}}}' gives text to a value; write the text itself")
        if slot.name not in names:
            raise FrameSyntaxError(
                f"unknown slot '{{{text}}}'; there are: {', '.join(sorted(names))}"
            )
        return slot
