from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.document import Mention
from biopipe.ner.edges import trim_boundaries


def names(text: str, *mentions: Mention) -> list[str]:
    return [text[m.start : m.end] for m in trim_boundaries(text, mentions)]


def of(text: str, *parts: str, label: str = "Gene") -> list[Mention]:
    """A mention for each part, one after the other."""
    mentions, start = [], 0
    for number, part in enumerate(parts):
        start = text.index(part, start)
        mentions.append(Mention(start, start + len(part), label, score=0.9 - number / 10))
        start += len(part)
    return mentions


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        ("MSSA)", ["MSSA"]),
        ("[(3)H", ["(3)H"]),
        ("hemolytic anemia (1", ["hemolytic anemia (1"]),
        ("MMP-", ["MMP"]),
        ("4-DAMP (", ["4-DAMP"]),
        ("deletion/ATT;", ["deletion/ATT"]),
        ("CaCl(2))", ["CaCl(2)"]),
        ("(", []),
        ("👨\u200d👩 cough", ["cough"]),
        ("asthma 😷", ["asthma"]),
        ("RNA polymerase of", ["RNA polymerase"]),
        ("cough and (", ["cough"]),
        ("heart failure, in", ["heart failure"]),
        ("protein kinase a", ["protein kinase a"]),
        ("of", ["of"]),
        ("-141Cins>del", ["-141Cins>del"]),
        ("Ca(2+)", ["Ca(2+)"]),
        ("Na+", ["Na+"]),
        ("[D-Ser2]-[Leu]enkephalin-Thr", ["[D-Ser2]-[Leu]enkephalin-Thr"]),
        ("5'-deoxy-5'-(methylthio)adenosine", ["5'-deoxy-5'-(methylthio)adenosine"]),
        ("S. aureus", ["S. aureus"]),
        ("MIS-C.", ["MIS-C"]),
        ("COPD.", ["COPD"]),
        ("IL-2.", ["IL-2"]),
        ("Crocus sativus L.", ["Crocus sativus L."]),
        ("Nocardioides sp. nov.", ["Nocardioides sp. nov."]),
        ("-rash", ["rash"]),
        ("+SOB", ["SOB"]),
    ],
)
def test_stray_signs_at_the_edges_go(found: str, kept: list[str]) -> None:
    text = f"of {found} in"
    assert names(text, *of(text, found)) == kept


def test_a_variant_may_begin_with_its_sign() -> None:
    assert names("a -AAGC b", *of("a -AAGC b", "-AAGC", label="Variant")) == ["-AAGC"]


def test_a_mention_ends_with_its_sentence_and_before_a_shorthand() -> None:
    text = "No CP. Tolerating"
    assert names(text, *of(text, "CP. Tolerating")) == ["CP", "Tolerating"]
    for whole in ("St. John's wort", "E. coli O157", "Dr. Down"):
        assert names(whole, *of(whole, whole)) == [whole]
    assert names("HCV s/p cure", *of("HCV s/p cure", "HCV s")) == ["HCV"]
    assert names("Annexin V/PI", *of("Annexin V/PI", "Annexin V")) == ["Annexin V"]


def test_an_amount_takes_in_its_last_number_whole() -> None:
    text = "a mass of 2.3 x 1.8 cm"
    assert names(text, *of(text, "2.3 x 1", label="Value")) == ["2.3 x 1.8 cm"]
    assert names("INR 2.5, up", *of("INR 2.5, up", "2", label="Value")) == ["2.5"]
    assert names("INR 2.5 to 3", *of("INR 2.5 to 3", "2", label="Value")) == ["2.5"]
    assert names("gave 1.5 mg/kg", *of("gave 1.5 mg/kg", "1", label="Dosage")) == ["1.5 mg/kg"]
    assert names("BRCA1.12 We", *of("BRCA1.12 We", "BRCA1")) == ["BRCA1"]
    assert names("gave 5. He", *of("gave 5. He", "5", label="Dosage")) == ["5"]


