"""An rs number is that of another variant only where the text says that the two are one."""

import pytest

from biopipe.document import Document
from biopipe.kinds.context import DocumentContext
from biopipe.kinds.variant.concepts import variant_concept


def _ids(document: Document) -> list[str]:
    """What each variant is, without the prefix of dbSNP."""
    context = DocumentContext(document)
    surfaces = [document.text[m.start : m.end] for m in document.mentions if m.label == "Variant"]
    concepts = [variant_concept(surface, context) for surface in surfaces]
    return [c.concept_id.removeprefix("dbSNP:") if c else "" for c in concepts]


@pytest.mark.parametrize(
    "text",
    [
        "{V rs1801282} ({V P12A}) of {G PPARG}",
        "{G PPARG} {V P12A} ({V rs1801282}) carriers",
        "the {V P12A} variant ({V rs1801282})",
        "{V P12A} in the {G PPARG} gene ({V rs1801282})",
        "{V P12A} ({V c.34C>G}, {V rs1801282})",
        "{V P12A} ({V rs1801282}; MAF 0.1)",
        "{V P12A}, also known as {V rs1801282},",
        "{V rs1801282}, which leads to a {V P12A} substitution",
        "{V rs1801282}, encoding the amino acid exchange {V P12A},",
    ],
)
def test_one_variant_has_one_number(marked, text: str) -> None:
    assert set(_ids(marked(text))) == {"rs1801282"}


@pytest.mark.parametrize(
    "text",
    [
        # another gene
        "A {G GALT} splice variant, {V c.253-2A>G}, and {V rs1050828} of {G G6PD}",
        "{G GALT} {V c.253-2A>G} and {G G6PD} ({V rs1050828})",
        "{G GALT} {V c.253-2A>G} ({V rs1050828} of {G G6PD} as a control)",
        "{G GALT} {V c.253-2A>G} in {G G6PD} ({V rs1050828})",
        # lists
        "We typed {V c.253-2A>G}, {V rs1050828} and others",
        "{V c.253-2A>G}/{V rs1050828}",
        "{V Q188R}, {V c.253-2A>G} ({V rs1050828})",
        "{V c.253-2A>G} ({V rs1050828}, {V rs1050829})",
        "{V c.253-2A>G} and {V c.404C>T} ({V rs1050828} and {V rs1050829})",
        # another sentence, or nothing that joins them
        "{V c.253-2A>G} was found. {V rs1050828} was not.",
        "{V c.253-2A>G} was as rare as {V rs1050828}",
        # the only two of the document
        "Carriers of {V c.253-2A>G} were ill; {V rs1050828} was common.",
    ],
)
def test_other_variants_have_no_number(marked, text: str) -> None:
    document = marked(text)
    surfaces = [document.text[m.start : m.end] for m in document.mentions if m.label == "Variant"]
    for surface, concept_id in zip(surfaces, _ids(document), strict=True):
        assert concept_id.startswith("rs") is surface.startswith("rs"), surface


def test_the_number_holds_elsewhere_for_the_same_letters_alone(marked) -> None:
    text = "{V D614G} ({V rs1}99)".replace("rs1}99", "rs199}")
    document = marked(f"{text}; {{V D614G}} spread, {{V D614N}} did not, {{V c.1841A>G}} neither")
    assert _ids(document) == [
        "rs199",
        "rs199",
        "rs199",
        "p|SUB|D|614|N",
        "c|SUB|A|1841|G",
    ]


def test_a_change_beside_two_genes_is_two_variants(marked) -> None:
    document = marked("{G BRAF} {V K601E} ({V rs1219}), and {G RAF1} {V K601E}")
    assert _ids(document) == ["p|SUB|K|601|E", "rs1219", "p|SUB|K|601|E"]


def test_a_change_without_a_place_is_what_stands_in_the_brackets_alone(marked) -> None:
    assert _ids(marked("{V rs1234} ({V A>G}) was typed")) == ["rs1234", "rs1234"]
    assert _ids(marked("{V rs1234} ({V A>G}) and another {V A>G}"))[2] == "c|SUB|A||G"
