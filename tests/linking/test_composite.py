"""Ways to read a composite mention."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.linking.composite import split_composite


@pytest.mark.parametrize(
    ("surface", "way"),
    [
        ("breast and ovarian cancer", ("breast cancer", "ovarian cancer")),
        ("colon, breast and ovarian cancer", ("colon cancer", "breast cancer", "ovarian cancer")),
        ("breast or ovarian cancer", ("breast cancer", "ovarian cancer")),
        ("hepatitis B and/or C", ("hepatitis B", "hepatitis C")),
        ("BRCA1/2", ("BRCA1", "BRCA2")),
        ("caspase-3 and -9", ("caspase-3", "caspase-9")),
        ("IL-2 and IL-4", ("IL-2", "IL-4")),
        ("type 1 and 2 diabetes", ("type 1 diabetes", "type 2 diabetes")),
        ("type 1 and type 2 diabetes", ("type 1 diabetes", "type 2 diabetes")),
        (
            "autosomal dominant and recessive deafness",
            ("autosomal dominant deafness", "autosomal recessive deafness"),
        ),
        ("both breast and ovarian cancer", ("breast cancer", "ovarian cancer")),
        ("hyper- and hypothyroidism", ("hyperthyroidism", "hypothyroidism")),
        ("T- and B-cell lymphoma", ("T-cell lymphoma", "B-cell lymphoma")),
        ("Smad1/5/8", ("Smad1", "Smad5", "Smad8")),
        ("CYP11B2/B1", ("CYP11B2", "CYP11B1")),
        ("NPHP1-4", ("NPHP1", "NPHP2", "NPHP3", "NPHP4")),
    ],
)
def test_ways(surface: str, way: tuple[str, ...]) -> None:
    assert way in list(split_composite(surface))


@pytest.mark.parametrize(
    "surface", ["", "asthma", "and", "/", "a, b, c, d, e, f, g, h, i, j, k", "IL-2", "17-3"]
)
def test_nothing_to_split(surface: str) -> None:
    assert list(split_composite(surface)) == []


def test_a_bare_number_is_no_name() -> None:
    assert ("ERK1", "2") not in list(split_composite("ERK1/2"))


def test_the_ways_are_few_and_each_is_given_once() -> None:
    ways = list(
        split_composite(
            "early onset familial severe breast and late onset familial severe ovarian cancer"
        )
    )
    assert len(ways) == len(set(ways)) < 40


@given(st.text(alphabet="abA1 /,and-", max_size=40))
def test_parts_are_never_empty(surface: str) -> None:
    for way in split_composite(surface):
        assert len(way) > 1
        assert all(part.strip() for part in way)
