"""How the words of a mention and of a name relate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.linking.name_comparison import (
    COMPARISON_FEATURES,
    closest_comparison,
    compare_names,
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
        ("type 2 gout", "type 3 gout", {"says other", "other number"}),
        ("lisinopril", "captopril", {"says other", "no word shared"}),
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
