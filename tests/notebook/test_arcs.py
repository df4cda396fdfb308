from dataclasses import replace
from xml.etree import ElementTree

from biopipe.document import Candidate, Document, Mention, Relation
from biopipe.notebook.arcs import MOST_RELATIONS, draw_relations

NAMESPACE = "{http://www.w3.org/2000/svg}"
TEXT = "Iron & copper cause <disease>."
DOCUMENT = Document(
    "1",
    TEXT,
    (
        Mention(
            0, 4, "Chemical", concept_ids=("A:1",), candidates=(Candidate("A:1", "Fe<2>", 1.0),)
        ),
        Mention(7, 13, "Chemical", concept_ids=("A:2",)),
        Mention(20, 29, "Disease", concept_ids=("B:1",)),
    ),
    (
        Relation("A:1", "B:1", "Cause", 0.75, assertion=frozenset({"negated"})),
        Relation("B:1", "A:2", "Bind & go", 0.5, subject="B:1"),
        Relation("A:1", "Z:9", "Cause", 0.25, tail_name="elsewhere"),
        Relation("A:2", "A:2", "Self", 0.1),
    ),
)


def texts(svg: str) -> list[str]:
    root = ElementTree.fromstring(svg)
    return [element.text or "" for element in root.iter(f"{NAMESPACE}text")]


def test_concepts_stand_in_a_row_with_words_on_every_arc() -> None:
    assert texts(draw_relations(DOCUMENT)) == [
        "¬ Cause 0.75",
        "Bind & go 0.50",
        "Cause 0.25",
        "Self 0.10",
        "Fe<2>",
        "copper",
        "<disease>",
        "elsewhere",
    ]


def test_an_arrow_leads_to_the_end_that_is_acted_on() -> None:
    root = ElementTree.fromstring(draw_relations(DOCUMENT))
    arrows = [
        name
        for path in root.iter(f"{NAMESPACE}path")
        for name in path.attrib
        if name.startswith("marker")
    ]
    # Copper stands left of the disease, which acts on it.
    assert arrows == ["marker-start"]
    assert "B:1 acts" in "".join(title.text or "" for title in root.iter(f"{NAMESPACE}title"))


def test_words_of_arcs_do_not_lie_on_each_other() -> None:
    root = ElementTree.fromstring(draw_relations(DOCUMENT))
    boxes = [
        tuple(float(box.attrib[name]) for name in ("x", "y", "width", "height"))
        for box in root.iter(f"{NAMESPACE}rect")
        if box.attrib["fill"] == "#ffffff"
    ]
    for number, (x, y, width, height) in enumerate(boxes):
        for left, top, wide, high in boxes[number + 1 :]:
            apart = x + width <= left or left + wide <= x or y + height <= top or top + high <= y
            assert apart


def test_the_best_scored_are_drawn_and_none_is_nothing() -> None:
    many = tuple(Relation("A:1", f"Z:{n}", "Cause", n / 100) for n in range(100))
    drawn = texts(draw_relations(replace(DOCUMENT, relations=many)))
    assert sum(text.startswith("Cause") for text in drawn) == MOST_RELATIONS
    assert "Cause 0.99" in drawn
    assert draw_relations(replace(DOCUMENT, relations=())) == ""
