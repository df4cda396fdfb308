"""Antigens of HLA, with and without "HLA-" before them."""

import pytest

from biopipe.document import Document, Mention
from biopipe.kinds.gene.serotypes import bare_serotype, whole_antigens
from biopipe.linking.requests import linking_requests


@pytest.mark.parametrize(
    ("surface", "gene"),
    [
        ("DR4", "HLA-DRB1"),
        ("DRw52", "HLA-DRB3"),
        ("DQ8", "HLA-DQB1"),
        ("B51", "HLA-B"),
        ("A24", "HLA-A"),
        ("Cw7", "HLA-C"),
        ("A20", None),
        ("DR99", None),
        ("C3", None),
        ("B7H3", None),
    ],
)
def test_bare_serotypes(surface: str, gene: str | None) -> None:
    assert bare_serotype(surface) == gene


@pytest.mark.parametrize(
    ("text", "surface", "forms"),
    [
        ("HLA typing found DR3 and DQ2.", "DR3", ("HLA-DRB1", "DR3")),
        ("human leucocyte antigens such as B51", "B51", ("HLA-B", "B51")),
        ("TRAIL binds DR5", "DR5", ("DR5",)),
    ],
)
def test_a_text_about_hla_spells_them_out(text: str, surface: str, forms: tuple[str, ...]) -> None:
    start = text.index(surface)
    document = Document("1", text, (Mention(start, start + len(surface), "Gene"),))
    assert linking_requests(document)[0].surface_forms == forms


@pytest.mark.parametrize(
    ("text", "parts", "whole"),
    [
        ("the HLA-DR3 gene", [(4, 7), (8, 11)], ["HLA-DR3"]),
        ("the HLA-B51 antigen", [(8, 11)], ["HLA-B51"]),
        ("the HLA-B*51 allele", [(4, 9)], ["HLA-B"]),
        ("the HLA-B51 antigen", [(4, 19)], ["HLA-B51 antigen"]),
    ],
)
def test_an_antigen_is_one_mention(
    text: str, parts: list[tuple[int, int]], whole: list[str]
) -> None:
    mentions = [Mention(start, end, "Gene", 0.8) for start, end in parts]
    assert [text[m.start : m.end] for m in whole_antigens(text, mentions)] == whole
