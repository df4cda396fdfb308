import pickle
from pathlib import Path

import pytest

from biopipe.clinical.measurements.finder import MeasurementFinder
from biopipe.clinical.medications.finder import MedicationFinder
from biopipe.clinical.sections.finder import SectionFinder
from biopipe.document import Document, Medication, Mention
from biopipe.document.attributes import (
    AS_NEEDED,
    DOSE,
    DURATION,
    FORM,
    FREQUENCY,
    MEDICATION_STATUSES,
    ROUTE,
    STRENGTH,
)
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept

CONCEPTS = tuple(
    Concept(f"MESH:D{number:06}", name, types=("Chemical",))
    for number, name in enumerate(
        [
            "metoprolol",
            "lisinopril",
            "potassium",
            "aspirin",
            "glucose",
            "penicillin",
            "ibuprofen",
            "q4h",
            "Hct",
        ]
    )
)


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> MedicationFinder:
    directory = tmp_path_factory.mktemp("kb") / "kb"
    compile_kb(CONCEPTS, directory, name="drugs", version="1", licence="CC0", sources={})
    return MedicationFinder(directory)


def annotated(finder: MedicationFinder, text: str, *drugs: str) -> Document:
    """The document with its medications; `drugs` are mentions that a recogniser found."""
    mentions = tuple(
        Mention(text.index(drug), text.index(drug) + len(drug), "Chemical") for drug in drugs
    )
    (document,) = finder.predict(SectionFinder().predict([Document("n", text, mentions)]))
    return document


def told(document: Document, medication: Medication) -> dict[str, list[str]]:
    """What is said of a medication, in the words of the text, by kind."""
    kinds: dict[str, list[str]] = {}
    for attribute in medication.attributes:
        written = document.text[attribute.start : attribute.end]
        kinds.setdefault(attribute.kind, []).append(written)
    return kinds


def test_a_medication_line_is_one_by_its_form(finder: MedicationFinder) -> None:
    document = annotated(finder, "He takes foobarol succ 25 mg PO BID.")
    (medication,) = document.medications
    assert medication.name == "foobarol succ"
    assert told(document, medication) == {
        STRENGTH: ["25 mg"], ROUTE: ["PO"], FREQUENCY: ["BID"]
    }  # fmt: skip
    assert medication.times_a_day == 2
    strength = medication.of_kind(STRENGTH)[0]
    assert (strength.amount, strength.unit) == (25, "mg")


def test_a_name_of_the_knowledge_base_takes_its_salt_along(finder: MedicationFinder) -> None:
    document = annotated(finder, "Currently on metoprolol succ 25 mg.")
    assert [m.name for m in document.medications] == ["metoprolol succ"]
    assert [(m.label, m.sources) for m in document.mentions] == [("Chemical", ("medications",))]


@pytest.mark.parametrize(
    ("written", "value", "times"),
    [
        ("BID", "2/d", 2),
        ("b.i.d.", "2/d", 2),
        ("twice daily", "2/d", 2),
        ("twice-daily", "2/d", 2),
        ("two times a day", "2/d", 2),
        ("q6h", "1/6h", 4),
        ("q 6 hrs", "1/6h", 4),
        ("every six hours", "1/6h", 4),
        ("every 4-6 hours", "1/6h", 4),
        ("q.8.h.", "1/8h", 3),
        ("TDS", "3/d", 3),
        ("4 times/day", "4/d", 4),
        ("every other day", "1/2d", 0.5),
        ("qhs", "1/d HS", 1),
        ("at bedtime", "1/d HS", 1),
        ("weekly", "1/wk", pytest.approx(1 / 7, abs=1e-6)),
        ("3 times a week", "3/wk", pytest.approx(3 / 7, abs=1e-6)),
        ("daily", "1/d", 1),
    ],
)
def test_frequencies_are_times_a_day(
    finder: MedicationFinder, written: str, value: str, times: float
) -> None:
    (medication,) = annotated(finder, f"lisinopril 10 mg {written}").medications
    assert [a.value for a in medication.of_kind(FREQUENCY)] == [value]
    assert medication.times_a_day == times