def test_parts_that_share_brackets_are_one_mention() -> None:
    text = "hypoxia-inducible factor (HIF)-1a rose"
    (whole,) = trim_boundaries(text, of(text, "hypoxia-inducible factor (", "HIF)-1a"))
    assert (text[whole.start : whole.end], whole.score) == (
        "hypoxia-inducible factor (HIF)-1a",
        0.8,
    )


def test_a_bracket_that_closes_one_inside_is_taken_in() -> None:
    assert names("poly(ADP-ribose).", *of("poly(ADP-ribose).", "poly(ADP-ribose")) == [
        "poly(ADP-ribose)"
    ]
    assert names("substance P (SP)", *of("substance P (SP)", "substance P (SP")) == [
        "substance P (SP"
    ]
    assert names("(poly) a", *of("(poly) a", "poly")) == ["poly"]
    assert names("[3H]", *of("[3H]", "[3H")) == ["3H"]
    assert names("a (1) b", *of("a (1) b", "a (")) == ["a"]
    assert names("a () b", *of("a () b", "a (")) == ["a"]


def test_parts_that_share_none_or_have_other_labels_stay_apart() -> None:
    text = "the factor ( HIF)-1a"
    gene, disease = of(text, "factor (", "HIF)-1a")[0], of(text, "HIF)-1a", label="Disease")[0]
    assert names(text, gene, disease) == ["factor", "HIF)-1a"]
    apart = "factor (a) HIF)-1a"
    assert names(apart, *of(apart, "factor (", "HIF)-1a")) == ["factor", "HIF)-1a"]
    assert names("IL-4/IL-13", *of("IL-4/IL-13", "IL-4", "IL-13")) == ["IL-4", "IL-13"]


@given(st.text("a1 -()[]/.,;'+", min_size=1, max_size=20), st.data())
def test_what_is_left_lies_within_and_has_nothing_more_to_lose(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    mention = Mention(start, data.draw(st.integers(start + 1, len(text))), "Gene")
    # The one character that a mention may gain is the bracket that closes its own: "1(1" of "1(1)".
    closed = text[mention.end : mention.end + 1] in {")", "]"}
    for kept in trim_boundaries(text, [mention]):
        assert mention.start <= kept.start < kept.end <= mention.end + closed
        assert trim_boundaries(text, [kept]) == [kept]


@pytest.mark.parametrize("signs", ["(", ")", "-", ".", "([", "😀", "(a"])
def test_a_mention_of_thousands_of_signs_takes_no_longer_than_its_length(
    run_limited: Callable[[str], None], signs: str
) -> None:
    run_limited(f"""
from biopipe.document import Mention
from biopipe.ner.edges import trim_boundaries
text = {signs!r} * 100_000 + "x"
trim_boundaries(text, [Mention(0, len(text), "Gene"), Mention(1, len(text) - 1, "Disease")])
""")


@pytest.mark.parametrize(
    ("text", "found", "label", "kept"),
    [
        ("Mrs. Doe is well", "Doe", "Disease", []),
        ("Dr Parkinson wrote", "Parkinson", "Disease", []),
        ("and Ms. Rett came", "Ms", "Disease", []),
        ("and Mrs Rett came", "Mrs", "Test", []),
        ("MS. Patients came", "MS", "Disease", ["MS"]),
        ("Parkinson disease", "Parkinson disease", "Disease", ["Parkinson disease"]),
        ("in ADr ABC mice", "ABC", "Gene", ["ABC"]),
        ("Dr. asthma", "asthma", "Disease", ["asthma"]),
        ("1. aspirin\n2. metformin", "2", "Species", []),
        ("2. metformin 10 mg", "10", "Value", ["10"]),
        ("293 cells", "293", "CellLine", ["293"]),
        ("Kv1.2", "2", "Variant", ["2"]),
    ],
)
def test_persons_and_numbers_of_lists_are_no_names(
    text: str, found: str, label: str, kept: list[str]
) -> None:
    assert names(text, *of(text, found, label=label)) == kept
