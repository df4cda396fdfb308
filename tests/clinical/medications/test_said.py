"""Statuses by words around a drug, rows of tables, amounts without a unit and those of before."""

from collections.abc import Callable

import pytest

from biopipe.clinical.measurements.finder import MeasurementFinder
from biopipe.clinical.medications.finder import MedicationFinder
from biopipe.clinical.sections.finder import SectionFinder
from biopipe.document import Document, Medication, Mention
from biopipe.document.attributes import AS_NEEDED, FREQUENCY, ROUTE, STRENGTH
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept

NAMES = (
    "lisinopril", "metformin", "warfarin", "metoprolol", "metoprolol succinate", "succinate",
    "cefepime", "sodium chloride", "acetaminophen", "tylenol", "creatinine", "bmp",
)  # fmt: skip


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> MedicationFinder:
    concepts = [Concept(f"X:{n}", name, types=("Chemical",)) for n, name in enumerate(NAMES)]
    concepts += [
        Concept("X:AGO", "AGO40", types=("Chemical",)),
        Concept("X:D", "chalazion", types=("Disease",)),
    ]
    directory = tmp_path_factory.mktemp("kb") / "kb"
    compile_kb(concepts, directory, name="drugs", version="1", licence="CC0", sources={})
    return MedicationFinder(directory)


def annotated(finder: MedicationFinder, text: str, *mentions: tuple[str, str]) -> Document:
    """The document with values and medications; `mentions` are words with their labels."""
    marked = [Mention(text.index(w), text.index(w) + len(w), label) for w, label in mentions]
    document = Document("n", text, tuple(sorted(marked, key=lambda m: m.start)))
    documents = MeasurementFinder().predict(SectionFinder().predict([document]))
    (document,) = finder.predict(documents)
    return document


def drugs(finder: MedicationFinder, text: str, *mentions: tuple[str, str]) -> list[Medication]:
    return list(annotated(finder, text, *mentions).medications)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("I have started him on metformin.", "started"),
        ("We put the patient on metformin.", "started"),
        ("We took her off metformin.", "stopped"),
        ("Metformin - not taking.", "stopped"),
        ("Metformin: hold.", "held"),
        ("Metformin deferred pending labs.", "held"),
        ("Prior trials: metformin, others.", "stopped"),
        ("No role for metformin.", "stopped"),
        ("Ran out of metformin last week.", "taken"),
        ("Cont to hold metformin.", "held"),
        ("Not on metformin or any insulin.", "stopped"),
        ("No metformin at home.", "stopped"),
        ("No fever on metformin.", "taken"),
        ("Metformin 500 mg was d/c'd for nausea.", "stopped"),
        ("Metformin is not indicated at this time.", "stopped"),
        ("Metformin was not given.", "stopped"),
        ("Metformin was changed to 850 mg BID.", "taken"),
        ("Do not restart metformin.", "stopped"),
        ("Metformin prn (not using).", "stopped"),
        ("#2 Diarrhea: d/c metformin.", "stopped"),
        ("Metformin - remote, d/c'd 2019.", "stopped"),
        ("Previously tried metformin (diarrhea).", "stopped"),
        ("Metformin was considered but not given.", "stopped"),
        ("s/p cholecystectomy 2018, gout (metformin)", "taken"),
        ("- Metformin 500 mg once daily (NEW)", "started"),
    ],
)
def test_words_around_a_drug(finder: MedicationFinder, text: str, status: str) -> None:
    name = "metformin" if "metformin" in text else "Metformin"
    (drug,) = drugs(finder, text, (name, "Chemical"))
    assert drug.status == status


@pytest.mark.parametrize(("text", "status"), [("Hold {}", "held"), ("Continue {}.", "taken")])
def test_a_known_name_behind_a_status_is_a_drug_whatever_it_was_found_as(
    finder: MedicationFinder, text: str, status: str
) -> None:
    document = annotated(finder, text.format("warfarin"), ("warfarin", "Test"))
    assert [(d.name, d.status) for d in document.medications] == [("warfarin", status)]
    assert [m.label for m in document.mentions] == ["Chemical"]


