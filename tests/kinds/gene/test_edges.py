"""Genes and the alleles behind them."""

import pytest

from biopipe.document import Mention
from biopipe.kinds.gene.edges import without_genotypes


@pytest.mark.parametrize(
    ("text", "found", "left"),
    [
        ("Tsc1flox/flox mice", ["Tsc1flox", "flox"], ["Tsc1"]),
        ("mTORfl/fl and wild type", ["mTORfl/fl"], ["mTOR"]),
        ("Atg5 fl/fl mice", ["Atg5 fl/fl"], ["Atg5"]),
        ("Tsc2(+/-) mice", ["Tsc2(+/-)"], ["Tsc2"]),
        ("Nrf2-/- mice", ["Nrf2-/-"], ["Nrf2"]),
        ("Nrf2\u2212/\u2212 mice", ["Nrf2"], ["Nrf2"]),
        ("Pten+/+;Trp53-/- mice", ["Pten+/+", "Trp53-/-"], ["Pten", "Trp53"]),
        ("TSC1/2 and PI3K/mTOR", ["TSC1/2", "PI3K", "mTOR"], ["TSC1/2", "PI3K", "mTOR"]),
        ("IL-1/IL-6 and CD4+/CD8+ cells", ["IL-1", "CD4", "CD8"], ["IL-1", "CD4", "CD8"]),
        ("wt/vol of FLOX", ["FLOX"], ["FLOX"]),
    ],
)
def test_alleles_are_no_part_of_a_gene(text: str, found: list[str], left: list[str]) -> None:
    mentions, reached = [], 0
    for surface in found:
        start = text.index(surface, reached)
        reached = start + len(surface)
        mentions.append(Mention(start, reached, "Gene"))
    cut = without_genotypes(text, mentions)
    assert [text[mention.start : mention.end] for mention in cut] == left


def test_other_labels_stay() -> None:
    text = "Tsc1flox/flox mice"
    mention = Mention(0, 13, "CellLine")
    assert without_genotypes(text, [mention]) == [mention]
