"""How the words of a mention and of a name relate."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from biopipe.linking.name_comparison import (
    COMPARISON_FEATURES,
    closest_comparison,
    compare_names,
    is_misspelt,
    may_be_misspelling,
    shares_telling_word,
)

names = st.text(alphabet="abcdefgh -1234567890", max_size=24)


def compared(mention: str, name: str) -> dict[str, float]:
    return dict(zip(COMPARISON_FEATURES, compare_names(mention, name), strict=True))


@pytest.mark.parametrize(
    ("mention", "name", "features"),
    [
        ("gout", "Gout", set()),
        ("tumour of the oesophagus", "Oesophageal tumour", {"says other"}),
        ("gout", "acute gout of the knee", {"says more"}),
        ("severe tophaceous gout", "gout", {"says less"}),
        ("polycitemia", "polycythemia", {"misspelt"}),
        ("hyperkalemia", "hypokalemia", {"says other", "no word shared", "contrary"}),
        ("bradycardia", "tachycardia", {"says other", "no word shared", "contrary"}),
        ("hypalgesia", "hyperalgesia", {"says other", "no word shared", "contrary"}),
        ("type 2 gout", "type 3 gout", {"says other", "other number"}),
        ("lisinopril", "captopril", {"says other", "no word shared"}),
        ("pulmonary LAM", "pulmonary disease", {"says other", "code missing"}),
        ("stage T2 gout", "gout", {"says less", "other number", "code missing"}),
        ("GOUT ATTACK", "gout", {"says less"}),
    ],
)
def test_what_is_said_of_a_pair(mention: str, name: str, features: set[str]) -> None:
    flags = set(COMPARISON_FEATURES) - {"words missing", "words more", "edit similarity"}
    assert {key for key, value in compared(mention, name).items() if value == 1.0} & flags == (
        features
    )


def test_heads_of_names_weigh_less_than_what_tells_diseases_apart() -> None:
    head = compared("Marfan", "Marfan syndrome")["words more"]
    other = compared("Marfan", "neonatal Marfan")["words more"]
    assert 0 < head < other


@given(names, names)
def test_numbers_are_shares_and_sides_are_mirrored(one: str, other: str) -> None:
    there, back = compared(one, other), compared(other, one)
    assert all(0.0 <= value <= 1.0 for value in there.values())
    assert there["words missing"] == back["words more"]
    assert there["says less"] == back["says more"]
    assert there["edit similarity"] == back["edit similarity"]


def test_the_nearest_of_several_texts_counts() -> None:
    texts = ("HCM", "hypertrophic cardiomyopathy")
    name = "Cardiomyopathy, Hypertrophic"
    assert closest_comparison(texts, name) == compare_names(texts[1], name)


def test_only_wrong_letters_make_a_misspelling() -> None:
    assert is_misspelt(compare_names("atorvstatin", "Atorvastatin"))
    assert not is_misspelt(compare_names("atorvastatin", "Atorvastatin"))
    assert not is_misspelt(compare_names("atorvstatin", "atorvastatin calcium"))
    assert is_misspelt(compare_names("hepattis", "hepatitis"))
    assert not is_misspelt(compare_names("thrombolysis", "thrombosis"))
    assert not is_misspelt(compare_names("nephritis", "nephrosis"))


@pytest.mark.parametrize(
    ("mention", "names", "shares"),
    [
        ("phosphatase and tensin homo", ("PTH", "parathyroid hormone"), False),
        ("hepatocyte nuclear factor-6", ("HNF6", "hepatocyte nuclear factor 6"), True),
        ("IL-6 protein", ("interleukin 6",), True),
    ],
)
def test_initials_alone_make_no_name(mention: str, names: tuple[str, ...], shares: bool) -> None:
    assert shares_telling_word(mention, names) is shares


WORD_LISTS = st.lists(st.text("abcde", min_size=1, max_size=12), min_size=1, max_size=3)


@given(WORD_LISTS, WORD_LISTS)
@example(["atorvastatin", "calcium"], ["calcium", "atorvstatn"])
@example(["abcdeabcde"], ["abcdeabc"])
def test_what_is_misspelt_may_be_a_misspelling(one: list[str], other: list[str]) -> None:
    surface, name = " ".join(one), " ".join(other)
    assert may_be_misspelling(surface, name) or not is_misspelt(compare_names(surface, name))


def test_other_numbers_or_lengths_of_words_are_no_misspelling() -> None:
    assert not may_be_misspelling("atorvastatin", "atorvastatin calcium")
    assert not may_be_misspelling("statin", "atorvastatin")
