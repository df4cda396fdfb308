"""The text of a BioC document, put together from its passages and sentences."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from biopipe.document import Passage
from biopipe.document.value_type import value_type
from biopipe.io.rows import BadRecord, OnPartError, valid_text

__all__ = [
    "TextPlaces",
    "TextUnit",
    "infons_of",
    "items_of",
    "lay_out_text",
    "read_text_units",
    "whole_number",
]

# Longer gaps stand for text that was left out, which spaces would not bring back.
_MAX_GAP = 2

Tell: TypeAlias = Callable[[str], None]
"""Hears what is left out of a document."""


@dataclass(slots=True)
class TextUnit:
    """A passage, or a sentence of one: its number among the passages, its offset in the file (None
    where that is no number), and where it starts in the text. `lay_out_text` sets the latter two.
    """

    type: str
    offset: int | None
    text: str
    annotations: list[Mapping[str, Any]]
    passage: int
    start: int = 0


def read_text_units(
    record: Mapping[str, Any], document_id: str, on_part_error: OnPartError
) -> list[TextUnit]:
    """The passages of a BioC JSON document, or their sentences where the passages hold no text.

    BadRecord where a text is none or is not valid Unicode. What else is not as BioC describes it is
    left out, and `on_part_error` is told so.
    """

    def tell(error: str) -> None:
        on_part_error(document_id, error)

    units: list[TextUnit] = []
    for number, passage in enumerate(items_of(record, "passages", tell)):
        infons = infons_of(passage, tell)
        kind = str(infons.get("section_type") or infons.get("type") or "passage").lower()
        parts = [passage]
        # BioC lets a passage hold its text itself or through its sentences, not both.
        if not passage.get("text"):
            parts = list(items_of(passage, "sentences", tell)) or parts
        for part in parts:
            annotations = list(items_of(part, "annotations", tell))
            if part is parts[0] and part is not passage:
                annotations = list(items_of(passage, "annotations", tell)) + annotations
            text = _text(part, document_id)
            offset = whole_number(part.get("offset"))
            if offset is None:
                tell(
                    f"the offset of passage {number} is {value_type(part.get('offset'))}, not a whole "
                    "number; it is taken to follow the one before"
                )
            units.append(TextUnit(kind, offset, text, annotations, number))
    return units


def items_of(
    holder: Mapping[str, Any], name: str, tell: Tell | None = None
) -> Iterator[Mapping[str, Any]]:
    """The mappings in the list `name` of a part of a document; `tell` hears of what is none."""
    items = holder.get(name)
    if items is not None and not isinstance(items, list | tuple):
        if tell:
            tell(f"the {name} are left out, they are {value_type(items)}, not a list")
        return
    for number, item in enumerate(items or ()):
        if isinstance(item, Mapping):
            yield item
        elif tell:
            tell(
                f"number {number} of the {name} is left out, it is {value_type(item)}, not an object"
            )


def infons_of(holder: Mapping[str, Any], tell: Tell | None = None) -> Mapping[str, Any]:
    """The infons of a part of a document; none where they are no mapping."""
    infons = holder.get("infons")
    if infons is None or isinstance(infons, Mapping):
        return infons or {}
    if tell:
        tell(f"the infons are left out, they are {value_type(infons)}, not an object")
    return {}


def whole_number(value: Any) -> int | None:
    """A number as BioC writes one, in XML as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, int):
        return value
    try:
        return int(value)
    except (ValueError, OverflowError):
        return None


def _text(part: Mapping[str, Any], document_id: str) -> str:
    text = part.get("text")
    if text is not None and not isinstance(text, str):
        raise BadRecord(f"the text of a passage is {value_type(text)}, not text", document_id)
    return valid_text(text or "", "text", document_id)


def lay_out_text(units: Sequence[TextUnit]) -> tuple[str, tuple[Passage, ...]]:
    """The text and its passages; sets `start` of each unit, and `offset` where there is none."""
    pieces: list[str] = []
    length = after = 0
    spans: dict[int, Passage] = {}
    for unit in units:
        if unit.offset is None:
            # As if the writer had counted one blank between passages, which most do.
            unit.offset = after + 1 if length else 0
        if unit.text:
            gap = unit.offset - after
            pieces.append(" " * (gap if 0 < gap <= _MAX_GAP else 1) if length else "")
            length += len(pieces[-1])
            after = unit.offset + len(unit.text)
        unit.start = length
        pieces.append(unit.text)
        length += len(unit.text)
        if unit.text:
            first = spans.get(unit.passage)
            spans[unit.passage] = Passage(unit.type, first.start if first else unit.start, length)
    return "".join(pieces), tuple(spans.values())


class TextPlaces:
    """Where offsets of the file are in the text: counted from the sentence or passage that holds
    them. Looking one up takes time by the logarithm of the number of sentences.
    """

    def __init__(self, units: Sequence[TextUnit]) -> None:
        starts: dict[int, dict[int, int]] = {}
        for unit in units:
            starts.setdefault(unit.passage, {})[unit.offset or 0] = unit.start
        self._places = {
            passage: (sorted(offsets), [offsets[offset] for offset in sorted(offsets)])
            for passage, offsets in starts.items()
        }

    def place(self, offset: int, unit: TextUnit) -> int:
        """The place of an offset that an annotation of `unit` names."""
        offsets, starts = self._places[unit.passage]
        before = bisect_right(offsets, offset) - 1
        if before < 0:
            return offset - (unit.offset or 0) + unit.start
        return offset - offsets[before] + starts[before]
