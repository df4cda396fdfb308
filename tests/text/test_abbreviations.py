"""Definitions of abbreviations, their offsets, and texts made to be slow."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from biopipe.document import Document
from biopipe.text.abbreviations import AbbreviationFinder, find_abbreviations


def pairs(text: str) -> list[tuple[str, str]]:
    return [
        (text[a.start : a.end], text[a.long_start : a.long_end]) for a in find_abbreviations(text)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We gave tumor necrosis factor (TNF) twice.", [("TNF", "tumor necrosis factor")]),
        ("The TNF (tumor necrosis factor) level rose.", [("TNF", "tumor necrosis factor")]),
        ("An odds (95% confidence interval [CI], 3.1 to 8.1).", [("CI", "confidence interval")]),
        (
            "HIF-1beta (arylhydrocarbon receptor nuclear translocator, ARNT) fell.",
            [("ARNT", "arylhydrocarbon receptor nuclear translocator")],
        ),
        ("prostaglandin E(2) (PGE(2)) rose", [("PGE(2)", "prostaglandin E(2)")]),
        (
            "the forced expiratory volume in 1 s (FEV1)",
            [("FEV1", "forced expiratory volume in 1 s")],
        ),
        ("levels of triiodothyronine (T3) were low", [("T3", "triiodothyronine")]),
        ("treated with 2,6-diaminopurine (DAP)", [("DAP", "2,6-diaminopurine")]),
        ("with multiple myelomas (MM) at entry", [("MM", "multiple myelomas")]),
        (
            "norepinephrine (NE), and epinephrine (E)",
            [("NE", "norepinephrine"), ("E", "epinephrine")],
        ),
        ("acute kidney injury (AKI; stage 2)", [("AKI", "acute kidney injury")]),
        ('the "astigmatic intensity equation" (AIE)', [("AIE", "astigmatic intensity equation")]),
    ],
)
def test_definitions(text: str, expected: list[tuple[str, str]]) -> None:
    assert pairs(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "We saw a fall (P < 0.05) of pressure.",
        "In pigs and mice (mean 4 mg) we saw none.",
        "Patients improved (i.e. in ten patients).",
        "A trial of many patients (see Table 2).",
        "Patients in phase III trials of interferon (III) met.",
        "The end of it. Another disease (ABC) came.",
        "control (and)",
        "TNF (TNF)",
        "",
        "((((",
        "))))",
    ],
)
def test_other_brackets_define_nothing(text: str) -> None:
    assert pairs(text) == []


def test_a_long_form_does_not_reach_over_a_sentence_or_another_definition() -> None:
    text = "Necrosis was seen. Factors of interferon (IFN) and lymphotoxin (NFL)."
    assert pairs(text) == [("IFN", "interferon")]


WORDS = st.sampled_from(
    [
        "tumor",
        "Necrosis",
        "factor",
        "of",
        "the",
        "TNF",
        "(TNF)",
        "(",
        ")",
        "[NF]",
        "(a, b)",
        "ß-x",
        "İ",
        ". ",
        "; ",
        "(T-N)",
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.lists(WORDS, max_size=20).map(" ".join),
        st.text(alphabet="aAbB ()[].,;-1İ\n", max_size=60),
    )
)
@example("İstanbul nuclear factor (İNF)")
def test_offsets_lie_in_the_text_and_spans_are_trimmed(text: str) -> None:
    found = find_abbreviations(text)
    for a in found:
        assert 0 <= a.start < a.end <= len(text)
        assert 0 <= a.long_start < a.long_end <= len(text)
        assert a.long_end <= a.start or a.end <= a.long_start
        for span in (text[a.start : a.end], text[a.long_start : a.long_end]):
            assert span == span.strip()
    assert [a.start for a in found] == sorted({a.start for a in found})


@pytest.mark.parametrize(
    "text",
    [
        '"(" * 300_000',
        '"()" * 150_000',
        '("aaaa " * 50 + "(aaaaaaaaAa) ") * 1100',
        '"[(" * 80_000 + ")]" * 80_000',
    ],
)
def test_work_grows_with_the_text_alone(text: str, run_limited: Callable[[str], None]) -> None:
    run_limited(f"from biopipe.text.abbreviations import find_abbreviations as f; f({text})")


def test_the_predictor_keeps_all_else() -> None:
    documents = [
        Document("1", "tumor necrosis factor (TNF)", meta={"year": "2020"}),
        Document("2", "none"),
    ]
    first, second = AbbreviationFinder().predict(documents)
    assert (first.id, first.text, first.meta) == (
        documents[0].id,
        documents[0].text,
        {"year": "2020"},
    )
    assert [(a.start, a.end) for a in first.abbreviations] == [(23, 26)]
    assert second == replace(documents[1], abbreviations=())
