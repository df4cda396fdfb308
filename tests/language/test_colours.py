import configparser
import re
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from spacy.displacy.render import EntityRenderer
from spacy.util import registry

from biopipe.document.labels import ASSERTIONS, ENTITY_LABELS
from biopipe.language.colours import (
    INK,
    AssertionMark,
    assertion_marks,
    label_colour,
    label_colours,
    marks_of,
)


def luminance(colour: str) -> float:
    """Relative luminance of "#rrggbb" (WCAG 2.1)."""
    assert re.fullmatch(r"#[0-9a-f]{6}", colour)
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


LABELS = [*ENTITY_LABELS, *(f"Label{number}" for number in range(40))]


def test_each_label_of_the_models_has_colours_of_its_own() -> None:
    assert set(label_colours()) == set(ENTITY_LABELS)
    assert len({colour.fill for colour in label_colours().values()}) == len(ENTITY_LABELS)


@pytest.mark.parametrize("label", LABELS)
def test_text_is_readable(label: str) -> None:
    colour = label_colour(label)
    assert contrast(INK, colour.fill) >= 10
    assert contrast(colour.line, "#ffffff") >= 4.5
    assert contrast(colour.line, colour.fill) >= 3


def test_other_labels_keep_their_spare_colour() -> None:
    assert label_colour("Procedure") == label_colour("Procedure")
    assert len({label_colour(label).fill for label in LABELS}) == len(ENTITY_LABELS) + 5
    assert label_colour("\ud800").fill.startswith("#")


def test_each_assertion_has_a_sign() -> None:
    assert set(assertion_marks()) == set(ASSERTIONS)
    assert len({mark.sign for mark in assertion_marks().values()}) == len(ASSERTIONS)


def test_displacy_takes_the_colours_of_the_entry_point() -> None:
    names = configparser.ConfigParser()
    names.read(Path(__file__).parents[2] / "setup.cfg")
    value = names["options.entry_points"]["spacy_displacy_colors"].strip().partition(" = ")[2]
    colours = EntryPoint("biopipe", value, "spacy_displacy_colors").load()
    assert colours() == {label: colour.fill for label, colour in label_colours().items()}
    registry.displacy_colors.register("biopipe", func=colours)
    html = EntityRenderer().render_ents("BRCA1", [{"start": 0, "end": 5, "label": "Gene"}], "")
    assert label_colour("Gene").fill in html


def test_signs_come_in_the_order_of_the_table() -> None:
    assert [mark.sign for mark in marks_of({"possible", "negated"})] == ["¬", "?"]
    assert marks_of({"certain", "negated"})[-1] == AssertionMark("certain", "certain")
    assert marks_of(()) == []
