"""Which section of its note a place of a document is in."""

from bisect import bisect_right
from dataclasses import replace

from biopipe.document.types import Document, NoteSection

__all__ = ["section_of", "with_mention_sections"]


def section_of(document: Document, place: int) -> NoteSection | None:
    """The section that the character at `place` is in; None before the first one, and in a
    document whose sections nobody has looked for.
    """
    sections = document.sections or ()
    # Sections lie in order and do not overlap.
    index = bisect_right(sections, place, key=lambda section: section.start)
    return sections[index - 1] if index and place < sections[index - 1].end else None


def with_mention_sections(document: Document) -> Document:
    """The document with the category of its section on every mention."""
    if not document.sections or not document.mentions:
        return document
    categories = [
        section.category if (section := section_of(document, mention.start)) else ""
        for mention in document.mentions
    ]
    return replace(
        document,
        mentions=tuple(
            # Mentions that stay as they are keep their identity, by which components see what has
            # changed.
            mention if mention.section == category else replace(mention, section=category)
            for mention, category in zip(document.mentions, categories, strict=True)
        ),
    )
