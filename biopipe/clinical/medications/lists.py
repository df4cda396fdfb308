"""Lists and tables of drugs whose heads and cells say the status: "STOP:", a column "Action"."""

from collections.abc import Sequence
from dataclasses import replace

from biopipe.clinical.medications.drugs import SentenceView
from biopipe.document import Document, Medication
from biopipe.document.sections import section_of

__all__ = ["ends_line", "heads_list", "in_cell", "last_group", "set_cell_status"]


def heads_list(document: Document, sentence: SentenceView, *, says_status: bool = False) -> bool:
    """Whether a sentence is the heading of a section, or all of a line that ends in a colon; one
    that says a status in several words ("Discontinued medications") needs no colon.
    """
    text, section = document.text, section_of(document, sentence.start)
    if section is not None and sentence.end <= section.body:
        return True
    before = text[text.rfind("\n", 0, sentence.start) + 1 : sentence.start]
    named = says_status and len(sentence.words) > 1 and ends_line(text, sentence.end)
    return (text[sentence.end - 1] == ":" or named) and not before.strip(" \t*#>-•")


def ends_line(text: str, place: int) -> bool:
    """Whether nothing stands from a place to the end of its line."""
    end = text.find("\n", place)
    return not text[place : end if end >= 0 else len(text)].strip()


def in_cell(text: str, sentence: SentenceView) -> bool:
    """Whether a tab, a bar or a gap stands before a sentence in its line."""
    gap = text[text.rfind("\n", 0, sentence.start) + 1 : sentence.start][-2:]
    barred = text[sentence.start] == "|"
    return barred or (bool(gap) and ("\t" in gap or not gap.strip(" |")))


def set_cell_status(
    document: Document, medications: list[Medication], sentence: SentenceView, status: str
) -> None:
    """Give the medications of the line whose last cell a sentence is its status, in place."""
    text = document.text
    line, end = text.rfind("\n", 0, sentence.start) + 1, text.find("\n", sentence.end)
    behind = text[sentence.end : end if end >= 0 else len(text)]
    if behind.strip(" \t|") or not in_cell(text, sentence):
        return
    for place in range(len(medications) - 1, -1, -1):
        if medications[place].start < line:
            return
        medications[place] = replace(medications[place], status=status)


def last_group(text: str, medications: Sequence[Medication]) -> list[int]:
    """The places of the last medication and of those that a slash joins to it, as in
    fluticasone/salmeterol.
    """
    places = [len(medications) - 1]
    while places[-1] and (
        text[medications[places[-1] - 1].end : medications[places[-1]].start] == "/"
    ):
        places.append(places[-1] - 1)
    return places
