"""A gene and its variant in one mention are two."""

import pytest

from biopipe.document import Mention
from biopipe.kinds.variant.edges import split_variants, trim_variant_nouns


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
        ("NRASQ61R", "Gene", [("NRAS", "Gene"), ("Q61R", "Variant")]),
        ("EGFRL858R mutant", "Gene", [("EGFR", "Gene"), ("L858R", "Variant")]),
        ("KrasG12C", "Gene", [("Kras", "Gene"), ("G12C", "Variant")]),
        (
            "JAK2V617F-positive neoplasm",
            "Disease",
            [("JAK2", "Gene"), ("V617F", "Variant"), ("positive neoplasm", "Disease")],
        ),
        ("TNFRSF10A", "Gene", [("TNFRSF10A", "Gene")]),
        ("PPP1R15A", "Gene", [("PPP1R15A", "Gene")]),
        ("HEK293T", "CellLine", [("HEK293T", "CellLine")]),
        ("T47D", "CellLine", [("T47D", "CellLine")]),
        ("human T47D", "CellLine", [("human T47D", "CellLine")]),
        ("IL-2 B6C", "Gene", [("IL-2 B6C", "Gene")]),
        ("BRAF V600E", "Variant", [("BRAF", "Gene"), ("V600E", "Variant")]),
        ("BRAFV600E", "Variant", [("BRAF", "Gene"), ("V600E", "Variant")]),
        ("F8 c.6046C>T", "Variant", [("F8 c.6046C>T", "Variant")]),
        ("OTC c.298+1G>A", "Variant", [("OTC", "Gene"), ("c.298+1G>A", "Variant")]),
        ("PAH: p.Arg408Trp", "Gene", [("PAH", "Gene"), ("p.Arg408Trp", "Variant")]),
        ("BRCA1 (4153delA)", "Gene", [("BRCA1", "Gene"), ("4153delA", "Variant")]),
        ("HBB 92+5G>C", "Gene", [("HBB", "Gene"), ("92+5G>C", "Variant")]),
        ("SNP rs9939609", "Variant", [("SNP rs9939609", "Variant")]),
        ("UTR +62 G/A", "Variant", [("UTR +62 G/A", "Variant")]),
        ("IVS3 + 18C > T", "Variant", [("IVS3 + 18C > T", "Variant")]),
        ("NCI-H295R", "CellLine", [("NCI-H295R", "CellLine")]),
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


@pytest.mark.parametrize(
    ("surface", "kept"),
    [
        ("PALB2 mutations", "PALB2"),
        ("PALB2 germline mutation", "PALB2"),
        ("Y646N mutants", "Y646N"),
        ("FTO-variant", "FTO"),
        ("mutations", "mutations"),
        ("mutant p53", "mutant p53"),
        ("insulin receptor", "insulin receptor"),
    ],
)
def test_nouns_behind_a_gene_are_no_part_of_it(surface: str, kept: str) -> None:
    text = f"the {surface} here"
    for label in ("Gene", "Disease"):
        (mention,) = trim_variant_nouns(text, [Mention(4, 4 + len(surface), label)])
        assert text[mention.start : mention.end] == (kept if label == "Gene" else surface)
