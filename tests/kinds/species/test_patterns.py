"""Abbreviated binomials as wholes, and lineages of SARS-CoV-2."""

import pytest

from biopipe.document import Mention
from biopipe.kinds.species.names import species_names
from biopipe.kinds.species.patterns import label_lineages, whole_binomials


def _species(text: str, *surfaces: str) -> list[Mention]:
    mentions, start = [], 0
    for surface in surfaces:
        start = text.index(surface, start)
        mentions.append(Mention(start, start + len(surface), "Species", 0.4, sources=("t",)))
        start += len(surface)
    return mentions


@pytest.mark.parametrize(
    ("text", "surfaces", "wholes"),
    [
        (
            "C. remanei, C. elegans and D. elegans",
            ["C"],
            ["C. remanei", "C. elegans", "D. elegans"],
        ),
        ("S. aureus was found", ["aureus"], ["S. aureus"]),
        ("the S. aureus strain N315", ["S. aureus strain N315"], ["S. aureus strain N315"]),
        ("S. aureus. P. falciparum was not", ["S. aureus"], ["S. aureus"]),
        ("J. smith saw mice", ["mice"], ["mice"]),
        ("the E. coli K-12 genome", ["E. coli K"], ["E. coli K-12"]),
        (
            "Bacillus cereus ATCC-10987 grew",
            ["Bacillus cereus ATCC"],
            ["Bacillus cereus ATCC-10987"],
        ),
        ("the E. coli K-deficient one", ["E. coli K"], ["E. coli K"]),
    ],
)
def test_wholes(text: str, surfaces: list[str], wholes: list[str]) -> None:
    labelled = whole_binomials(text, _species(text, *surfaces))
    assert [text[m.start : m.end] for m in labelled] == wholes


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SARS-CoV-2 Omicron BA.5 and XBB.1.16", ["Omicron BA.5", "XBB.1.16"]),
        ("COVID-19 of the Delta variant and Omicron", ["Delta", "Omicron"]),
        ("SARS-CoV-2 B.1.1.7 and interferon Beta; Delta was small", ["B.1.1.7"]),
        ("In version B.1.1.7 of the Delta variant", []),
    ],
)
def test_lineages(text: str, found: list[str]) -> None:
    labelled = label_lineages(text, [], source="t")
    assert [text[m.start : m.end] for m in labelled] == found
    for mention in labelled:
        assert "SARS-CoV-2" in species_names(text[mention.start : mention.end])


def test_a_part_of_a_lineage_becomes_the_whole() -> None:
    text = "SARS-CoV-2 Omicron BA.2.75"
    parts = _species(text, "Omicron", "BA")
    assert [text[m.start : m.end] for m in label_lineages(text, parts, source="s")] == [
        "Omicron BA.2.75"
    ]
    genes = [Mention(19, 26, "Gene")]
    assert label_lineages(text, genes, source="s") == genes


def test_other_mentions_stay() -> None:
    text = "SARS-CoV-2 BA.5"
    whole = [Mention(0, len(text), "Species")]
    assert label_lineages(text, whole, source="t") == whole
