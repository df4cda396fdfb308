"""Which gene stands beside a variant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.document import Document, Mention
from biopipe.kinds.variant.gene_beside import genes_beside, is_beside_symbol


def _genes(document: Document) -> list[str | None]:
    """The gene of each variant in the order of the text."""
    text, mentions = document.text, document.mentions
    beside = genes_beside(text, mentions)
    genes = {i: mentions[g] for i, g in beside.items()}
    return [
        text[genes[i].start : genes[i].end] if i in genes else None
        for i, m in enumerate(mentions)
        if m.label == "Variant"
    ]


@pytest.mark.parametrize(
    ("text", "genes"),
    [
        ("{G KIT} {V D816V} mastocytosis", ["KIT"]),
        ("{G FGFR3}-{V S249C} tumours", ["FGFR3"]),
        ("{G PSEN1} ({V p.E280A}) carriers", ["PSEN1"]),
        ("the {G LPL} gene variant {V S447X}", ["LPL"]),
        ("{G GJB2}: {V c.35delG}", ["GJB2"]),
        ("{V D842V} {G PDGFRA}", ["PDGFRA"]),
        ("the {V R132H} mutation in {G IDH1}", ["IDH1"]),
        ("{V I148M} of the {G PNPLA3} gene", ["PNPLA3"]),
        ("{V Q311R} in exon 9 of {G PKLR}", ["PKLR"]),
        ("{G EZH2} {V Y641F} and {V A677G}", ["EZH2"] * 2),
        ("{V S65C} and {V H63D} in {G HFE}", ["HFE"] * 2),
        ("{G LMNA} {V c.1824C>T} ({V p.G608G})", ["LMNA"] * 2),
        ("{G FLT3} {V D835Y} and {V V617F} in {G JAK2}", ["FLT3", "JAK2"]),
        ("{G NOD2}, {G ATG16L1}; then {V T300A}", [None]),
        ("{V T300A} was common. {G NOD2} was not.", [None]),
        ("{G KIT} {V D816V} mutant and {V T315I}", ["KIT", None]),
        ("{V E17K} alone", [None]),
        ("a GALT splice variant ({V c.253-2A>G}), {V rs1050828} of {G G6PD}", [None, "G6PD"]),
        ("{V c.253-2A>G} and {V rs1050828} of {G G6PD}", [None, "G6PD"]),
        ("{V rs1050829} and {V rs1050828} of {G G6PD}", ["G6PD"] * 2),
        ("{G HFE} {V H63D} and WFS1 {V R456H}", ["HFE", None]),
        ("a WFS1 variant, {V R456H}, and {V S65C} in {G HFE}", [None, "HFE"]),
    ],
)
def test_genes(marked, text: str, genes: list[str | None]) -> None:
    assert _genes(marked(text)) == genes


@pytest.mark.parametrize(
    ("text", "beside"),
    [
        ("a WFS1 variant {V R456H}", True),
        ("{V R456H} mutation in WFS1", True),
        ("WFS1 {V R456H}", True),
        ("carriers of {V R456H} in Wales", False),
        ("WFS1 was typed, not {V R456H}", False),
        ("{V R456H} ({V C1367A})", False),
    ],
)
def test_symbols_that_nothing_took_for_a_gene(marked, text: str, beside: bool) -> None:
    document = marked(text)
    assert is_beside_symbol(document.text, document.mentions[0], document.mentions) is beside


@given(
    st.lists(
        st.sampled_from(["{G A1}", "{V C2D}", " ", ", ", "(", ")", " and ", " in ", "x"]),
        max_size=14,
    )
)
def test_every_answer_is_a_gene_for_a_variant(parts: list[str]) -> None:
    text, mentions = "", []
    for part in parts:
        if part.startswith("{"):
            label = "Gene" if part[1] == "G" else "Variant"
            mentions.append(Mention(len(text), len(text) + len(part[3:-1]), label))
            part = part[3:-1]
        text += part
    for variant, gene in genes_beside(text, mentions).items():
        assert (mentions[variant].label, mentions[gene].label) == ("Variant", "Gene")
