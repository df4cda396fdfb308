"""The ids of variants carry the gene that the text gives them."""

from dataclasses import replace

import pytest

from biopipe.document import Candidate, Document, Mention
from biopipe.kinds.context import DocumentContext
from biopipe.kinds.variant.concepts import variant_concept
from biopipe.kinds.variant.genes import with_genes_of_variants
from biopipe.text.concepts import concept_mentions


def _linked(document: Document) -> Document:
    """The document with variants as a linker leaves them, and the genes in their ids."""
    context, mentions = DocumentContext(document), []
    for mention in document.mentions:
        surface = document.text[mention.start : mention.end]
        concept = variant_concept(surface, context) if mention.label == "Variant" else None
        if concept is None and mention.concept_ids:
            concept = Candidate(mention.concept_ids[0], surface, 0.8)
        ids, candidates = ((concept.concept_id,), (concept,)) if concept else ((), ())
        mentions.append(replace(mention, concept_ids=ids, candidates=candidates))
    return with_genes_of_variants(replace(document, mentions=tuple(mentions)))


def _ids(document: Document) -> list[str]:
    return [",".join(m.concept_ids) for m in _linked(document).mentions if m.label == "Variant"]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("{G KIT=NCBIGene:3815} {V D816V}", ["p|SUB|D|816|V;CorrespondingGene:3815"]),
        ("{G KIT=HGNC:6342} {V D816V}", ["p|SUB|D|816|V;CorrespondingGene:HGNC:6342"]),
        # the same change beside its gene elsewhere
        (
            "{G KIT=NCBIGene:3815} {V D816V}; {G RET=NCBIGene:5979} was normal. {V D816V} is bad.",
            ["p|SUB|D|816|V;CorrespondingGene:3815"] * 2,
        ),
        # the only gene of the sentence
        (
            "{G LPL=NCBIGene:4023} was sequenced: one had {V S447X}. {G TNF=NCBIGene:7124}.",
            ["p|SUB|S|447|X;CorrespondingGene:4023"],
        ),
        # the only gene of the document
        (
            "{G LPL=NCBIGene:4023} was sequenced. One had {V S447X}.",
            ["p|SUB|S|447|X;CorrespondingGene:4023"],
        ),
        ("{G LPL=NCBIGene:4023} and {G KIT=NCBIGene:3815}. One had {V S447X}.", ["p|SUB|S|447|X"]),
        ("{G LPL=NCBIGene:4023} and {G FOXZ}. One had {V S447X}.", ["p|SUB|S|447|X"]),
        # a gene without an id stands beside it
        ("{G FOXZ} {V S447X}. {G LPL=NCBIGene:4023} too.", ["p|SUB|S|447|X"]),
        # what stands beside it was not taken for a gene
        ("The {G LPL=NCBIGene:4023} locus and WFS1 {V R456H}.", ["p|SUB|R|456|H"]),
        # the gene is altered in another way
        ("It arose by {V C797S}, {G MET=NCBIGene:4233} amplification.", ["p|SUB|C|797|S"]),
        ("A {G MET=NCBIGene:4233} gene fusion, and no {V C797S}.", ["p|SUB|C|797|S"]),
        # the gene has another variant
        ("{G LPL=NCBIGene:4023} {V S447X} with {V c.253-2A>G}.", None),
        ("One had {V S447X}.", ["p|SUB|S|447|X"]),
        ("{G LPL=NCBIGene:4023} {V rs328}", ["dbSNP:rs328"]),
        ("{G LPL=NCBIGene:4023} variant {V odd}", [""]),
    ],
)
def test_ids(marked, text: str, ids: list[str] | None) -> None:
    if ids is None:
        assert _ids(marked(text)) == ["p|SUB|S|447|X;CorrespondingGene:4023", "c|SUB|A|253-2|G"]
    else:
        assert _ids(marked(text)) == ids


def test_one_change_of_two_genes_is_two_concepts(marked) -> None:
    document = _linked(
        marked("{G HRAS=NCBIGene:3265} {V Q61K} and {G NRAS=NCBIGene:4893} {V Q61K}. {V Q61K}.")
    )
    concepts = {c.id: c.mentions for c in concept_mentions(document) if c.label == "Variant"}
    assert concepts == {
        "p|SUB|Q|61|K;CorrespondingGene:3265": (1,),
        "p|SUB|Q|61|K;CorrespondingGene:4893": (3,),
        "p|SUB|Q|61|K": (4,),
    }


def test_alleles_are_named_by_their_gene(marked) -> None:
    text = "{G CYP2B6=NCBIGene:1555}{V *6}/{V *18} and {G HLA-B=NCBIGene:3106}{V *1502}"
    assert _ids(marked(text)) == ["CYP2B6*6", "CYP2B6*18", "HLA-B*15:02"]
    assert _ids(marked("{G Cyp2b6x}{V *6}")) == ["CYP2B6X*6"]
    assert _ids(marked("carriers of {V *6}")) == [""]


def test_names_and_scores_stay_with_the_candidates(marked) -> None:
    document = _linked(marked("{G KIT=NCBIGene:3815} {V D816V}"))
    (candidate,) = document.mentions[1].candidates
    assert candidate.name == "KIT p.D816V"
    assert (candidate.concept_id,) == document.mentions[1].concept_ids
    assert 0 < candidate.score < 1


def test_what_a_dictionary_gave_stays(marked) -> None:
    document = marked("{G KIT=NCBIGene:3815} {V D816V=p|SUB|D|816|V}")
    kept = [replace(m, dictionary="own") for m in document.mentions]
    document = replace(document, mentions=tuple(kept))
    assert with_genes_of_variants(document) == document


def test_a_row_lends_no_gene_to_the_next() -> None:
    text = "Gene\tChange\nMYH7\tp.Arg403Gln\nunnamed\tp.Val606Met"
    spans = (("MYH7", "Gene", "NCBIGene:4625"),)
    mentions = [
        Mention(text.index(w), text.index(w) + len(w), label, concept_ids=(id_,))
        for w, label, id_ in (
            *spans,
            ("p.Arg403Gln", "Variant", "p|SUB|R|403|Q"),
            ("p.Val606Met", "Variant", "p|SUB|V|606|M"),
        )
    ]
    (document,) = [with_genes_of_variants(Document("1", text, mentions=tuple(mentions)))]
    assert [m.concept_ids[0] for m in document.mentions[1:]] == [
        "p|SUB|R|403|Q;CorrespondingGene:4625",
        "p|SUB|V|606|M",
    ]


def test_alleles_of_a_locus_of_hla_are_named_by_the_locus() -> None:
    text = "DRB1*1501"
    gene = Mention(0, 4, "Gene", concept_ids=("X:1",), candidates=(Candidate("X:1", "RBM45", 0.9),))
    allele = Mention(4, 9, "Variant", concept_ids=("*1501",))
    document = with_genes_of_variants(Document("1", text, mentions=(gene, allele)))
    assert document.mentions[1].concept_ids == ("HLA-DRB1*15:01",)