def test_a_range_keeps_both_ends(finder: MedicationFinder) -> None:
    (medication,) = annotated(finder, "ibuprofen 200-400 mg every 4-6 hours prn").medications
    strength, frequency = medication.of_kind(STRENGTH)[0], medication.of_kind(FREQUENCY)[0]
    assert (strength.amount, strength.upper_amount) == (200, 400)
    assert (frequency.amount, frequency.upper_amount) == (4, 6)
    assert medication.as_needed


def test_each_attribute_goes_to_its_drug(finder: MedicationFinder) -> None:
    text = (
        "Meds: lisinopril 10 mg daily, aspirin 81 mg, oral ibuprofen prn and 20 mg of metoprolol."
    )
    document = annotated(finder, text, "lisinopril", "aspirin", "ibuprofen", "metoprolol")
    assert {m.name: told(document, m) for m in document.medications} == {
        "lisinopril": {STRENGTH: ["10 mg"], FREQUENCY: ["daily"]},
        "aspirin": {STRENGTH: ["81 mg"]},
        "ibuprofen": {ROUTE: ["oral"], AS_NEEDED: ["prn"]},
        "metoprolol": {STRENGTH: ["20 mg"]},
    }


def test_lists_and_line_breaks(finder: MedicationFinder) -> None:
    text = (
        "Medications:\n1. Lisinopril\n   10 mg tablet\n   Sig: 1 tablet by mouth daily\n"
        "2. Symbizort 160/4.5 mcg 2 puffs BID x 10 days\n\nPlan:\nCall if worse.\n"
    )
    document = annotated(finder, text)
    lisinopril, inhaler = document.medications
    assert told(document, lisinopril) == {
        STRENGTH: ["10 mg"],
        FORM: ["tablet"],
        DOSE: ["1 tablet"],
        ROUTE: ["by mouth"],
        FREQUENCY: ["daily"],
    }
    assert inhaler.name == "Symbizort"
    assert [a.value for a in inhaler.of_kind(DURATION)] == ["P10D"]
    assert {m.section for m in document.medications} == {"medications"}


def test_an_empty_line_ends_a_medication(finder: MedicationFinder) -> None:
    document = annotated(finder, "Takes lisinopril 10 mg.\n\nTwice daily he walks.")
    assert told(document, document.medications[0]) == {STRENGTH: ["10 mg"]}


@pytest.mark.parametrize(
    ("text", "statuses"),
    [
        ("He was started on aspirin.", {"aspirin": "started"}),
        ("Aspirin was started.", {"Aspirin": "started"}),
        ("She stopped aspirin but continues lisinopril.",
         {"aspirin": "stopped", "lisinopril": "taken"}),
        ("Lisinopril and aspirin were discontinued.",
         {"Lisinopril": "stopped", "aspirin": "stopped"}),
        ("Lisinopril was stopped and aspirin started.",
         {"Lisinopril": "stopped", "aspirin": "started"}),
        ("Hold lisinopril, continue aspirin.", {"lisinopril": "held", "aspirin": "taken"}),
        ("Lisinopril 10 mg daily is on hold.", {"Lisinopril": "held"}),
        ("Allergic to penicillin and aspirin.", {"penicillin": "allergy", "aspirin": "allergy"}),
        ("Allergies: penicillin (rash).", {"penicillin": "allergy"}),
        ("Continue aspirin.", {"aspirin": "taken"}),
        ("Weaned off of lisinopril last week.", {"lisinopril": "stopped"}),
    ],
)  # fmt: skip
def test_statuses(finder: MedicationFinder, text: str, statuses: dict[str, str]) -> None:
    document = annotated(finder, text, *statuses)
    assert {m.name: m.status for m in document.medications} == statuses
    assert set(statuses.values()) <= set(MEDICATION_STATUSES)


