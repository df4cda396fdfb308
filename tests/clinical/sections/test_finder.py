"""Sections of notes as they are written, through the predictor."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.clinical.sections.finder import SectionFinder
from biopipe.document import Document, Mention, NoteSection, Sentence

FINDER = SectionFinder()


def laid_out(text: str) -> Document:
    (document,) = FINDER.predict([Document("1", text)])
    return document


def sections(text: str) -> list[tuple[str, str]]:
    """Category and body of each section."""
    document = laid_out(text)
    return [
        (section.category, " ".join(text[section.body : section.end].split()))
        for section in document.sections or ()
    ]


def sentences(text: str) -> list[str]:
    return [text[s.start : s.end] for s in laid_out(text).sentences or ()]


@pytest.mark.parametrize(
    "heading",
    [
        "Past Medical History:\n",
        "PAST MEDICAL HISTORY\n",
        "past medical history: ",
        "Past medical hx - ",
        "P.M.H.: ",
        "PMHx: ",
        "PMH ",
        "PMH\n",
        "3. PAST MEDICAL HISTORY:\n",
        "III. Past Medical History\n",
        "**Past Medical History**\n",
        "## Past Medical History\n",
        "== Past Medical History ==\n",
        "PAST MEDICAL HISTORY (per chart): ",
        "Past Medical History :\n",
        "  PMH:\t",
        "Past Medical and Surgical History:\n",
        "PMH/PSH: ",
        "PMH & FH: ",
    ],
)
def test_a_heading_in_any_case_and_punctuation(heading: str) -> None:
    text = f"Seen today.\n\n{heading}asthma and gout\n"
    assert sections(text) == [("past_medical_history", "asthma and gout")]


@pytest.mark.parametrize(
    "text",
    [
        "Her past medical history is unremarkable.",
        "She reviewed the plan with us: no changes.",
        "Medications were stopped last week.",
        "PE 3 years ago, now off warfarin.",
        "Fever and chills: none.",
        "Allergic rhinitis: stable.",
        "plan b was discussed",
        "Time: 10:30",
    ],
)
def test_a_sentence_is_no_heading(text: str) -> None:
    assert sections(text) == []


def test_headings_within_a_line() -> None:
    assert sections(
        "CHIEF COMPLAINT: Pain. HISTORY OF PRESENT ILLNESS: Two days of it.  Allergies: None."
    ) == [
        ("chief_complaint", "Pain."),
        ("history_of_present_illness", "Two days of it."),
        ("allergies", "None."),
    ]


def test_systems_belong_to_the_review_or_the_examination_that_lists_them() -> None:
    text = (
        "ROS:\nGeneral: well\nCV: no chest pain\nAllergies: denies hay fever\n"
        "Vitals: BP 120/80\nGeneral: NAD\nLungs: clear\nNeuro - intact\nLabs: WBC 9\n"
    )
    assert [category for category, _ in sections(text)] == [
        "review_of_systems", "allergies", "vital_signs", "physical_exam", "laboratory"
    ]  # fmt: skip
    assert sections("HPI: cough\nLungs: clear\n")[1] == ("physical_exam", "Lungs: clear")


def test_a_plan_by_problem_keeps_its_items() -> None:
    text = (
        "A/P:\n1. Diabetes: worse\n - Labs: A1c\n - Medications: add insulin\n2. Diet: low salt\n"
    )
    assert [category for category, _ in sections(text)] == ["assessment_and_plan"]


def test_what_no_table_lists_is_another_section() -> None:
    text = "MEDICATIONS:\naspirin\n\nWOUND CARE NOTE:\nDressing dry.\n\nPLAN\nHome.\n"
    assert sections(text) == [
        ("medications", "aspirin"), ("other", "Dressing dry."), ("plan", "Home.")
    ]  # fmt: skip


def test_every_mention_has_the_section_that_it_starts_in() -> None:
    text = "Cough.\nPMH: asthma\nFH: gout\n"
    mentions = tuple(
        Mention(text.index(word), text.index(word) + len(word), "Disease")
        for word in ("Cough", "asthma", "gout")
    )
    (document,) = FINDER.predict([Document("1", text, mentions)])
    assert [mention.section for mention in document.mentions] == [
        "", "past_medical_history", "family_history"
    ]  # fmt: skip


def test_what_a_document_carries_is_kept() -> None:
    carried = Document(
        "1",
        "PMH: asthma",
        (Mention(5, 11, "Disease"),),
        sections=(NoteSection("mine", 0, 11, 5),),
        sentences=(Sentence(0, 11),),
    )
    (document,) = FINDER.predict([carried])
    assert (document.sections, document.sentences) == (carried.sections, carried.sentences)
    assert document.mentions[0].section == "mine"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hypertension\nDiabetes\nAsthma", ["Hypertension", "Diabetes", "Asthma"]),
        ("- metformin 500 mg\n- aspirin", ["- metformin 500 mg", "- aspirin"]),
        (
            "The patient is a 65 year old man with hypertension who presented with chest\n"
            "pain since yesterday. No dyspnea.",
            [
                "The patient is a 65 year old man with hypertension who presented with chest\n"
                "pain since yesterday.",
                "No dyspnea.",
            ],
        ),
        ("Na 138\tK 4.2\tCl 101", ["Na 138", "K 4.2", "Cl 101"]),
        ("Drug | Dose\nAspirin | 81 mg", ["Drug", "| Dose", "Aspirin", "| 81 mg"]),
        ("PMH: asthma. Gout.", ["PMH:", "asthma.", "Gout."]),
        ("1) asthma 2) gout", ["1) asthma", "2) gout"]),
        ("well\r\nno pain\x0cPage 2 of 3\nhome", ["well", "no pain", "home"]),
        ("", []),
    ],
)
def test_sentences_respect_lines(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@given(st.text(st.sampled_from("PMH: asthma\n\t-1.A/*|#\r\x0c"), max_size=80))
def test_sections_and_sentences_lie_in_the_text_in_order(text: str) -> None:
    document = laid_out(text)
    assert document.sections is not None
    assert document.sentences is not None
    place = 0
    for section in document.sections:
        assert place <= section.start <= section.body <= section.end
        place = section.end
    assert not document.sections or place == len(text)
    place = 0
    for sentence in document.sentences:
        assert place <= sentence.start < sentence.end <= len(text)
        assert text[sentence.start : sentence.end].strip() == text[sentence.start : sentence.end]
        place = sentence.end


def test_titles_of_a_users_own(tmp_path: Path) -> None:
    path = tmp_path / "titles.tsv"
    path.write_text("title\tcategory\nWound care\twound_care\nplan\t-\n")
    finder = SectionFinder(titles=path)
    text = "Wound care: dry\nPMH: gout\nPlan: home\n"
    (document,) = finder.predict([Document("1", text)])
    categories = [section.category for section in document.sections or ()]
    assert categories == ["wound_care", "past_medical_history"]
    (resource,), (shipped,) = finder.resources(), FINDER.resources()
    assert resource.hash != shipped.hash
    alone = SectionFinder(titles=[path], extend=False)
    (document,) = alone.predict([Document("1", text)])
    assert [section.category for section in document.sections or ()] == ["wound_care"]


def test_long_notes_take_time_by_their_length(run_limited: Callable[[str], None]) -> None:
    run_limited(
        "from biopipe.clinical.sections.finder import SectionFinder\n"
        "from biopipe.document import Document\n"
        "note = 'PMH:\\n- gout\\n- asthma\\nMeds: aspirin\\tdaily - home\\n\\n'\n"
        "for text in (note * 6_000, 'A: ' * 60_000, 'ABC ' * 60_000, '- ' * 60_000):\n"
        "    SectionFinder().predict([Document('1', text)])\n"
    )


@pytest.mark.parametrize("gap", ["\t", "     ", " \t "])
def test_a_title_in_capitals_before_a_gap(gap: str) -> None:
    text = f"MEDICATION RECONCILIATION{gap}Reviewed by RN\naspirin\n"
    assert sections(text) == [("medications", "Reviewed by RN aspirin")]
    assert sections(text.replace("MEDICATION REC", "Medication rec")) == []


def test_rows_of_a_table_are_no_wrapped_text() -> None:
    rows = [
        "Warfarin                5 mg        PO      daily          HOLD",
        "Digoxin                 0.125 mg    PO      every day      Continue",
        "Vitamin D3              2000 IU     PO      daily          Continue",
    ]
    lines = sentences("\n".join(rows))
    assert "Digoxin" in lines
    assert "HOLD" in lines
    assert not any("\n" in line for line in lines)


PROSE = "Mom is calling about her 6 yo son, who was started on amoxicillin and has a rash now."


@pytest.mark.parametrize(
    ("text", "last"),
    [
        (f"Reason for call: rash\n\n{PROSE}\n", "rash"),
        (f"Allergies: penicillin\n- latex\n\n{PROSE}\n", "penicillin - latex"),
        # Where the heading stands alone, what follows an empty line is what it says.
        (f"Chief complaint\n\n{PROSE}\n", PROSE),
        # A short line is another item.
        ("Allergies: penicillin\n\nlatex\n", "penicillin latex"),
        (f"HPI: seen today\n\n{PROSE}\n", f"seen today {PROSE}"),
    ],
)
def test_a_short_section_ends_at_an_empty_line_before_prose(text: str, last: str) -> None:
    assert sections(text)[-1][1] == last


def test_words_of_a_listed_heading_are_no_problems() -> None:
    text = "ESTIMATED BLOOD LOSS: 50 mL of blood loss.\nCXR: clear\n"
    mentions = (
        Mention(10, 20, "Disease"), Mention(31, 41, "Disease"), Mention(43, 46, "Test")
    )  # fmt: skip
    (document,) = FINDER.predict([Document("1", text, mentions)])
    assert [(m.start, m.label) for m in document.mentions] == [(31, "Disease"), (43, "Test")]


def test_the_study_of_a_report_is_no_examination() -> None:
    assert sections("EXAM: CT CHEST\nFINDINGS: clear")[0][0] == "header"
    assert sections("EXAM: Lungs clear")[0][0] == "physical_exam"


def test_a_date_under_the_title_of_a_list_leaves_the_list_open() -> None:
    text = "MEDICATIONS\nDate: 2024-01-02\n\nAspirin 81 mg\n"
    assert [category for category, _ in sections(text)] == ["medications"]


def test_an_assessment_ends_a_section_of_studies() -> None:
    text = "EKG: sinus rhythm\nMDM/ED course: stable\n"
    assert [category for category, _ in sections(text)] == ["imaging", "assessment"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no bm x4d. hx sbo 2020. on asa", ["no bm x4d.", "hx sbo 2020.", "on asa"]),
        ("asa 81 b.i.d. for pain, approx. 5 days", ["asa 81 b.i.d. for pain, approx. 5 days"]),
        ("He is vs. the others. ok there", ["He is vs. the others. ok there"]),
    ],
)
def test_sentences_in_small_letters(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_the_head_of_a_list_is_no_wrapped_line() -> None:
    item = "  - Acetaminophen 500 mg, one or two tablets every six hours as needed, max 3 g/day"
    assert sentences(f"NEW:\n{item}\nSTOPPED:\n  - Warfarin\n")[-2:] == ["STOPPED:", "- Warfarin"]


def test_words_of_a_heading_are_tests_only_where_tests_are_told() -> None:
    text = "HOSPITAL COURSE: well.\nCXR: clear."
    mentions = (Mention(0, 15, "Test"), Mention(23, 26, "Test"))
    (document,) = FINDER.predict([Document("1", text, mentions)])
    assert [text[m.start : m.end] for m in document.mentions] == ["CXR"]


def test_systems_in_a_row_are_an_examination() -> None:
    text = "NURSING NOTE\nNeuro: alert\nResp: clear\nGI: soft\nSkin: intact\n"
    assert [category for category, _ in sections(text)][-1] == "physical_exam"
    assert "physical_exam" not in dict(sections("NURSING NOTE\nNeuro: alert\nSeen by RN\n"))


def test_a_heading_may_have_a_date() -> None:
    assert sections("Bloods on 12/03/24: Hb 132")[0][0] == "laboratory"
    # In prose a test with its date is none.
    assert [category for category, _ in sections("HPI: well. Echo 2/11: EF 30%.")] == [
        "history_of_present_illness"
    ]


def test_a_line_with_a_colon_ends_a_section_of_a_line() -> None:
    text = "Allergies: penicillin\nThings for the GP:\nWarfarin 3 mg\n"
    assert sections(text)[0] == ("allergies", "penicillin")


def test_a_title_over_columns_is_a_heading() -> None:
    text = "Smoking: N   Alcohol: Y\nReview of systems     Yes   No\nFever                  X\n"
    assert [category for category, _ in sections(text)] == [
        "social_history",
        "social_history",
        "review_of_systems",
    ]
    assert [category for category, _ in sections("Medications     reviewed by RN\n")] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Meds: 1. Lasix 40 mg 2. KCl daily 3. STOP ibuprofen",
            ["Meds:", "1.", "Lasix 40 mg", "2.", "KCl daily", "3.", "STOP ibuprofen"],
        ),
        ("MEDS 1. lasix 2. kcl", ["MEDS", "1. lasix", "2. kcl"]),
        # Numbers that do not count on from 1 begin no items.
        ("The level fell from 2. and rose to 3. mg", ["The level fell from 2. and rose to 3. mg"]),
        ("Given 1. dose of insulin", ["Given 1. dose of insulin"]),
    ],
)
def test_items_numbered_within_a_line_are_apart(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected
