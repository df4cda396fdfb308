"""Lists and tables of drugs: heads that say the status, rows, names with their amounts in them."""

from pathlib import Path

import pytest

from biopipe.clinical.medications.finder import MedicationFinder
from biopipe.clinical.sections.finder import SectionFinder
from biopipe.document import Document, Mention
from biopipe.document.attributes import DOSE, DURATION, FREQUENCY, ROUTE, STRENGTH
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept

NAMES = ("lisinopril", "metformin", "warfarin", "digoxin", "fluticasone", "salmeterol", "attacks")


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> MedicationFinder:
    concepts = [Concept(f"X:{n}", name, types=("Chemical",)) for n, name in enumerate(NAMES)]
    directory = tmp_path_factory.mktemp("kb") / "kb"
    compile_kb(concepts, directory, name="drugs", version="1", licence="CC0", sources={})
    return MedicationFinder(directory)


def annotated(finder: MedicationFinder, text: str, *mentions: tuple[str, str]) -> Document:
    """The document; `mentions` are words with their labels."""
    marked = [Mention(text.index(w), text.index(w) + len(w), label) for w, label in mentions]
    document = Document("n", text, tuple(sorted(marked, key=lambda m: m.start)))
    (document,) = finder.predict(SectionFinder().predict([document]))
    return document


def statuses(document: Document) -> dict[str, str]:
    return {medication.name: medication.status for medication in document.medications}


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("STOP:", "stopped"),
        ("Stop taking these medications:", "stopped"),
        ("DISCONTINUED MEDICATIONS:", "stopped"),
        ("- Discontinue:", "stopped"),
        ("NEW:", "started"),
        ("Start taking:", "started"),
        ("CONTINUE these home medications:", "taken"),
        ("Hold:", "held"),
        ("Pharmacy:", "taken"),
    ],
)
def test_the_head_of_a_list_says_the_status(
    finder: MedicationFinder, head: str, status: str
) -> None:
    text = f"MEDICATIONS:\n{head}\n - lisinopril 20 mg daily\n - metformin 500 mg BID\n"
    assert statuses(annotated(finder, text)) == {"lisinopril": status, "metformin": status}


def test_a_head_ends_at_the_next_one_and_with_its_section(finder: MedicationFinder) -> None:
    text = (
        "MEDICATIONS:\nSTOP:\n - lisinopril 20 mg\nCONTINUE:\n - metformin 500 mg\n"
        "HPI: She is on warfarin 5 mg daily.\n"
    )
    assert statuses(annotated(finder, text)) == {
        "lisinopril": "stopped", "metformin": "taken", "warfarin": "taken"
    }  # fmt: skip


def test_what_a_line_says_of_its_drug_goes_before_its_head(finder: MedicationFinder) -> None:
    text = "MEDICATIONS:\nCONTINUE:\n - lisinopril 20 mg was stopped\n - metformin 500 mg\n"
    assert statuses(annotated(finder, text)) == {"lisinopril": "stopped", "metformin": "taken"}


def test_a_column_says_the_status_of_its_row(finder: MedicationFinder) -> None:
    text = (
        "MEDICATION RECONCILIATION        Reviewed by RN\n\n"
        "Medication      Dose      Route   Frequency       Action\n"
        "Warfarin        5 mg      PO      daily           HOLD\n"
        "Digoxin         0.125 mg  PO      every other day Discontinue\n"
        "Metformin       500 mg    PO      BID             Change to 850 mg\n"
        "Lisinopril      10 mg     PO      once daily      Continue\n"
    )
    document = annotated(finder, text)
    assert statuses(document)["Warfarin"] == "held"
    assert statuses(document)["Lisinopril"] == "taken"
    kinds = {m.name: [a.kind for a in m.attributes] for m in document.medications}
    assert kinds["Lisinopril"] == [STRENGTH, ROUTE, FREQUENCY]
    assert {medication.section for medication in document.medications} == {"medications"}


def test_drugs_with_a_slash_between_share_what_is_said(finder: MedicationFinder) -> None:
    drugs = [("Fluticasone", "Chemical"), ("salmeterol", "Chemical")]
    document = annotated(finder, "Fluticasone/salmeterol 250/50 mcg inhaled BID.", *drugs)
    first, second = document.medications
    assert first.attributes == second.attributes
    assert [a.kind for a in first.attributes] == [STRENGTH, ROUTE, FREQUENCY]


@pytest.mark.parametrize(
    ("mention", "name"), [("cefazolin 2 g", "cefazolin"), ("tiotropium 18", "tiotropium")]
)
def test_an_amount_is_no_part_of_the_name(
    finder: MedicationFinder, mention: str, name: str
) -> None:
    text = f"{mention}{' mcg' if mention.endswith('18') else ''} IV was given."
    document = annotated(finder, text, (mention, "Chemical"))
    (medication,) = document.medications
    assert medication.name == name
    assert [text[m.start : m.end] for m in document.mentions] == [name]
    assert medication.of_kind(STRENGTH)


def test_strengths_of_a_compound_with_a_hyphen(finder: MedicationFinder) -> None:
    text = "MEDICATIONS:\n- foobarate 875-125 mg, 1 tablet by mouth every 12 hours\n"
    (medication,) = annotated(finder, text).medications
    (strength,) = medication.of_kind(STRENGTH)
    assert text[strength.start : strength.end] == "875-125 mg"
    assert [a.amount for a in medication.of_kind(DOSE)] == [1]


def test_a_verb_of_directions_is_no_drug(finder: MedicationFinder) -> None:
    text = "MEDICATIONS:\n- metformin 500 mg, take 2 tablets, then inject 12 units at bedtime\n"
    assert list(statuses(annotated(finder, text))) == ["metformin"]


def test_a_word_of_another_mention_is_no_drug(finder: MedicationFinder) -> None:
    text = "Panic attacks 2x/week."
    assert not annotated(finder, text, ("Panic attacks", "Disease")).medications


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Previous trials: metformin (stopped, side effects), warfarin.", "stopped"),
        ("Avoid metformin.", "stopped"),
        ("She never started metformin.", "stopped"),
        ("Not taking: metformin.", "stopped"),
    ],
)
def test_what_is_not_taken(finder: MedicationFinder, text: str, status: str) -> None:
    document = annotated(finder, text, ("metformin", "Chemical"))
    assert statuses(document)["metformin"] == status


def test_within_a_time_of_something_is_no_duration(finder: MedicationFinder) -> None:
    document = annotated(finder, "Metformin 500 mg was given within 60 minutes of incision.")
    assert not document.medications[0].of_kind(DURATION)


def test_how_sure_an_inferred_drug_is(finder: MedicationFinder, tmp_path: Path) -> None:
    text = "MEDICATIONS:\n- metformin 500 mg BID\n- foobarol 25 mg PO daily\n"
    document = annotated(finder, text)
    scores = {text[m.start : m.end]: m.score for m in document.mentions}
    assert scores == {"metformin": 0.9, "foobarol": 0.6}
