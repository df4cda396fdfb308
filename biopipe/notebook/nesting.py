"""Which mentions can be drawn into a line of text: those inside of others, but not across."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from biopipe.document import Mention

__all__ = ["NestedMention", "nest_mentions"]


@dataclass(slots=True)
class NestedMention:
    """A mention and those drawn inside of it, in order of their start."""

    mention: Mention
    inside: list["NestedMention"] = field(default_factory=list)


def nest_mentions(mentions: Sequence[Mention]) -> tuple[list[NestedMention], int]:
    """The mentions that nest, as trees in order of their start, and how many others there are.

    Of two that cross the longer one is drawn, and of two with the same span the better scored.
    """
    # Longest first, so that a mention gives way to what it lies in; then the best scored.
    order = sorted(mentions, key=lambda mention: (mention.start - mention.end, -mention.score))
    drawn: list[Mention] = []
    for mention in order:
        if mention.start < mention.end and not any(_crosses(mention, other) for other in drawn):
            drawn.append(mention)
    roots: list[NestedMention] = []
    around: list[NestedMention] = []
    for mention in sorted(drawn, key=lambda mention: (mention.start, -mention.end)):
        # What ends before this mention begins is not around it.
        while around and around[-1].mention.end <= mention.start:
            around.pop()
        node = NestedMention(mention)
        (around[-1].inside if around else roots).append(node)
        around.append(node)
    return roots, len(mentions) - len(drawn)


def _crosses(one: Mention, other: Mention) -> bool:
    """Whether they overlap without one being a proper part of the other."""
    if one.end <= other.start or other.end <= one.start:
        return False
    if (one.start, one.end) == (other.start, other.end):
        return True
    inside = other.start <= one.start and one.end <= other.end
    around = one.start <= other.start and other.end <= one.end
    return not (inside or around)
