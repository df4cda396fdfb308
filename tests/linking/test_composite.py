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
    ],
)
def test_ways(surface: str, way: tuple[str, ...]) -> None:
    assert way in list(split_composite(surface))


@pytest.mark.parametrize("surface", ["", "asthma", "and", "/", "a, b, c, d, e, f, g"])
def test_nothing_to_split(surface: str) -> None:
    assert list(split_composite(surface)) == []


@given(st.text(alphabet="abA1 /,and-", max_size=40))
def test_parts_are_never_empty(surface: str) -> None:
    for way in split_composite(surface):
        assert len(way) > 1
        assert all(part.strip() for part in way)
