"""When what has the form of a name is that name."""

import pytest

from biopipe.kb.prior import match_name
from biopipe.language.stop_words import common_words
from biopipe.ner.dictionary_rules import is_apart, is_name, is_shouted, name_score, widened

STOP_WORDS = common_words()


@pytest.mark.parametrize(
    ("surface", "name"),
    [
        ("BRCA1", "BRCA1"),
        ("Brca1", "BRCA1"),
        ("IL2", "IL-2"),
        ("TNF-α", "TNF-alpha"),
        ("TNFalpha", "TNF-α"),
        ("SNPs", "SNP"),
        ("mTOR", "MTOR"),
        ("ALL", "ALL"),
        ("SET", "SET"),
        ("5-HT(2A)", "5-HT2A"),
        ("poly I:C", "poly I-C"),
        ("breast cancers", "Breast Cancer"),
        ("BREAST CANCER", "breast cancer"),
        ("diabetes mellitus type 2", "Diabetes Mellitus, Type 2"),
        ("body weight", "Body Weight"),
        ("p53", "p53"),
    ],
)
def test_names(surface: str, name: str) -> None:
    assert is_name(surface, match_name(surface, name, "exact", 0), STOP_WORDS)


@pytest.mark.parametrize(
    ("surface", "name"),
    [
        ("was", "WAS"),
        ("All", "ALL"),
        ("at 1", "AT-1"),
        ("CAT", "cat"),
        ("role", "Role"),
        ("type 2", "Type II"),
        ("group A", "group a"),
        ("non", "NON"),
        ("predicts", "Predict"),
        ("sodium/iodide", "sodium iodide"),
        ("liver. Cancer", "liver cancer"),
        ("HDAC) inhibitors", "HDAC inhibitor"),
        ("p < 0", "P0"),
        ("alpha", "ALPHA chain"),
    ],
)
def test_no_names(surface: str, name: str) -> None:
    assert not is_name(surface, match_name(surface, name, "exact", 0), STOP_WORDS)


def test_a_line_in_capitals_says_nothing_by_case() -> None:
    text = "SEVERE GOUT.\nThe CAT gene"
    assert is_shouted(text, 7, 11)
    assert not is_shouted(text, 17, 20)
    assert not is_shouted("CAT", 0, 3)
    assert is_name("GOUT", match_name("GOUT", "gout", "name", 0), STOP_WORDS, shouted=True)
    assert not is_name("ALL", match_name("ALL", "ALL", "exact", 0), STOP_WORDS, shouted=True)


@pytest.mark.parametrize(
    ("text", "surface", "apart"),
    [
        ("IL-2", "IL", False),
        ("TNF-α", "TNF", False),
        ("p53-mediated", "p53", True),
        ("IL1B-511 T", "IL1B", True),
        ("non-diabetes", "diabetes", False),
        ("IL-2.5", "IL-2", False),
        ("IL-2. Then", "IL-2", True),
    ],
)
def test_what_stands_beside(text: str, surface: str, apart: bool) -> None:
    start = text.index(surface)
    assert is_apart(text, start, start + len(surface)) == apart


@pytest.mark.parametrize(
    ("text", "surface", "name", "whole"),
    [
        ("a (+)-catechin b", "catechin", "(+)-catechin", "(+)-catechin"),
        ("(catechin)", "catechin", "(+)-catechin", "catechin"),
        ("the 5-HT(2A) receptor", "5-HT(2A", "5-HT(2A)", "5-HT(2A)"),
        ("the 5-HT(2A) receptor", "5-HT(2A", "5-HT2A", "5-HT(2A)"),
        ("(5-HT2A)", "5-HT2A", "5-HT(2A)", "5-HT2A"),
        ("Alzheimer’s and", "Alzheimer", "Alzheimer's", "Alzheimer"),
        ("Alzheimer's and", "Alzheimer", "Alzheimer's", "Alzheimer's"),
        ("Ca2+ ions", "Ca2", "Ca2+", "Ca2+"),
        ("HDAC) inhibitors", "HDAC) inhibitors", "x", None),
    ],
)
def test_signs_at_the_ends_of_a_name(text: str, surface: str, name: str, whole: str | None) -> None:
    start = text.index(surface)
    span = widened(text, start, start + len(surface), name)
    assert (None if span is None else text[slice(*span)]) == whole


def test_scores_fall_with_the_likeness_of_the_name() -> None:
    def score(surface: str, name: str, kind: str = "exact") -> float:
        return name_score(surface, match_name(surface, name, kind, 0))

    assert score("breast cancer", "breast cancer") > score("Breast cancer", "breast cancer")
    assert score("Breast cancer", "breast cancer") > score("breast tumours", "breast tumor") > 0
    assert score("breast tumours", "breast tumor") > score("antihypertensive", "Antihypertensives")
    assert score("EGFR", "EGFR", "name") > score("EGFR", "EGFR") > score("SNPs", "SNP")
    # A Greek letter and its name are one spelling.
    assert score("TNF-α", "TNF-alpha") == score("TNF-alpha", "TNF-alpha")
    assert score("TNF-α", "TNF-alpha") > score("tnf-alpha", "TNF-alpha")


def test_the_stop_list_is_small_words_of_english() -> None:
    assert {"the", "role", "was", "lead", "disease"} <= STOP_WORDS
    assert not {"cold", "pain", "cancer", "water", "muscle"} & STOP_WORDS
    assert all(word.isascii() and word.islower() and word.isalpha() for word in STOP_WORDS)
