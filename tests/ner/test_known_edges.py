import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.document import Document, Mention
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept
from biopipe.ner.known_edges import join_known_names, part_known_names, whole_known_names
from biopipe.ner.tagger import Tagger

NAMES = (
    "cough", "asthma", "gout", "COVID", "coronavirus disease 2019", "MI", "stroke", "fever",
    "breast cancer", "chronic obstructive\npulmonary disease", "absence of speech", "aspirin",
    "metformin",
)  # fmt: skip


def find_names(text: str, label: str) -> list[tuple[int, int]]:
    """The names in a text, the longest where they overlap; all are diseases."""
    if label != "Disease":
        return []
    any_name = "|".join(sorted(map(re.escape, NAMES), key=len, reverse=True))
    return [match.span() for match in re.finditer(rf"\b(?:{any_name})\b", text, re.IGNORECASE)]


def parts(text: str, surface: str) -> list[str]:
    start = text.index(surface)
    mentions = part_known_names(text, [Mention(start, start + len(surface), "Disease")], find_names)
    return [text[m.start : m.end] for m in mentions]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cough\nasthma\ngout", ["cough", "asthma", "gout"]),
        ("Fever\r\n stroke", ["Fever", "stroke"]),
        ("aspirin\nmetformin", ["aspirin", "metformin"]),
        ("chronic obstructive\npulmonary disease", ["chronic obstructive\npulmonary disease"]),
        ("severe familial\nbreast cancer", ["severe familial\nbreast cancer"]),
        ("MI 2010", ["MI"]),
        ("stroke, 1998", ["stroke"]),
        ("COVID 2019", ["COVID"]),
        ("coronavirus disease 2019", ["coronavirus disease 2019"]),
        ("H1N1 2009", ["H1N1 2009"]),
        ("stroke 3020", ["stroke 3020"]),
        ("Absence of cough", ["cough"]),
        ("lack of any fever", ["fever"]),
        ("Absence of speech", ["Absence of speech"]),
        ("absence of the uterus", ["absence of the uterus"]),
        ("absence of gout\nstroke 2010", ["gout", "stroke"]),
        ("severe COVID", ["COVID"]),
        ("Mild to moderate asthma", ["asthma"]),
        ("recurrent, severe gout 2010", ["gout"]),
        ("severe familial cough", ["severe familial cough"]),
        ("severity", ["severity"]),
    ],
)
def test_a_mention_of_a_name_and_more_is_the_name(text: str, expected: list[str]) -> None:
    assert parts(f"Has {text}.", text) == expected


def test_names_of_another_label_tell_nothing() -> None:
    text = "absence of aspirin"
    mention = Mention(0, len(text), "Chemical")
    assert part_known_names(text, [mention], find_names) == [mention]


def test_wrapped_lines_are_one() -> None:
    text = "In this cohort of patients most had a history of breast cancer\nstroke was rare."
    assert parts(text, "breast cancer\nstroke") == ["breast cancer\nstroke"]
    listed = "Problems:\nbreast cancer\nstroke"
    assert parts(listed, "breast cancer\nstroke") == ["breast cancer", "stroke"]


@given(st.lists(st.sampled_from([*NAMES, "of", "absence of", "2010", "\n", "odd"])))
def test_parts_are_disjoint_and_within_the_mention(words: list[str]) -> None:
    text = " ".join(words).strip()
    if not text:
        return
    mention = Mention(0, len(text), "Disease", 0.5, sources=("m",))
    spans = [(m.start, m.end) for m in part_known_names(text, [mention], find_names)]
    assert spans
    assert all(start < end <= len(text) for start, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))


def whole(text: str, *surfaces: str, label: str = "Disease") -> list[str]:
    mentions = [
        Mention(text.index(surface), text.index(surface) + len(surface), label)
        for surface in surfaces
    ]
    spans = {label: find_names(text, label)}
    return [text[m.start : m.end] for m in whole_known_names(text, mentions, spans, find_names)]


