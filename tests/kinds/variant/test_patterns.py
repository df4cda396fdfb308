"""Variants that are named by their form, whatever the tagger made of them."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.document import Document, Mention
from biopipe.kinds.variant.patterns import label_symbols_before_variants, label_variant_forms
from biopipe.ner.tagger import Tagger


def _mention(text: str, name: str, label: str, score: float = 0.6) -> Mention:
    start = text.index(name)
    return Mention(start, start + len(name), label, score=score, sources=("tagger",))


def _named(text: str, *mentions: Mention) -> list[tuple[str, str, float]]:
    found = label_variant_forms(text, mentions, source="tagger")
    return [(text[m.start : m.end], m.label, m.score) for m in found]


@pytest.mark.parametrize(
    "variant",
    [
        "T790M",
        "R1699*",
        "F508del",
        "rs1801133",
        "c.1905+1G>A",
        "c.35delG",
        "c.-67T>C",
        "m.3243A>G",
        "p.Val600Glu",
        "p.R229G",
        "p.Gln193Ter",
        "Val66Met",
        "Ala-54-Thr",
        "p.E1836fs*27",
        "p.Glu1836Lysfs*27",
        "p.(Arg98Trp)",
        "W515fs*3",
        "IVS4+4A>G",
        "-238G>A",
        "1762A→T",
        "ΔF507",
        "4153delA",
        "G13D/C/V",
    ],
)
def test_a_certain_form_is_a_variant_even_where_nothing_was_found(variant: str) -> None:
    text = f"Carriers of {variant}, and ({variant}) alone."
    assert _named(text) == [(variant, "Variant", 0.95)] * 2
    assert _named(text, _mention(text, variant, "Gene"))[0] == (variant, "Variant", 0.95)
    assert _named(text, _mention(text, variant, "Variant", 0.99))[0] == (variant, "Variant", 0.99)
    assert _named(text, _mention(text, variant[1:], "Variant", 0.4))[0] == (
        variant,
        "Variant",
        0.95,
    )


@pytest.mark.parametrize(
    "text",
    [
        "S6K and A2A receptors, D2R and T2D",  # one digit
        "yeast S288C, catalogue AB123C, V600EX1, xT790M",
        "Glu-117-Glu-117 dimers of B123C and T790O",  # B and O are no residues
        "rs12 and rs0123456 of c.del",
    ],
)
def test_what_is_no_variant_stays_nothing(text: str) -> None:
    assert _named(text) == []


def test_two_digits_decide_between_labels_but_not_against_a_cell_line() -> None:
    text = "KRAS G12D in T98G and H69R cells"
    assert _named(text) == []
    found = _named(text, _mention(text, "G12D", "Gene"), _mention(text, "T98G", "CellLine"))
    assert found == [("G12D", "Variant", 0.95), ("T98G", "CellLine", 0.6)]


def test_longer_mentions_stay_whole() -> None:
    text = "the F508del-CFTR protein, and Tyr67 to stop (p.Y67X)"
    longer = (
        _mention(text, "F508del-CFTR", "Gene"),
        _mention(text, "Tyr67 to stop (p.Y67X)", "Variant"),
    )
    assert _named(text, *longer) == [
        ("F508del-CFTR", "Gene", 0.6),
        ("Tyr67 to stop (p.Y67X)", "Variant", 0.6),
    ]


@given(
    st.lists(
        st.sampled_from(["T790M", "EGFR", " ", "-", "/", "G12D", "rs123", "p.", "del", "(", ")"]),
        max_size=12,
    )
)
def test_mentions_stay_in_order_and_apart(parts: list[str]) -> None:
    text = "".join(parts)
    starts = [sum(map(len, parts[:n])) for n in range(len(parts))]
    given_ = [
        Mention(s, s + len(p), "Gene")
        for s, p in zip(starts, parts, strict=True)
        if p in ("EGFR", "del", "T790M")
    ]
    found = label_variant_forms(text, given_, source="t")
    assert all(one.end <= other.start for one, other in itertools.pairwise(found))
    covered = {place for m in found for place in range(m.start, m.end)}
    assert covered >= {place for m in given_ for place in range(m.start, m.end)}


def test_the_shipped_tagger_names_variants_in_short_sentences() -> None:
    text = (
        "Osimertinib resistance arose through C797S, and T790M was lost; "
        "rs1801133 and F508del were absent."
    )
    (document,) = Tagger().predict([Document("1", text)])
    variants = {text[m.start : m.end] for m in document.mentions if m.label == "Variant"}
    assert variants == {"C797S", "T790M", "rs1801133", "F508del"}
    assert {"|".join(m.sources) for m in document.mentions} == {"biopipe-ner-minilm"}


@pytest.mark.parametrize(
    ("text", "variant", "gene"),
    [
        ("an ACVR1 R206H carrier", "R206H", "ACVR1"),
        ("DNMT3A p.R882H", "p.R882H", "DNMT3A"),
        ("SNP R206H", "R206H", None),
        ("TNF G308A", "G308A", "TNF"),
        ("VKORC1 -1639G>A", "-1639G>A", "VKORC1"),
        ("DPYD IVS14+1G>A", "IVS14+1G>A", "DPYD"),
        ("UTR -12C>T", "-12C>T", None),
        ("mtDNA A3243G", "A3243G", None),
        ("SNPs rs9939609", "rs9939609", None),
        ("in R206H", "R206H", None),
        ("ACVR1, R206H", "R206H", None),
        ("Y12F R206H", "R206H", None),
        ("X-ACVR1 R206H", "R206H", None),
    ],
)
def test_symbols_directly_before_a_substitution_are_genes(
    text: str, variant: str, gene: str | None
) -> None:
    mentions = [_mention(text, variant, "Variant")]
    labelled = label_symbols_before_variants(text, mentions)
    assert [text[m.start : m.end] for m in labelled if m.label == "Gene"] == [gene] * bool(gene)
    if gene:
        taken = [_mention(text, gene, "Disease"), *mentions]
        assert label_symbols_before_variants(text, taken) == taken


def test_two_digits_count_beside_a_gene() -> None:
    text = "HRAS Q61L was seen, HRAS T47D cells were not, and E17K neither"
    genes = [_mention(text, "HRAS", "Gene")]
    second = text.index("HRAS", 5)
    genes.append(Mention(second, second + 4, "Gene", score=0.6, sources=("tagger",)))
    found = _named(text, *genes)
    assert [name for name, label, _ in found if label == "Variant"] == ["Q61L"]


def test_a_gene_before_a_variant_is_as_sure_as_the_form() -> None:
    text = "VKORC1 -1639G>A"
    mentions = [_mention(text, "VKORC1", "Gene", 0.3), _mention(text, "-1639G>A", "Variant")]
    assert [m.score for m in label_symbols_before_variants(text, mentions)] == [0.9, 0.6]


def test_what_is_less_sure_than_its_threshold_does_not_hide_a_variant() -> None:
    text = "BRCA2 6174delT carriers"
    longer = [_mention(text, "BRCA2 6174delT carriers", "Disease", 0.2)]
    assert label_variant_forms(text, longer, source="t") == longer
    (found,) = label_variant_forms(text, longer, source="t", thresholds={"Disease": 0.4})
    assert text[found.start : found.end] == "6174delT"


def test_a_variant_behind_a_gene_and_a_hyphen() -> None:
    text = "TNF-308G/A, SNCA-A53T and MDA-A53T"
    genes = [_mention(text, "TNF", "Gene"), _mention(text, "SNCA", "Gene")]
    found = _named(text, *genes)
    assert [name for name, label, _ in found if label == "Variant"] == ["-308G/A", "A53T"]


def test_cells_stay_cells() -> None:
    text = "R201C cells and R201C"
    cells = _mention(text, "R201C", "CellLine")
    assert [(name, label) for name, label, _ in _named(text, cells)] == [
        ("R201C", "CellLine"),
        ("R201C", "Variant"),
    ]
