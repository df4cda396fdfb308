"""Diseases that a text says a drug brought about are linked to the concepts of these."""

from pathlib import Path

import pytest

from biopipe.document import Document, Mention
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept
from biopipe.linking.linker import Linker
from biopipe.text.abbreviations import AbbreviationFinder


@pytest.fixture(scope="module")
def linker(tmp_path_factory: pytest.TempPathFactory) -> Linker:
    concepts = [
        Concept("D:1", "Dyskinesias", types=("Disease",), synonyms=("dyskinesia",)),
        Concept("D:2", "Dyskinesia, Drug-Induced", types=("Disease",)),
        Concept("D:3", "Psychotic Disorders", types=("Disease",), synonyms=("psychosis",)),
        Concept("D:4", "Psychoses, Substance-Induced", types=("Disease",)),
        Concept("D:5", "Anaemia", types=("Disease",)),
    ]
    path = tmp_path_factory.mktemp("kb") / "causes"
    compile_kb(concepts, path, name="causes", version="1", licence="CC0", sources={})
    return Linker(KnowledgeBase.open(path))


def linked(linker: Linker, text: str, *surfaces: tuple[str, str]) -> list[str]:
    """The likeliest concept of each disease of a text whose mentions are the surfaces, each found
    after the one before.
    """
    mentions, place = [], 0
    for surface, label in surfaces:
        place = text.index(surface, place)
        mentions.append(Mention(place, place + len(surface), label))
        place += len(surface)
    (found,) = linker.predict(AbbreviationFinder().predict([Document("1", text, tuple(mentions))]))
    return [m.candidates[0].concept_id for m in found.mentions if m.label == "Disease"]


@pytest.mark.parametrize(
    ("text", "surfaces", "concepts"),
    [
        ("We saw dyskinesia.", [("dyskinesia", "Disease")], ["D:1"]),
        (
            "L-DOPA-induced dyskinesia and dyskinesia.",
            [("L-DOPA", "Chemical"), ("dyskinesia", "Disease"), ("dyskinesia", "Disease")],
            ["D:2", "D:1"],
        ),
        (
            "Fooamine-induced dyskinesias (FID); FID was mild. Fooamine is new.",
            [
                ("dyskinesias", "Disease"),
                ("FID", "Disease"),
                ("FID", "Disease"),
                ("Fooamine", "Chemical"),
            ],
            ["D:2", "D:2", "D:2"],
        ),
        (
            "foo- and valproic acid-induced psychosis",
            [("valproic acid", "Chemical"), ("psychosis", "Disease")],
            ["D:4"],
        ),
        ("drug-induced dyskinesia", [("dyskinesia", "Disease")], ["D:2"]),
        ("haloperidol-induced dyskinesia", [("dyskinesia", "Disease")], ["D:2"]),
        (
            "Haloperidol-induced dyskinesia",
            [("Haloperidol-induced dyskinesia", "Disease")],
            ["D:2"],
        ),
        # No base has the anaemia of drugs, no drug is said, and alcohol is none.
        ("Drug-induced anaemia", [("anaemia", "Disease")], ["D:5"]),
        ("stress-induced dyskinesia", [("dyskinesia", "Disease")], ["D:1"]),
        (
            "alcohol-induced psychosis",
            [("alcohol", "Chemical"), ("psychosis", "Disease")],
            ["D:3"],
        ),
        # A verb, and another line.
        ("Levodopa induced dyskinesia", [("dyskinesia", "Disease")], ["D:1"]),
        ("Levodopa-induced\ndyskinesia", [("dyskinesia", "Disease")], ["D:1"]),
    ],
)
def test_what_a_drug_brought_about_is_its_own_concept(
    linker: Linker, text: str, surfaces: list[tuple[str, str]], concepts: list[str]
) -> None:
    assert linked(linker, text, *surfaces) == concepts


def test_an_own_name_goes_before_that_of_the_class(tmp_path: Path) -> None:
    path = tmp_path / "own"
    concepts = [
        Concept("D:1", "Thrombocytopenia", types=("Disease",)),
        Concept("D:2", "Drug-Induced Thrombocytopenia", types=("Disease",)),
        Concept("D:3", "Heparin-Induced Thrombocytopenia", types=("Disease",)),
    ]
    compile_kb(concepts, path, name="own", version="1", licence="CC0", sources={})
    linker = Linker(KnowledgeBase.open(path))
    text = "Heparin-induced thrombocytopenia, quinine-induced thrombocytopenia"
    surfaces = [
        ("Heparin-induced thrombocytopenia", "Disease"),
        ("quinine-induced thrombocytopenia", "Disease"),
    ]
    assert linked(linker, text, *surfaces) == ["D:3", "D:2"]