def test_what_follows_a_list_of_drugs_without_a_heading_is_no_list(
    finder: MedicationFinder,
) -> None:
    text = (
        "Meds: metformin 500 mg om, Spirivax 18 mcg\n"
        "She stopped smoking 3 years ago (40 pack years). On examination sats 91%. FEV9 0.92 L."
    )
    found = drugs(finder, text)
    assert [drug.name for drug in found] == ["metformin", "Spirivax"]
    assert found[0].times_a_day == 1


def test_a_known_drug_is_none_of_the_diseases_it_was_found_as(finder: MedicationFinder) -> None:
    document = annotated(finder, "warfarin 5 mg, chalazion", ("warfarin", "Disease"))
    assert [m.label for m in document.mentions] == ["Chemical"]
    assert [d.name for d in document.medications] == ["warfarin"]


def test_the_sign_of_a_number_is_no_number(finder: MedicationFinder) -> None:
    (drug,) = drugs(finder, "# CAP: metformin", ("metformin", "Medication"), ("CAP", "Disease"))
    assert drug.attributes == ()


def test_what_a_bracket_says_ends_with_it_and_a_reason_ends_a_clause(
    finder: MedicationFinder,
) -> None:
    text = (
        "Home: lisinopril 10 mg bid (hold AM of HD), metformin 500 mg daily - not taking due to "
        "nausea, warfarin 5 mg qPM"
    )
    statuses = {drug.name: drug.status for drug in drugs(finder, text)}
    assert statuses == {"lisinopril": "taken", "metformin": "stopped", "warfarin": "taken"}


def test_words_of_a_problem_and_of_the_next_clause_say_nothing_of_a_drug(
    finder: MedicationFinder,
) -> None:
    text = "Mild intermittent asthma (tylenol prn)"
    (drug,) = drugs(finder, text, ("intermittent asthma", "Disease"), ("tylenol", "Chemical"))
    assert [a.kind for a in drug.attributes] == [AS_NEEDED]
    (drug,) = drugs(finder, "Hold lisinopril; resume AC in 2 days; lytes K>4 Mg>2.")
    assert (drug.status, drug.attributes) == ("held", ())


def test_a_short_form_of_which_nothing_is_said_is_a_drug_and_a_fracture_is_none(
    finder: MedicationFinder,
) -> None:
    text = "GBS unknown: PCN if labor. On metformin, fell w/ R wrist fx. She is on zilebesiran."
    places = {"PCN": "penicillin", "metformin": "", "wrist fx": "", "zilebesiran": ""}
    mentions = tuple(
        Mention(text.index(w), text.index(w) + len(w), "Chemical", long_form=long)
        for w, long in places.items()
    )
    (document,) = finder.predict(SectionFinder().predict([Document("n", text, mentions)]))
    assert [drug.name for drug in document.medications] == ["PCN", "metformin", "zilebesiran"]


def test_the_left_side_is_no_litre(finder: MedicationFinder) -> None:
    (drug,) = drugs(finder, "Pain 3/10 L hip, Tylenol 650mg given")
    assert [a.amount for a in drug.attributes] == [650]


def test_a_known_disease_and_an_unknown_name_of_which_nothing_is_said_are_no_drugs(
    finder: MedicationFinder,
) -> None:
    text = "Chalazion RLL. Anesthesia: General endotracheal. Tylenol helped."
    labels = [
        ("Chalazion", "Chemical"),
        ("General endotracheal", "Chemical"),
        ("Tylenol", "Chemical"),
    ]
    document = annotated(finder, text, *labels)
    assert [drug.name for drug in document.medications] == ["Tylenol"]
    assert [m.label for m in document.mentions] == ["Disease", "Chemical", "Chemical"]