@pytest.mark.parametrize(
    ("surfaces", "expected"),
    [
        (["2019"], ["coronavirus disease 2019"]),
        (["disease 2019"], ["coronavirus disease 2019"]),
        (["coronavirus disease 2019"], ["coronavirus disease 2019"]),
        # Two mentions in one name, and one that goes on behind it, stay.
        (["coronavirus", "2019"], ["coronavirus", "2019"]),
        (["2019 and cough"], ["2019 and cough"]),
        # A name within a longer one is meant by itself.
        (["cough"], ["cough"]),
    ],
)
def test_a_part_of_a_name_is_the_name(surfaces: list[str], expected: list[str]) -> None:
    assert whole("Had coronavirus disease 2019 and cough.", *surfaces) == expected


def test_a_name_within_a_name_stays() -> None:
    text = "breast cancer"
    mention = Mention(7, 13, "Disease")

    def find(surface: str, label: str) -> list[tuple[int, int]]:
        return [(0, len(surface))]

    assert whole_known_names(text, [mention], {"Disease": [(0, 13)]}, find) == [mention]


def test_names_that_grow_do_not_run_into_each_other() -> None:
    text = "one two three four five"
    mentions = [Mention(0, 3, "Gene"), Mention(19, 23, "Disease")]
    spans = {"Gene": [(0, 13)], "Disease": [(8, 23)]}
    assert [m.end - m.start for m in whole_known_names(text, mentions, spans, lambda *_: [])] == [
        13,
        4,
    ]


@pytest.mark.parametrize(
    ("text", "parts", "expected"),
    [
        ("iron deficiency anaemia", ["iron deficiency", "anaemia"], ["iron deficiency anaemia"]),
        ("iron deficiency  anaemia", ["iron", "deficiency", "anaemia"], None),
        ("iron deficiency, anaemia", ["iron deficiency", "anaemia"], None),
        ("iron deficiency anaemia", ["deficiency", "anaemia"], None),
    ],
)
def test_neighbours_that_make_up_a_name_are_one(
    text: str, parts: list[str], expected: list[str] | None
) -> None:
    mentions, start = [], 0
    for number, part in enumerate(parts):
        start = text.index(part, start)
        mentions.append(Mention(start, start + len(part), "Disease", score=0.9 - number / 10))
    name = (0, len("iron deficiency anaemia"))
    whole = join_known_names(text, mentions, {"Disease": [name]})
    assert [text[m.start : m.end] for m in whole] == (expected or parts)
    if expected:
        assert whole[0].score == pytest.approx(0.8)
        others = [replace(mention, label="Gene") for mention in mentions]
        assert join_known_names(text, others, {"Disease": [name]}) == others


def test_half_of_a_bracket_is_no_name() -> None:
    mention = Mention(4, 11, "Chemical")
    spans = {"Chemical": [(1, 11)]}
    assert whole_known_names("(3)H-leucine", [mention], spans, lambda *_: []) == [mention]


def test_people_are_named_without_what_sets_them_apart() -> None:
    mention = Mention(9, 14, "Species")
    spans = {"Species": [(0, 14)]}
    assert whole_known_names("pregnant women", [mention], spans, lambda *_: []) == [mention]


@pytest.mark.parametrize(
    ("names", "threshold", "found"),
    [
        (["depression", "treatment-resistant depression"], None, True),
        (["depression", "treatment-resistant depression"], 0.9, True),
        (["depression", "treatment-resistant depression"], 0.9999, False),
        (["anaemia", "treatment-resistant depression"], None, False),
    ],
)
def test_a_name_stays_whose_edges_alone_are_unsure(
    tmp_path: Path, names: list[str], threshold: float | None, found: bool
) -> None:
    concepts = [Concept(f"D:{name}", name, types=("Disease",)) for name in names]
    compile_kb(concepts, tmp_path / "kb", name="d", version="1", licence="", sources={})
    text = "Esketamine helps in treatment-resistant depression."
    tagger = Tagger(threshold=threshold, kb=[tmp_path / "kb"])
    (read,) = tagger.predict([Document("1", text)])
    diseases = [m for m in read.mentions if m.label == "Disease"]
    assert [text[m.start : m.end] for m in diseases] == ["depression"] * found
    # It says how unsure its edges are.
    assert all(mention.score < tagger.thresholds["Disease"] for mention in diseases)