def test_the_name_of_a_test_with_its_value_is_no_medication(finder: MedicationFinder) -> None:
    text = "Hct 34%. Takes aspirin 81 mg."
    (measured,) = MeasurementFinder().predict([Document("n", text)])
    (document,) = finder.predict([measured])
    assert [m.name for m in document.medications] == ["aspirin"]


def test_what_is_measured_or_eaten_is_no_medication(finder: MedicationFinder) -> None:
    document = annotated(finder, "Labs: potassium 4.2 mEq/L, glucose 110 mg/dL.", "glucose")
    assert document.medications == ()
    document = annotated(finder, "Potassium 20 mEq daily.")
    assert [m.name for m in document.medications] == ["Potassium"]


def test_what_is_said_of_a_drug_is_none(finder: MedicationFinder) -> None:
    # "Q4H" is the code of a ligand, and a recogniser takes an inhaler for a chemical.
    text = "albuterol inhaler 2 puffs q4h prn wheezing"
    document = annotated(finder, text, "albuterol", "inhaler")
    (medication,) = document.medications
    assert told(document, medication) == {
        FORM: ["inhaler"], DOSE: ["2 puffs"], FREQUENCY: ["q4h"], AS_NEEDED: ["prn"]
    }  # fmt: skip


def test_a_heading_is_no_drug(finder: MedicationFinder) -> None:
    document = annotated(finder, "Aspirin: none", "Aspirin")
    assert len(document.mentions) == 1
    text = "Medications: aspirin 81 mg"
    document = annotated(finder, text, "Medications", "aspirin")
    assert [m.name for m in document.medications] == ["aspirin"]


def test_without_a_knowledge_base_and_without_mentions() -> None:
    finder = MedicationFinder("", add_mentions=False)
    document = annotated(finder, "On foobarol 25 mg daily.")
    assert [m.name for m in document.medications] == ["foobarol"]
    assert document.mentions == ()
    assert finder.resources() == ()
    assert "mentions" not in finder.info.gives


def test_it_can_be_pickled(finder: MedicationFinder) -> None:
    again = pickle.loads(pickle.dumps(finder))
    text = "lisinopril 10 mg daily"
    assert annotated(again, text) == annotated(finder, text)
    assert [resource.name for resource in again.resources()] == ["drugs"]


def test_a_knowledge_base_that_is_not_there(tmp_path: Path) -> None:
    from biopipe.errors import KnowledgeBaseError

    with pytest.raises(KnowledgeBaseError, match="nothing"):
        MedicationFinder(tmp_path / "nothing").resources()


def test_items_of_a_line_keep_their_status_and_amounts(finder: MedicationFinder) -> None:
    text = (
        "Discharge meds: 1. lisinopril 5 mg daily 2. STOP taking ibuprofen 3. aspirin 81 mg daily"
    )
    document = annotated(finder, text, "lisinopril", "ibuprofen", "aspirin")
    assert {m.name: m.status for m in document.medications} == {
        "lisinopril": "taken",
        "ibuprofen": "stopped",
        "aspirin": "taken",
    }
    ibuprofen = document.medications[1]
    assert told(document, ibuprofen) == {}


def test_a_frequency_of_before_is_none(finder: MedicationFinder) -> None:
    document = annotated(finder, "aspirin 81 mg po bid (increased from daily)", "aspirin")
    assert told(document, document.medications[0])[FREQUENCY] == ["bid"]


def test_what_a_drug_is_needed_for_is_a_problem(finder: MedicationFinder) -> None:
    text = "ibuprofen 400 mg prn wheeze; aspirin as needed for taper, prn metoprolol"
    document = annotated(finder, text, "ibuprofen", "wheeze", "aspirin", "taper", "metoprolol")
    assert [(text[m.start : m.end], m.label) for m in document.mentions] == [
        ("ibuprofen", "Chemical"),
        ("wheeze", "Disease"),
        ("aspirin", "Chemical"),
        # "Taper" is an amount in words and no drug; metoprolol is one that the base knows.
        ("metoprolol", "Chemical"),
    ]