def test_words_of_directions_and_counts_are_no_drugs(finder: MedicationFinder) -> None:
    text = "Metformin 500 mg x4, titrate to effect"
    found = drugs(finder, text, ("x4", "Medication"), ("titrate", "Medication"))
    assert [drug.name for drug in found] == ["Metformin"]


def test_a_test_at_a_time_and_a_measured_salt_are_no_drugs(finder: MedicationFinder) -> None:
    assert drugs(finder, "BMP in am", ("BMP", "Test")) == []
    assert drugs(finder, "Follow creatinine. Start dialysis.") == []


def test_what_stands_in_brackets_is_of_one_drug(finder: MedicationFinder) -> None:
    text = "Meds: lisinopril 20 mg, metformin 500 mg, warfarin (not taking)"
    statuses = {drug.name: drug.status for drug in drugs(finder, text)}
    assert statuses == {"lisinopril": "taken", "metformin": "taken", "warfarin": "stopped"}


@pytest.mark.parametrize(
    "head", ["Discontinued medications", "Medications to stop:", "STOPPED:", "Held meds"]
)
def test_a_head_needs_no_colon_where_it_says_a_status(finder: MedicationFinder, head: str) -> None:
    text = f"MEDICATIONS:\nmetformin 500 mg BID\n\n{head}\nlisinopril\nwarfarin\n"
    expected = "held" if head.startswith("Held") else "stopped"
    statuses = {drug.name: drug.status for drug in drugs(finder, text)}
    assert statuses == {"metformin": "taken", "lisinopril": expected, "warfarin": expected}


def test_a_long_item_does_not_swallow_the_next_head(finder: MedicationFinder) -> None:
    text = (
        "MEDICATIONS:\nCONTINUE:\n"
        "  - metformin 500 mg, 1-2 tablets every 6 hours as needed for pain, max 3 g/day\n"
        "STOPPED:\n  - warfarin\n"
    )
    first, second = drugs(finder, text)
    assert (first.status, second.status) == ("taken", "stopped")
    assert [a.amount for a in first.of_kind(STRENGTH)] == [500]


def test_rows_between_bars(finder: MedicationFinder) -> None:
    text = (
        "MEDICATION RECONCILIATION\nDate: 2024/08/19\n\n"
        "| Medication | Dose | Route | Frequency | Last taken | Action |\n"
        "|---|---|---|---|---|---|\n"
        "| Metoprolol | 25 mg | PO | BID | this AM | Continue |\n"
        "| Warfarin | 5 mg | PO | q8h prn pain | yesterday | HOLD |\n"
    )
    first, second = drugs(finder, text)
    assert [a.kind for a in first.attributes] == [STRENGTH, ROUTE, FREQUENCY]
    assert [a.kind for a in second.attributes] == [STRENGTH, ROUTE, FREQUENCY, AS_NEEDED]
    assert (first.status, second.status) == ("taken", "held")
    assert first.section == "medications"


def test_amounts_without_a_unit(finder: MedicationFinder) -> None:
    text = "On lisinopril 20 qd, metformin 1000 bid, warfarin 5, and vitamins. Creatinine 1.4."
    found = {
        drug.name: ([a.amount for a in drug.of_kind(STRENGTH)], drug.of_kind(FREQUENCY))
        for drug in drugs(finder, text, ("warfarin", "Chemical"), ("Creatinine", "Chemical"))
    }
    assert {name: amounts for name, (amounts, _) in found.items()} == {
        "lisinopril": [20], "metformin": [1000], "warfarin": [5]
    }  # fmt: skip
    assert found["metformin"][1][0].value == "2/d"


@pytest.mark.parametrize(
    "text",
    [
        "Lisinopril 40 mg daily (was 20 mg).",
        "Lisinopril 40 mg daily, previously 20 mg.",
        "Lisinopril was increased from 20 mg to 40 mg daily.",
        "Lisinopril 40 mg, max 80 mg.",
    ],
)
def test_an_amount_of_before_or_a_limit_is_not_the_dose(
    finder: MedicationFinder, text: str
) -> None:
    (drug,) = drugs(finder, text, ("Lisinopril", "Chemical"))
    assert [a.amount for a in drug.of_kind(STRENGTH)] == [40]


