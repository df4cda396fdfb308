import pytest

from biopipe.assertion.lexicon import Lexicon
from biopipe.assertion.sections import headings, section_at
from biopipe.assertion.trigger_files import load_triggers

LEXICON = Lexicon(load_triggers("en"))
HISTORICAL, FAMILY = frozenset({"historical"}), frozenset({"family", "historical"})


def section_of(text: str, word: str = "here") -> frozenset[str]:
    said = section_at(headings(text, LEXICON), text.index(word))
    return frozenset(name for name, _ in said)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PMH: here", HISTORICAL),
        ("Past Medical History: a, b.\n\nand here", HISTORICAL),
        ("PAST MEDICAL HISTORY\nhere", HISTORICAL),
        ("FAMILY HISTORY:\nMother: here", FAMILY),
        ("Family history : here", FAMILY),
        ("seen today. FAMILY HISTORY: here", FAMILY),
        ("PMH: a\nHOSPITAL COURSE: here", frozenset()),
        ("PMH: a\nHospital Course\nhere", frozenset()),
        ("PMH: a\n\nSomething unknown: here", frozenset()),
        ("PMH: a\nSOMETHING UNKNOWN: here", frozenset()),
        ("PMH: a. SOMETHING UNKNOWN: here", frozenset()),
        ("PMH: a\nSomething unknown: here", HISTORICAL),
        ("Past medical history: a\nCAD: here", HISTORICAL),
        ("SOCIAL HISTORY: TOBACCO UNKNOWN: here", HISTORICAL),
        ("PMH: ratio 1:2, at 10:30 here", HISTORICAL),
        ("no past medical history: here", frozenset()),
        ("the past medical history\nhere", frozenset()),
        ("HISTORY OF PRESENT ILLNESS: here", frozenset()),
        ("FAMILY HISTORY: a. METHODS: here", frozenset()),
        ("here PMH: a", frozenset()),
    ],
)
def test_the_section_of_a_place(text: str, expected: frozenset[str]) -> None:
    assert section_of(text) == expected


def test_a_heading_spans_its_words_and_colon() -> None:
    text = "x. Family History: y\nPlan\n"
    found = headings(text, LEXICON)
    assert [text[each.start : each.end] for each in found] == ["Family History:", "Plan"]


def test_without_headings_in_the_triggers_there_are_none() -> None:
    assert headings("PMH: a", Lexicon([])) == []


def test_many_colons_and_long_words_take_linear_steps() -> None:
    """A regular expression that runs back over the text would not come to an end here."""
    text = "PMH: " + "A" * 100_000 + ":" * 20_000 + " " * 100_000 + "\n" + "A B " * 30_000 + ":"
    assert {name for name, _ in headings(text, LEXICON)[0].assertions} == HISTORICAL
