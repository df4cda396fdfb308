"""What a mention may be read as."""

from biopipe.linking.readings import Readings
from biopipe.types import Abbreviation, Document, Mention

TEXT = "multiple sclerosis (MS); later mass spectrometry (MS). MS, MSs and MS/ALS"


def readings(surface: str, place: int = 0) -> tuple[str, ...]:
    first, second = TEXT.index("MS"), TEXT.index("MS)", 30)
    later = TEXT.index("mass")
    abbreviations = Abbreviation(first, first + 2, 0, 18), Abbreviation(second, second + 2, later, later + 17)
    document = Document("1", TEXT, abbreviations=abbreviations)
    start = TEXT.index(surface, place)
    return Readings(document).of(Mention(start, start + len(surface), "Disease"))


def test_the_latest_definition_before_the_mention_counts() -> None:
    assert readings("MS") == ("multiple sclerosis", "MS")
    assert readings("MS", TEXT.index(". MS")) == ("mass spectrometry", "MS")


def test_plurals_and_parts_of_a_mention() -> None:
    assert readings("MSs") == ("mass spectrometry", "MSs")
    assert readings("MS/ALS") == ("MS/ALS", "mass spectrometry/ALS")


def test_without_definitions_a_mention_is_itself() -> None:
    assert Readings(Document("1", "MS")).of(Mention(0, 2, "Disease")) == ("MS",)


def test_a_definition_inside_the_mention_is_left_out() -> None:
    assert "multiple sclerosis" in readings("multiple sclerosis (MS)")


def test_an_undefined_short_form_is_read_as_a_mention_with_its_initials() -> None:
    text = "Myotonic dystrophy is inherited. DM and MD; DMX."
    surfaces = ["Myotonic dystrophy", "DM", "MD", "DMX"]
    mentions = tuple(Mention(text.index(each), text.index(each) + len(each), "Disease") for each in surfaces)
    document = Document("1", text, mentions=mentions)
    readings = [Readings(document).of(mention) for mention in mentions]
    assert readings == [
        ("Myotonic dystrophy",),
        ("Myotonic dystrophy", "DM"),
        ("Myotonic dystrophy", "MD"),
        ("DMX",),
    ]
    gene = Mention(mentions[1].start, mentions[1].end, "Gene")
    assert Readings(document).of(gene) == ("DM",), "a gene is not short for a disease"
