from marked_notes import GoldNote, read_note, read_notes

from biopipe.clinical.sections.finder import SectionFinder
from biopipe.clinical.sections.titles import load_titles
from biopipe.document import Document


def test_marks_become_spans() -> None:
    note = read_note(
        "1", "@plan@Plan: {M1t:aspirin} {S1:81 mg} for {P?:MI}; {T1:Na} {V1:138} {U1:mM}"
    )
    text = note.text
    assert text == "Plan: aspirin 81 mg for MI; Na 138 mM"
    assert note.sections == [("plan", 0)]
    (problem,), (drug,), (value,) = note.problems, note.medications, note.values
    assert (text[problem.start : problem.end], problem.assertion) == ("MI", {"possible"})
    assert (text[drug.start : drug.end], drug.status) == ("aspirin", "started")
    assert [(kind, text[start:end]) for kind, start, end in drug.attributes] == [
        ("strength", "81 mg")
    ]
    assert value.unit is not None
    assert [text[start:end] for start, end in (value.test, value.value, value.unit)] == [
        "Na", "138", "mM"
    ]  # fmt: skip


def test_all_notes_are_there_and_their_marks_are_closed() -> None:
    notes = read_notes()
    assert [note.in_first_half for note in notes] == [True] * 10 + [False] * 10
    assert not [note.id for note in notes if set("{}@") & set(note.text)]
    categories = {title.category for title in load_titles().values()}
    assert {category for note in notes for category, _ in note.sections} <= categories
    assert all(note.problems and note.sections for note in notes)


def _right(note: GoldNote) -> tuple[int, int]:
    """How many of the sections begin where they should with the right category; how many there
    are.
    """
    (document,) = SectionFinder().predict([Document(note.id, note.text)])
    found = {(section.category, section.start) for section in document.sections or ()}
    headed = [section for section in note.sections if section[0] != "history_of_present_illness"]
    return len(found & set(headed)), len(headed)


def test_sections_of_the_second_half() -> None:
    counts = [_right(note) for note in read_notes() if not note.in_first_half]
    right, wanted = (sum(column) for column in zip(*counts, strict=True))
    assert right >= 0.95 * wanted