def test_an_arrow_changes_the_dose_of_a_drug_that_is_taken(finder: MedicationFinder) -> None:
    text = "PLAN:\n- HTN: lisinopril 20 -> 40 mg daily\n"
    (changed,) = drugs(finder, text, ("lisinopril", "Chemical"))
    (new,) = drugs(finder, "PLAN:\n- HTN: lisinopril 40 mg daily\n")
    (prophylaxis,) = drugs(finder, "PLAN:\n- DVT prophylaxis: warfarin 2 mg daily\n")
    assert [drug.status for drug in (changed, new, prophylaxis)] == ["taken", "started", "taken"]
    assert [a.amount for a in changed.of_kind(STRENGTH)] == [20, 40]


@pytest.mark.parametrize(
    ("scheme", "value"),
    [("1-0-0", "1/d"), ("1-0-1", "2/d"), ("1/2-0-1/2-0", "2/d"), ("1-1-1-1", "4/d")],
)
def test_a_scheme_of_the_day_is_a_frequency(
    finder: MedicationFinder, scheme: str, value: str
) -> None:
    (drug,) = drugs(finder, f"Medication: metformin 2,5 mg {scheme}; others")
    assert [a.value for a in drug.of_kind(FREQUENCY)] == [value]
    assert [a.amount for a in drug.of_kind(STRENGTH)] == [2.5]


def test_a_name_in_two_mentions_is_one_drug(finder: MedicationFinder) -> None:
    text = "MEDICATIONS:\n- metoprolol succinate 50 mg daily\n"
    marks = (("metoprolol", "Chemical"), ("succinate", "Chemical"))
    assert [drug.name for drug in drugs(finder, text, *marks)] == ["metoprolol succinate"]


def test_a_brand_in_brackets_shares_the_attributes(finder: MedicationFinder) -> None:
    first, second = drugs(finder, "MEDICATIONS:\n- acetaminophen (TYLENOL) tablet 650 mg, Oral\n")
    assert first.attributes == second.attributes
    assert first.of_kind(STRENGTH)


def test_what_a_drug_is_dissolved_in_has_no_route(finder: MedicationFinder) -> None:
    text = "MEDICATIONS:\n- cefepime 2 g in sodium chloride 0.9% 100 mL, Intravenous, Q8H\n"
    drug, solution = drugs(finder, text)
    assert drug.of_kind(ROUTE)
    assert drug.of_kind(FREQUENCY)
    assert [a.unit for a in solution.attributes] == ["%", "mL"]


def test_a_test_in_a_list_of_drugs_is_none(finder: MedicationFinder) -> None:
    text = "MEDICATIONS:\n- lisinopril 10 mg daily - recheck BMP\n"
    assert [drug.name for drug in drugs(finder, text, ("BMP", "Test"))] == ["lisinopril"]


def test_a_route_of_something_else_is_not_the_drugs(finder: MedicationFinder) -> None:
    (drug,) = drugs(finder, "P: nasal suction, acetaminophen 15 mg/kg q6h")
    assert not drug.of_kind(ROUTE)


def test_a_mention_that_is_all_route_or_frequency_is_taken_out(finder: MedicationFinder) -> None:
    text = "He takes metformin 500 mg nocte."
    document = annotated(finder, text, ("metformin", "Chemical"), ("nocte", "Chemical"))
    assert [text[m.start : m.end] for m in document.mentions] == ["metformin"]


def test_the_lower_number_of_a_blood_pressure_is_no_frequency(finder: MedicationFinder) -> None:
    (drug,) = drugs(finder, "metformin 500 mg bid, bp 98/60 hr 112")
    assert [a.value for a in drug.of_kind(FREQUENCY)] == ["2/d"]


