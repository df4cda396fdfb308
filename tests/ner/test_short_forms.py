"""Short forms have the labels of their long forms."""

import re

import pytest

from biopipe.document import Abbreviation, Mention
from biopipe.ner.short_forms import propagate_abbreviation_labels
from biopipe.text.abbreviations import find_abbreviations

TEXT = "Atrial fibrillation (AF) and AF-related stroke; AFs, LAF and chronic AF disease. AF."


def mention(surface: str, label: str, score: float, place: int = 0) -> Mention:
    start = TEXT.index(surface, place)
    return Mention(start, start + len(surface), label, score, sources=("t",))


def labelled(*mentions: Mention) -> list[tuple[str, int, str, float]]:
    found = propagate_abbreviation_labels(TEXT, mentions, find_abbreviations(TEXT))
    assert [m.start for m in found] == sorted(m.start for m in found)
    assert all("|".join(m.sources) == "t" for m in found)
    return [(TEXT[m.start : m.end], m.start, m.label, m.score) for m in found]


LONG = ("Atrial fibrillation", 0)
PLACES = [TEXT.index(at) for at in ("AF)", "AF-", "AF disease", "AF.")]


def test_every_occurrence_becomes_a_mention() -> None:
    assert labelled(mention("Atrial fibrillation", "Disease", 0.9)) == [
        (*LONG, "Disease", 0.9),
        *(("AF", place, "Disease", 0.9) for place in PLACES[:2]),
        *(("AF", place, "Disease", 0.9) for place in PLACES[2:]),
    ]


def test_not_inside_another_mention() -> None:
    found = labelled(
        mention("Atrial fibrillation", "Disease", 0.9),
        mention("chronic AF disease", "Disease", 0.6),
    )
    assert [(surface, start) for surface, start, _, _ in found] == [
        LONG,
        ("AF", PLACES[0]),
        ("AF", PLACES[1]),
        ("chronic AF disease", TEXT.index("chronic")),
        ("AF", PLACES[3]),
    ]


def test_labels_and_scores_of_both() -> None:
    last = mention("AF", "Gene", 0.8, PLACES[3])
    found = {
        start: (label, score)
        for _, start, label, score in labelled(mention(LONG[0], "Disease", 0.5), last)
    }
    assert found[PLACES[3]] == ("Disease", 0.5)
    found = {
        start: (label, score)
        for _, start, label, score in labelled(mention(LONG[0], "Disease", 0.3), last)
    }
    assert found[PLACES[3]] == ("Gene", 0.8), "a doubtful long form does not overrule"
    same = mention("AF", "Disease", 0.8, PLACES[3])
    found = {
        start: (label, score)
        for _, start, label, score in labelled(mention(LONG[0], "Disease", 0.3), same)
    }
    assert found[PLACES[3]] == ("Disease", 0.8)


def test_without_a_mention_of_the_long_form_nothing_changes() -> None:
    assert labelled(mention("AF", "Gene", 0.8)) == [("AF", PLACES[0], "Gene", 0.8)]
    assert labelled(mention("fibrillation (AF)", "Gene", 0.8)) == [
        ("fibrillation (AF)", TEXT.index("fib"), "Gene", 0.8)
    ]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("{MEN2} causes <type 2 neoplasia> (MEN2); {MEN2} gene", ["Disease", "Gene"]),
        ("{MEN2} mutations cause <type 2 neoplasia> (MEN2); exon 5 of {MEN2}", ["Gene", "Gene"]),
        ("{CF} mutations cause <cystic fibrosis> (CF); {CF} patients", ["Disease", "Disease"]),
    ],
)
def test_a_gene_that_the_text_calls_one_stays_one(text: str, labels: list[str]) -> None:
    plain = re.sub(r"[{}<>]", "", text)
    mentions, removed = [], 0
    for match in re.finditer(r"([{<])([^}>]*)[}>]", text):
        start = match.start() - removed
        label = "Gene" if match[1] == "{" else "Disease"
        mentions.append(Mention(start, start + len(match[2]), label, 0.9))
        removed += 2
    at = plain.index("(") + 1
    short, long = plain[at : plain.index(")")], mentions[1]
    abbreviation = Abbreviation(at, at + len(short), long.start, long.end)
    found = propagate_abbreviation_labels(plain, mentions, [abbreviation])
    places = [mentions[0].start, mentions[2].start]
    assert [m.label for m in found if m.start in places] == labels
