"""What a mention may be read as."""

import pytest

from biopipe.document import Abbreviation, Document, Mention
from biopipe.linking.surface_forms import SurfaceForms

TEXT = "multiple sclerosis (MS); later mass spectrometry (MS). MS, MSs and MS/ALS"


def surface_forms(surface: str, place: int = 0) -> tuple[str, ...]:
    first, second = TEXT.index("MS"), TEXT.index("MS)", 30)
    later = TEXT.index("mass")
    abbreviations = (
        Abbreviation(first, first + 2, 0, 18),
        Abbreviation(second, second + 2, later, later + 17),
    )
    document = Document("1", TEXT, abbreviations=abbreviations)
    start = TEXT.index(surface, place)
    return SurfaceForms(document).of(Mention(start, start + len(surface), "Disease"))


def test_the_latest_definition_before_the_mention_counts() -> None:
    assert surface_forms("MS") == ("multiple sclerosis", "MS")
    assert surface_forms("MS", TEXT.index(". MS")) == ("mass spectrometry", "MS")


def test_a_long_form_is_what_its_short_form_is() -> None:
    text = "fascin 1 (FSCN1) and fascin 2; FSCN1"
    document = Document("1", text, abbreviations=(Abbreviation(10, 15, 0, 8),))
    forms = SurfaceForms(document)
    assert forms.of(Mention(0, 8, "Gene")) == ("fascin 1", "FSCN1")
    assert forms.of(Mention(31, 36, "Gene")) == ("fascin 1", "FSCN1")
    assert forms.of(Mention(21, 29, "Gene")) == ("fascin 2",)
    assert surface_forms("multiple sclerosis") == ("multiple sclerosis",), "MS is two things"


def test_plurals_and_parts_of_a_mention() -> None:
    assert surface_forms("MSs") == ("mass spectrometry", "MSs")
    assert surface_forms("MS/ALS") == ("MS/ALS", "mass spectrometry/amyotrophic lateral sclerosis")


def test_without_definitions_a_mention_is_itself() -> None:
    assert SurfaceForms(Document("1", "XS")).of(Mention(0, 2, "Disease")) == ("XS",)


@pytest.mark.parametrize(
    ("surface", "label", "expected"),
    [
        ("MS", "Disease", ("MS", "multiple sclerosis")),
        ("htn", "Phenotype", ("htn", "hypertension")),
        ("severe HTN", "Disease", ("severe HTN", "severe hypertension")),
        ("all", "Disease", ("all", "acute lymphoblastic leukemia")),
        ("all cancers", "Disease", ("all cancers",)),
        ("ASA", "Chemical", ("ASA", "aspirin")),
        ("ASA", "Gene", ("ASA",)),
        # What texts that define it nearly always say.
        ("EAE", "Disease", ("EAE", "experimental autoimmune encephalomyelitis")),
        ("ARBs", "Chemical", ("ARBs", "angiotensin receptor blockers")),
        ("MTX", "Disease", ("MTX",)),
    ],
)
def test_short_forms_that_nobody_defines(
    surface: str, label: str, expected: tuple[str, ...]
) -> None:
    assert SurfaceForms(Document("1", surface)).of(Mention(0, len(surface), label)) == expected


def test_a_document_s_own_definition_goes_before_the_usual_one() -> None:
    document = Document("1", "mitral stenosis (MS)", abbreviations=(Abbreviation(17, 19, 0, 15),))
    assert SurfaceForms(document).of(Mention(17, 19, "Disease")) == ("mitral stenosis", "MS")


def test_a_definition_inside_the_mention_is_left_out() -> None:
    assert "multiple sclerosis" in surface_forms("multiple sclerosis (MS)")


def test_an_undefined_short_form_is_read_as_a_mention_with_its_initials() -> None:
    text = "Myotonic dystrophy is inherited. DM and MD; DMX."
    surfaces = ["Myotonic dystrophy", "DM", "MD", "DMX"]
    mentions = tuple(
        Mention(text.index(each), text.index(each) + len(each), "Disease") for each in surfaces
    )
    document = Document("1", text, mentions=mentions)
    surface_forms = [SurfaceForms(document).of(mention) for mention in mentions]
    assert surface_forms == [
        ("Myotonic dystrophy",),
        ("Myotonic dystrophy", "DM"),
        ("Myotonic dystrophy", "MD"),
        ("DMX",),
    ]
    gene = Mention(mentions[1].start, mentions[1].end, "Gene")
    assert SurfaceForms(document).of(gene) == ("DM",), "a gene is not short for a disease"


@pytest.mark.parametrize(
    ("definition", "surface", "expected"),
    [
        ("Protease-activated receptors (PARs)", "PAR-1", "Protease-activated receptors 1"),
        ("Protease-activated receptors (PAR)", "PAR2", "Protease-activated receptors 2"),
        ("oestrogen receptors (ERs)", "ERα", "oestrogen receptors α"),
        ("spinocerebellar ataxia (SCA)", "SCA17", "spinocerebellar ataxia 17"),
    ],
)
def test_a_member_is_read_by_the_long_form_of_its_class(
    definition: str, surface: str, expected: str
) -> None:
    text = f"{definition} and {surface}, MMP-9"
    short, place = definition.index("(") + 1, text.rindex(surface)
    abbreviation = Abbreviation(short, len(definition) - 1, 0, short - 2)
    member = Mention(place, place + len(surface), "Gene")
    mentions = (Mention(0, short - 2, "Gene"), member)
    forms = SurfaceForms(Document("1", text, mentions, abbreviations=(abbreviation,)))
    assert forms.of(member) == (expected, surface)
    other = text.index("MMP-9")
    assert forms.of(Mention(other, other + 5, "Gene")) == ("MMP-9",), "of no class of the text"


def test_what_a_text_calls_something_else_has_no_members() -> None:
    text = "Parkinson's disease (PD), PD-1 and PD-12"
    abbreviations = (Abbreviation(21, 23, 0, 19),)
    disease = Mention(0, 19, "Disease")
    first, second = Mention(26, 30, "Gene"), Mention(35, 40, "Gene")
    forms = SurfaceForms(Document("1", text, (disease, first, second), abbreviations=abbreviations))
    assert [forms.of(first), forms.of(second)] == [("PD-1",), ("PD-12",)]
    # Where it calls the class nothing, codes of three signs may mean anything.
    forms = SurfaceForms(Document("1", text, (first, second), abbreviations=abbreviations))
    assert [forms.of(first), forms.of(second)] == [
        ("PD-1",),
        ("Parkinson's disease 12", "PD-12"),
    ]


def test_a_member_that_is_defined_itself_is_no_member() -> None:
    text = "heat shock protein (HSP), heat shock factor 1 (HSP1); HSP1"
    first, second = text.index("HSP)"), text.index("HSP1)")
    long = text.index("heat shock factor")
    abbreviations = (
        Abbreviation(first, first + 3, 0, 18),
        Abbreviation(second, second + 4, long, long + 19),
    )
    forms = SurfaceForms(Document("1", text, abbreviations=abbreviations))
    assert forms.of(Mention(len(text) - 4, len(text), "Gene"))[0] == "heat shock factor 1"


def test_a_name_around_its_definition_is_read_by_the_short_form_too() -> None:
    surface = "kidney injury molecule (KIM)-1"
    place = surface.index("KIM")
    document = Document("1", surface, abbreviations=(Abbreviation(place, place + 3, 0, place - 2),))
    forms = SurfaceForms(document).of(Mention(0, len(surface), "Gene"))
    assert "KIM-1" in forms
    assert forms.index("kidney injury molecule-1") < forms.index("KIM-1")
