"""Cell lines by the names that texts use."""

import pytest

from biopipe.kinds.cell_line.names import cell_line_names


@pytest.mark.parametrize(
    ("surface", "name"),
    [
        ("HeLa cells", "HeLa"),
        ("HeLa cell line", "HeLa"),
        ("human MCF-7 breast cancer cells", "MCF-7"),
        ("HEK 293", "HEK293"),
        ("HEK293", "HEK-293"),
        ("293T cells", "HEK293T"),
        ("MCF-7/ADR", "MCF-7"),
        ("U2OS (GFP)", "U2OS"),
        ("SKBR3", "SKBR-3"),
        ("NIH3T3 fibroblasts", "NIH3T3"),
    ],
)
def test_names(surface: str, name: str) -> None:
    assert name in cell_line_names(surface)


@pytest.mark.parametrize("surface", ["", "cells", "HeLa", "cell line"])
def test_nothing_left_to_strip(surface: str) -> None:
    assert cell_line_names(surface) == ()
