"""The text of a BioC document, put together from its passages and sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from biopipe.document import Passage
from biopipe.io.rows import valid_text

__all__ = ["TextUnit", "lay_out_text", "offset_in_text", "read_text_units"]

# Longer gaps stand for text that was left out, which spaces would not bring back.
_MAX_GAP = 2


@dataclass(slots=True)
class TextUnit:
    """A passage, or a sentence of one: its number among the passages, its offset in the file, and
    where it starts in the text, which `lay_out_text` sets.
    """

    type: str
    offset: int
    text: str
    annotations: list[Mapping[str, Any]]
    passage: int
    start: int = 0


def read_text_units(record: Mapping[str, Any], document_id: str) -> list[TextUnit]:
    """The passages of a BioC JSON document, or their sentences where the passages hold no text.

    BadRecord where a text is not valid Unicode; AttributeError, KeyError, TypeError or ValueError
    where the document is not as BioC describes it.
    """
    units: list[TextUnit] = []
    for number, passage in enumerate(record["passages"]):
        infons = passage.get("infons") or {}
        kind = str(infons.get("section_type") or infons.get("type") or "passage").lower()
        parts = [passage] if passage.get("text") else passage.get("sentences") or [passage]
        for part in parts:
            annotations = list(part.get("annotations") or ())
            if part is parts[0] and part is not passage:
                annotations = list(passage.get("annotations") or ()) + annotations
            text = valid_text(part.get("text") or "", "text", document_id)
            units.append(TextUnit(kind, int(part["offset"]), text, annotations, number))
    return units


def lay_out_text(units: Sequence[TextUnit]) -> tuple[str, tuple[Passage, ...]]:
    """The text and its passages; sets `start` of each unit."""
    text = ""
    after = 0
    spans: dict[int, Passage] = {}
    for unit in units:
        if unit.text:
            gap = unit.offset - after
            text += " " * (gap if 0 < gap <= _MAX_GAP else 1) if text else ""
            after = unit.offset + len(unit.text)
        unit.start = len(text)
        text += unit.text
        if unit.text:
            first = spans.get(unit.passage)
            spans[unit.passage] = Passage(
                unit.type, first.start if first else unit.start, len(text)
            )
    return text, tuple(spans.values())


def offset_in_text(offset: int, unit: TextUnit, units: Sequence[TextUnit]) -> int:
    """Where an offset of the file is in the text: counted from the sentence or passage that holds
    it.
    """
    own = [other for other in units if other.passage == unit.passage and other.offset <= offset]
    base = own[-1] if own else unit
    return offset - base.offset + base.start
