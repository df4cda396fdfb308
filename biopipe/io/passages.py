"""A text put together from its parts, with the passages the parts belong to."""

from collections.abc import Iterable
from dataclasses import dataclass

from biopipe.document import Passage

__all__ = ["Block", "Section", "assemble"]


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """A passage to be; two sections of the same type are two passages."""

    type: str


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of text and the sections it lies in."""

    text: str
    sections: tuple[Section, ...]


def assemble(blocks: Iterable[Block], separator: str) -> tuple[str, tuple[Passage, ...]]:
    """Join the blocks that hold text; passages are in order of start, an enclosing one before its
    parts.
    """
    pieces: list[str] = []
    spans: dict[Section, tuple[int, int]] = {}
    # So that the first block begins at 0 without a case of its own.
    end = -len(separator)
    for block in blocks:
        if not block.text:
            continue
        start = end + len(separator)
        end = start + len(block.text)
        pieces.append(block.text)
        for section in block.sections:
            spans[section] = (spans[section][0] if section in spans else start, end)
    passages = [Passage(section.type, *span) for section, span in spans.items()]
    passages.sort(key=lambda passage: (passage.start, -passage.end))
    return separator.join(pieces), tuple(passages)
