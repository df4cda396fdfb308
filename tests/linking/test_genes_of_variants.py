"""Variants, alleles and genes of several species, from text to linked concepts."""

import pytest

from biopipe.document import Document, Mention
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept
from biopipe.linking.linker import Linker
from biopipe.ner.tagger import Tagger

HUMAN, MOUSE, RAT = "NCBITaxon:9606", "NCBITaxon:10090", "NCBITaxon:10116"
GENES = (
    Concept("NCBIGene:3265", "HRAS", types=("Gene", HUMAN)),
    Concept("NCBIGene:4893", "NRAS", types=("Gene", HUMAN)),
    Concept("NCBIGene:1956", "EGFR", types=("Gene", HUMAN)),
    Concept("NCBIGene:1559", "CYP2C9", types=("Gene", HUMAN)),
    Concept("NCBIGene:3106", "HLA-B", types=("Gene", HUMAN)),
    Concept("NCBIGene:79728", "PALB2", types=("Gene", HUMAN)),
    Concept("NCBIGene:1080", "CFTR", types=("Gene", HUMAN)),
    Concept("NCBIGene:12638", "Cftr", types=("Gene", MOUSE)),
    Concept("NCBIGene:24255", "Cftr", types=("Gene", RAT)),
)


@pytest.fixture(scope="module")
def linker(tmp_path_factory: pytest.TempPathFactory) -> Linker:
    directory = tmp_path_factory.mktemp("kb") / "genes"
    compile_kb(GENES, directory, name="genes", version="1", licence="CC0", sources={})
    return Linker(directory)


def _link(linker: Linker, text: str, *surfaces: tuple[str, str]) -> list[tuple[str, ...]]:
    """The concepts of surfaces with their labels, in the order of the text."""
    mentions: list[Mention] = []
    for surface, label in surfaces:
        start = text.index(surface, mentions[-1].end if mentions else 0)
        mentions.append(Mention(start, start + len(surface), label))
    (linked,) = linker.predict([Document("1", text, tuple(mentions))])
    return [mention.concept_ids for mention in linked.mentions]


def _concepts(linker: Linker, text: str) -> dict[str, tuple[str, ...]]:
    """What the shipped tagger and the linker make of the genes and variants of a text."""
    (document,) = linker.predict(Tagger().predict([Document("1", text)]))
    return {
        text[m.start : m.end]: m.concept_ids
        for m in document.mentions
        if m.label in ("Gene", "Variant")
    }


def test_a_change_belongs_to_the_gene_beside_it(linker: Linker) -> None:
    found = _link(
        linker,
        "HRAS G13C and NRAS G13C cells",
        *(("HRAS", "Gene"), ("G13C", "Variant"), ("NRAS", "Gene"), ("G13C", "Variant")),
    )
    assert found[1::2] == [
        ("p|SUB|G|13|C;CorrespondingGene:3265",),
        ("p|SUB|G|13|C;CorrespondingGene:4893",),
    ]


def test_alleles_from_text_to_concepts(linker: Linker) -> None:
    text = (
        "Warfarin doses fell in CYP2C9*3 carriers; HLA-B*58:01 predicted reactions to allopurinol."
    )
    assert _concepts(linker, text) == {
        "CYP2C9": ("NCBIGene:1559",),
        "*3": ("CYP2C9*3",),
        "HLA-B": ("NCBIGene:3106",),
        "*58:01": ("HLA-B*58:01",),
    }


def test_wide_and_glued_mentions_of_genes(linker: Linker) -> None:
    text = "Germline PALB2 mutations were found, and NRASQ61K melanoma cells had EGFR protein."
    found = _concepts(linker, text)
    assert found["PALB2"] == ("NCBIGene:79728",)
    assert found["NRAS"] == ("NCBIGene:4893",)
    assert found["Q61K"] == ("p|SUB|Q|61|K;CorrespondingGene:4893",)
    assert ("NCBIGene:1956",) in found.values()


@pytest.mark.parametrize(
    ("text", "surface", "gene"),
    [
        ("Patients lost CFTR.", "CFTR", "NCBIGene:1080"),
        ("Mice lost Cftr.", "Cftr", "NCBIGene:12638"),
        ("In mice, rat Cftr was put in.", "Cftr", "NCBIGene:24255"),
        ("Mice, like other mice, had the human CFTR.", "human CFTR", "NCBIGene:1080"),
    ],
)
def test_the_species_of_the_mention_goes_before_the_documents(
    linker: Linker, text: str, surface: str, gene: str
) -> None:
    assert _link(linker, text, (surface, "Gene")) == [(gene,)]


def test_human_genes_are_no_answer_in_texts_about_yeast_but_are_shown(linker: Linker) -> None:
    for organism, ids in (("yeast", ()), ("mice", ("NCBIGene:4893",))):
        text = f"In {organism}, NRAS was lost."
        mentions = (Mention(text.index("NRAS"), text.index("NRAS") + 4, "Gene"),)
        (linked,) = linker.predict([Document("1", text, mentions)])
        (mention,) = linked.mentions
        assert mention.concept_ids == ids
        assert mention.candidates[0].concept_id == "NCBIGene:4893"
    text = "In yeast, HRAS/NRAS were lost."
    assert _link(linker, text, ("HRAS/NRAS", "Gene")) == [()]
