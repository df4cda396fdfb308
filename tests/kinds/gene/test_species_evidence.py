"""What a text says of whose gene a mention is."""

import pytest

from biopipe.document import Document, Mention
from biopipe.kinds.gene.species_evidence import SPECIES_FEATURES, SpeciesEvidence
from biopipe.language.species_words import HUMAN_TAXON
from biopipe.text.sentences import with_sentences

MOUSE, RAT = "NCBITaxon:10090", "NCBITaxon:10116"


def features(text: str, name: str, taxon: str, *others: Mention) -> dict[str, float]:
    mention = Mention(text.index(name), text.index(name) + len(name), "Gene")
    document = with_sentences(Document("1", text, mentions=(mention, *others)))
    (row,) = SpeciesEvidence(document).features(mention, [taxon])
    return dict(zip(SPECIES_FEATURES, row.tolist(), strict=True))


@pytest.mark.parametrize(
    ("text", "name", "taxon", "said"),
    [
        ("The mouse Il6 gene.", "Il6", MOUSE, {"word before", "sentence before", "rodent symbol"}),
        (
            "IL6 of patients.",
            "IL6",
            HUMAN_TAXON,
            {"sentence behind", "people in sentence", "capitals"},
        ),
        ("We saw murine Tnf receptor.", "murine Tnf receptor", MOUSE, {"own word"}),
        ("Wistar animals. Then Il6 fell.", "Il6", RAT, {"last before", "alone", "in title"}),
        ("Cells in nude mice. IL6 fell.", "IL6", MOUSE, {"host", "hosts only"}),
        ("Nude mice and knockout mice. IL6 fell.", "IL6", MOUSE, {"host", "made"}),
    ],
)
def test_what_is_said(text: str, name: str, taxon: str, said: set[str]) -> None:
    found = features(text, name, taxon)
    assert {name for name in said if found[name]} == said


def test_other_taxa_have_nothing_of_it() -> None:
    found = features("The mouse Il6 gene.", "Il6", HUMAN_TAXON)
    assert not any(found[name] for name in ("word before", "share", "mouse", "rodent symbol"))
    assert not features("Nude mice and knockout mice. IL6 fell.", "IL6", MOUSE)["hosts only"]


def test_a_line_says_it_where_no_species_does() -> None:
    text = "HeLa cells made IL6. Mice did not."
    line = Mention(0, 4, "CellLine")
    assert features(text, "IL6", HUMAN_TAXON, line)["line in sentence"]
    text = "HeLa cells and mice made IL6."
    assert not features(text, "IL6", HUMAN_TAXON, line)["line in sentence"]


def test_silent_sentences() -> None:
    text = "Mice were kept. IL6 fell. TNF of patients rose."
    il6, tnf = (Mention(text.index(n), text.index(n) + 3, "Gene") for n in ("IL6", "TNF"))
    document = with_sentences(Document("1", text, mentions=(il6, tnf)))
    evidence = SpeciesEvidence(document)
    assert set(evidence.taxa) == {MOUSE, HUMAN_TAXON}
    assert evidence.is_silent(il6)
    assert not evidence.is_silent(tnf)
