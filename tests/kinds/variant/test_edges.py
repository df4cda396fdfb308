"""A gene and its variant in one mention are two."""

import pytest

from biopipe.document import Mention
from biopipe.kinds.variant.edges import split_variants


@pytest.mark.parametrize(
    ("text", "label", "parts"),
    [
        ("BRAF V600E", "Gene", [("BRAF", "Gene"), ("V600E", "Variant")]),
        ("BRAF V600E mutation", "Gene", [("BRAF", "Gene"), ("V600E", "Variant")]),
        (
            "BRAF-V600E melanoma",
            "Disease",
            [("BRAF", "Gene"), ("V600E", "Variant"), ("melanoma", "Disease")],
        ),
        ("JAK2 p.V617F", "CellLine", [("JAK2", "Gene"), ("p.V617F", "Variant")]),
        ("p53 R175H", "Gene", [("p53", "Gene"), ("R175H", "Variant")]),
        ("APC R1450*", "Gene", [("APC", "Gene"), ("R1450*", "Variant")]),
        ("T47D", "CellLine", [("T47D", "CellLine")]),
        ("human T47D", "CellLine", [("human T47D", "CellLine")]),
        ("IL-2 B6C", "Gene", [("IL-2 B6C", "Gene")]),
        ("BRAF V600E", "Variant", [("BRAF V600E", "Variant")]),
        ("protein kinase C", "Gene", [("protein kinase C", "Gene")]),
        ("BRAF V600Extra", "Gene", [("BRAF V600Extra", "Gene")]),
    ],
)
def test_parts(text: str, label: str, parts: list[tuple[str, str]]) -> None:
    shifted = f"x {text} y"
    (whole,) = [Mention(2, 2 + len(text), label, 0.7, sources=("t",))]
    found = split_variants(shifted, [whole])
    assert [(shifted[m.start : m.end], m.label) for m in found] == parts
    assert {"|".join(m.sources) for m in found} == {"t"}
    assert [m.score for m in found] == [
        0.7 if len(parts) == 1 or each == "Disease" else 0.9 for _, each in parts
    ]
