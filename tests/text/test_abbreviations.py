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
        ("interleukin 1 beta (IL-1β)", [("IL-1β", "interleukin 1 beta")]),
        ("interleukin-1β (IL-1beta)", [("IL-1beta", "interleukin-1β")]),
        ("retinoic acid receptor γ (RARγ)", [("RARγ", "retinoic acid receptor γ")]),
        ("hypoxia-inducible factor 1α (HIF-1α)", [("HIF-1α", "hypoxia-inducible factor 1α")]),
        ("β-galactosidase (BGAL)", [("BGAL", "β-galactosidase")]),
        ("γ-interferon (IFN-γ)", [("IFN-γ", "γ-interferon")]),
        ("the IL-6Rα (interleukin 6 receptor alpha)", [("IL-6Rα", "interleukin 6 receptor alpha")]),
        ("sodium chloride (NaCl)", [("NaCl", "sodium chloride")]),
        ("potassium permanganate (KMnO4)", []),
        ("silver nitrate (AgNO3)", [("AgNO3", "silver nitrate")]),
        ("adrenalectomized (ADX) rats", [("ADX", "adrenalectomized")]),
        ("oesophageal varices (EV)", [("EV", "oesophageal varices")]),
        (
            "carcinoembryonic antigen (CEA/CEACAM5)",
            [("CEA", "carcinoembryonic antigen"), ("CEACAM5", "carcinoembryonic antigen")],
        ),
        ("chronic kidney disease (also called CKD)", [("CKD", "chronic kidney disease")]),
        ("chronic kidney disease (hereafter, CKD)", [("CKD", "chronic kidney disease")]),
        ("chronic kidney disease (or CKD)", [("CKD", "chronic kidney disease")]),
        ("chronic kidney disease (i.e., CKD)", [("CKD", "chronic kidney disease")]),
        (
            "N-(4-hydroxyphenyl) retinamide (HPR) rose",
            [("HPR", "N-(4-hydroxyphenyl) retinamide")],
        ),
        ("of (+)-[3H]-pentazocine (PTZ)", [("PTZ", "(+)-[3H]-pentazocine")]),
        ("the 15-item depression scale (DS-15)", [("DS-15", "15-item depression scale")]),
        (
            "chlorophyll b binding protein (chl b BP)",
            [("chl b BP", "chlorophyll b binding protein")],
        ),
        ("the odds ratio (OR = 2.1)", [("OR", "odds ratio")]),
        ("α-smooth muscle actin (α-SMA)", [("α-SMA", "α-smooth muscle actin")]),
        ("lithium hydroxide (LiOH)", [("LiOH", "lithium hydroxide")]),
        ("sulphuric acid (H2SO4)", [("H2SO4", "sulphuric acid")]),
        (
            "interleukin 2 receptor (IL2R/CD25/TAC)",
            [(name, "interleukin 2 receptor") for name in ("IL2R", "CD25", "TAC")],
        ),
        (
            "gas chromatography-tandem mass spectrometry (GC-MS/MS)",
            [("GC-MS/MS", "gas chromatography-tandem mass spectrometry")],
        ),
        ("of cyclosporin (CsA) and estriol (E3)", [("CsA", "cyclosporin"), ("E3", "estriol")]),
        ("17 beta-estradiol (E2) fell", [("E2", "17 beta-estradiol")]),
        ("the skin temperature (Ts) rose", [("Ts", "skin temperature")]),
        ("an inward potassium current (IK)", [("IK", "potassium current")]),
        ("affinity constants (Ka)", [("Ka", "affinity constants")]),
        ("corrected QT (QTc)", [("QTc", "corrected QT")]),
        (
            "neural adhesion molecule K2 (K2NAM)",
            [("K2NAM", "neural adhesion molecule K2")],
        ),
        ("myotonic dystrophy (DM)", [("DM", "myotonic dystrophy")]),
        ("left bundle block (LBB-II)", [("LBB-II", "left bundle block")]),
        (
            "the free intracellular Ca2+ concentration ([Ca2+]i)",
            [("[Ca2+]i", "free intracellular Ca2+ concentration")],
        ),
        ("plasma glucose levels ([Glc])", [("[Glc]", "glucose levels")]),
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
        "a rare occurrence (OR = 2.1)",
        "ions of calcium (Ca2+)",
        "an esterase (EC 3.1.1.1)",
        "the complex compound (3c)",
        "by persons (BP)",
        "L1 (L1CAM) and pH (pHi)",
        "of the patients (P = 0.01)",
        "a current (Ix) and constants (Kb)",
        "a level ([3H]) and the control level ([12])",
        "oxygen (E2), neurotensin (5-HT)",
        "two large groups (LT)",
        "SOD1, a second SOD gene (SOD2)",
        "a fall (or rise) and the rest (the other)",
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


@settings(max_examples=300)
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
