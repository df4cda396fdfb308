"""The relations of a document as an SVG: its concepts in a row, an arc for each relation."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from biopipe.document import Document, Relation
from biopipe.language.colours import INK, label_colour, marks_of
from biopipe.text.concepts import concept_mentions, concept_name

__all__ = ["MOST_RELATIONS", "draw_relations"]

MOST_RELATIONS = 30
"""More arcs than these nobody can follow; the best scored ones are drawn."""

_CHARACTER = 7.2  # pixels of a letter at 12 px, on the wide side
# Letters of the words on an arc are smaller, and mostly in lower case.
_SMALL_LETTER = 0.8
_PADDING = 10
_GAP = 44
_BOX = 24
_LEVEL = 30
_LONGEST_NAME = 32
# At the end that is acted on, where the model says which one acts.
_ARROW = (
    '<defs><marker id="biopipe-acts" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
    'markerHeight="7" orient="auto-start-reverse"><path d="M0,0 L8,4 L0,8 z" fill="#5b6470"/>'
    "</marker></defs>"
)


@dataclass(frozen=True, slots=True)
class _Box:
    """A concept in the row: its place from the left, its width, and what it shows."""

    left: float
    width: float
    name: str
    label: str
    concept_id: str

    @property
    def middle(self) -> float:
        return self.left + self.width / 2


def draw_relations(document: Document) -> str:
    """An SVG element; "" for a document without relations."""
    # A stable sort: of equal scores the first of the document are drawn.
    relations = sorted(document.relations, key=lambda relation: -relation.score)[:MOST_RELATIONS]
    if not relations:
        return ""
    boxes = _boxes(document, relations)
    arcs = []
    for relation in relations:
        ends = boxes[relation.head], boxes[relation.tail]
        left, right = sorted(ends, key=lambda box: box.left)
        arcs.append((relation, left, right))
    # Levels before lines: the height of the picture hangs on how many there are.
    levels = _levels([_extent(relation, left, right) for relation, left, right in arcs])
    top = (max(levels) + 1) * _LEVEL
    width = max(box.left + box.width for box in boxes.values()) + _PADDING
    drawn = [
        _arc(relation, left, right, top, level)
        for (relation, left, right), level in zip(arcs, levels, strict=True)
    ]
    # No line goes through a word: all words are drawn after all lines.
    paths = "".join(line for line, _ in drawn) + "".join(words for _, words in drawn)
    arrow = _ARROW if any(relation.subject for relation in relations) else ""
    shapes = "".join(_shape(box, top) for box in boxes.values())
    height = top + _BOX + _PADDING
    return (
        f'<svg class="biopipe-arcs" role="img" aria-label="{len(relations)} relations" '
        f'width="{width:.0f}" height="{height}" viewBox="0 0 {width:.0f} {height}" '
        f'xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" font-size="12">'
        f"{arrow}{paths}{shapes}</svg>"
    )


def _boxes(document: Document, relations: Sequence[Relation]) -> dict[str, _Box]:
    """The concepts that relations join, in the order of their first mention."""
    names = {
        concept.id: (concept_name(document, concept), concept.label)
        for concept in concept_mentions(document)
    }
    ends: dict[str, tuple[str, str]] = {}
    for relation in relations:
        # A document of somebody else's may relate what it does not mention.
        ends[relation.head] = (relation.head_name or relation.head, relation.head_label)
        ends[relation.tail] = (relation.tail_name or relation.tail, relation.tail_label)
    order = [*(id for id in names if id in ends), *(id for id in ends if id not in names)]
    boxes: dict[str, _Box] = {}
    left = float(_PADDING)
    for concept_id in order:
        name, label = names.get(concept_id, ends[concept_id])
        shown = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
        width = len(shown) * _CHARACTER + 2 * _PADDING
        boxes[concept_id] = _Box(left, width, shown, label, concept_id)
        left += width + _GAP
    return boxes


def _extent(relation: Relation, left: _Box, right: _Box) -> tuple[float, float]:
    """From where to where an arc or its words reach."""
    middle, half = (left.middle + right.middle) / 2, _width(_words(relation)) / 2
    return min(left.middle, middle - half), max(right.middle, middle + half)


def _words(relation: Relation) -> str:
    signs = "".join(f"{mark.sign} " for mark in marks_of(relation.assertion))
    return f"{signs}{relation.label} {relation.score:.2f}"


def _width(words: str) -> float:
    return len(words) * _CHARACTER * _SMALL_LETTER


def _levels(spans: Sequence[tuple[float, float]]) -> list[int]:
    """How high each arc goes, short ones lowest, so that no two lie on each other."""
    taken: list[list[tuple[float, float]]] = []
    levels = [0] * len(spans)
    # Short arcs first, so that long ones go over them and not the other way round.
    for number in sorted(range(len(spans)), key=lambda n: spans[n][1] - spans[n][0]):
        left, right = spans[number]
        level = 0
        while level < len(taken) and any(a < right and left < b for a, b in taken[level]):
            level += 1
        if level == len(taken):
            taken.append([])
        taken[level].append((left, right))
        levels[number] = level
    return levels


def _arc(relation: Relation, left: _Box, right: _Box, top: float, level: int) -> tuple[str, str]:
    """The line of a relation, and its words."""
    acting = {left.concept_id: "end", right.concept_id: "start"}.get(relation.subject or "")
    arrow = f' marker-{acting}="url(#biopipe-acts)"' if acting and left is not right else ""
    height = top - (level + 1) * _LEVEL + _LEVEL / 2
    start, end = left.middle, right.middle
    # A concept related to itself: a loop needs two feet.
    if left is right:
        start, end = start - 8, end + 8
    words = _words(relation)
    dashes = ' stroke-dasharray="4 3"' if relation.assertion else ""
    told = ", ".join([_sentence(relation), *(mark.words for mark in marks_of(relation.assertion))])
    title = f"<title>{escape(told)}</title>"
    middle = (start + end) / 2
    width = _width(words)
    line = (
        f"<g>{title}"
        f'<path d="M{start:.1f},{top:.1f} C{start:.1f},{height:.1f} {start:.1f},{height:.1f} '
        f"{start + min(12, (end - start) / 2):.1f},{height:.1f} "
        f"L{end - min(12, (end - start) / 2):.1f},{height:.1f} C{end:.1f},{height:.1f} "
        f'{end:.1f},{height:.1f} {end:.1f},{top:.1f}" fill="none" stroke="#5b6470" '
        f'stroke-width="1.5"{dashes}{arrow}/></g>'
    )
    # Above the line: of a short arc the words are wider than the arc.
    label = (
        f"<g>{title}"
        f'<rect x="{middle - width / 2:.1f}" y="{height - 14:.1f}" width="{width:.1f}" height="13" '
        f'fill="#ffffff"/>'
        f'<text x="{middle:.1f}" y="{height - 4:.1f}" text-anchor="middle" font-size="11" '
        f'fill="{INK}">{escape(words)}</text></g>'
    )
    return line, label


def _sentence(relation: Relation) -> str:
    head = relation.head_name or relation.head
    tail = relation.tail_name or relation.tail
    novel = {True: ", novel", False: ", not novel", None: ""}[relation.novel]
    subject = {relation.head: head, relation.tail: tail}.get(relation.subject or "")
    acts = f", {subject} acts" if subject else ""
    return (
        f"{head} ({relation.head}), {relation.label}, {tail} ({relation.tail}): "
        f"{relation.score:.2f}{novel}{acts}"
    )


def _shape(box: _Box, top: float) -> str:
    colour = label_colour(box.label)
    return (
        f"<g><title>{escape(f'{box.label} {box.concept_id}')}</title>"
        f'<rect x="{box.left:.1f}" y="{top:.1f}" width="{box.width:.1f}" height="{_BOX}" rx="5" '
        f'fill="{colour.fill}" stroke="{colour.line}"/>'
        f'<text x="{box.middle:.1f}" y="{top + 16:.1f}" text-anchor="middle" '
        f'fill="{INK}">{escape(box.name)}</text></g>'
    )