@pytest.mark.parametrize(
    "text",
    [
        "warfarin was switched to apixaban",
        "Switched from warfarin to apixaban 5 mg BID",
        "On warfarin, changed to apixaban",
        "warfarin 5 mg daily was replaced by apixaban",
    ],
)
def test_what_takes_the_place_of_a_drug_is_begun(finder: MedicationFinder, text: str) -> None:
    marks = (("warfarin", "Chemical"), ("apixaban", "Chemical"))
    assert [d.status for d in drugs(finder, text, *marks)] == ["stopped", "started"]


def test_work_grows_with_the_note(run_limited: Callable[[str], None]) -> None:
    run_limited(
        "from biopipe.clinical.measurements.finder import MeasurementFinder\n"
        "from biopipe.clinical.medications.finder import MedicationFinder\n"
        "from biopipe.clinical.sections.finder import SectionFinder\n"
        "from biopipe.document import Document, Mention\n"
        "head, line = 'MEDS:\\n', 'aspirin 81 mg PO daily, held. HR 80, BP 120/80\\n'\n"
        "starts = range(len(head), len(head) + 10000 * len(line), len(line))\n"
        "mentions = tuple(Mention(start, start + 7, 'Chemical') for start in starts)\n"
        "documents = [Document('n', head + line * 10000, mentions)]\n"
        "for finder in (SectionFinder(), MeasurementFinder(), MedicationFinder('')):\n"
        "    documents = finder.predict(documents)\n"
        "assert len(documents[0].medications) == 10000\n"
    )


def test_a_list_of_drugs_under_allergies_is_none_of_allergies(finder: MedicationFinder) -> None:
    text = "Allergies: penicillin\nlisinopril 10 mg OD\nwarfarin\n"
    marks = (("penicillin", "Chemical"), ("lisinopril", "Chemical"), ("warfarin", "Chemical"))
    statuses = [drug.status for drug in drugs(finder, text, *marks)]
    assert statuses == ["allergy", "taken", "allergy"]


def test_a_remark_behind_a_drug_is_of_it(finder: MedicationFinder) -> None:
    text = (
        "MEDICATIONS:\n"
        "- metformin 500 mg tablet Take 1 tablet daily. (Patient not taking: Reported on 6/1/2024)\n"
        "- lisinopril 10 mg tablet Take 1 tablet daily. 90 tablet 3\n"
    )
    first, second = drugs(finder, text)
    assert (first.status, second.status) == ("stopped", "taken")
    assert 90 not in [attribute.amount for attribute in second.attributes]


def test_capitals_at_the_end_of_a_line(finder: MedicationFinder) -> None:
    text = "MEDICATIONS:\nlisinopril 1.25 mg OD NEW\nwarfarin 3 mg ON\nmetformin 500 mg OD\n"
    found = drugs(finder, text)
    assert [drug.status for drug in found] == ["started", "taken", "taken"]
    assert [a.value for a in found[1].of_kind(FREQUENCY)] == ["1/d NIGHT"]


@pytest.mark.parametrize(
    ("text", "mention"),
    [
        ("Plan: cont warfarin.", "cont warfarin"),
        ("warfarin 50 was started.", "warfarin 50"),
    ],
)
def test_status_words_and_numbers_are_no_part_of_a_name(
    finder: MedicationFinder, text: str, mention: str
) -> None:
    document = annotated(finder, text, (mention, "Chemical"))
    assert [text[m.start : m.end] for m in document.mentions] == ["warfarin"]


def test_a_measured_ratio_is_no_dose(finder: MedicationFinder) -> None:
    assert not drugs(finder, "UACR 412 mg/g today", ("UACR", "Chemical"))


def test_words_behind_a_known_name_may_end_it(finder: MedicationFinder) -> None:
    (drug,) = drugs(finder, "He had warfarin requiring 2 mg daily.")
    assert drug.name == "warfarin"
