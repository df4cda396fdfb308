"""Hints for values that are not there."""

import pytest

from biopipe.kb.near_values import near_values

VALUES = ["Disease", "Gene", "Cell Line", "SNOMEDCT_US", ""]


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("disease", "near it are: Disease"),
        ("Diseases", "near it are: Disease"),
        ("cell", "near it are: Cell Line"),
        ("zzz", "there are: Cell Line, Disease, Gene, SNOMEDCT_US"),
        ("", "there are: Cell Line, Disease, Gene, SNOMEDCT_US"),
    ],
)
def test_near_ones_or_all(value: str, hint: str) -> None:
    assert near_values(value, VALUES) == hint


def test_long_lists_are_cut_and_empty_ones_said() -> None:
    assert near_values("x", [str(number) for number in range(1200)]).endswith(" and 1,190 more")
    assert near_values("x", []) == "there are: none"
