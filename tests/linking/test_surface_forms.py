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
