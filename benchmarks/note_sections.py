"""Sections of clinical notes: ACI-Bench's headings, and MTS-Dialog's sections under headings.

    python benchmarks/note_sections.py [--half a|b] [--show]

The rules and the titles were chosen on half A of both, by the hash of the ids; half B is reported.
ACI-Bench: its scribes wrote headings in capitals, each on a line of its own; these lines are the
gold headings, and every other line has the section of the last one. MTS-Dialog: sections without
headings carry one of 20 labels; notes are made of some of them, in any order, under headings whose
words are those that the data set's authors give for the labels, in eight ways to write them. What
is measured there is whether sections begin and end where they should, not whether titles are known.
"""

import gzip
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from record import options, record

from biopipe.clinical.sections.finder import SectionFinder
from biopipe.document import Document
from biopipe.document.sections import section_of

ACI = "text-clinical/clinical-notes-aci-bench.jsonl.gz"
MTS = "text-clinical/clinical-note-sections-mts-dialog.jsonl.gz"
SEED = 7

# What the authors of MTS-Dialog call their labels, the short form that clinicians write (or
# nothing), and the categories that are right.
LABELS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "FAM/SOCHX": (
        "Family History/Social History",
        "FH/SH",
        ("family_and_social_history", "family_history", "social_history"),
    ),
    "GENHX": ("History of Present Illness", "HPI", ("history_of_present_illness",)),
    "PASTMEDICALHX": ("Past Medical History", "PMH", ("past_medical_history",)),
    "CC": ("Chief Complaint", "CC", ("chief_complaint",)),
    "PASTSURGICAL": ("Past Surgical History", "PSH", ("past_surgical_history",)),
    "ALLERGY": ("Allergy", "", ("allergies",)),
    "ROS": ("Review of Systems", "ROS", ("review_of_systems",)),
    "MEDICATIONS": ("Medications", "Meds", ("medications",)),
    "ASSESSMENT": ("Assessment", "Imp", ("assessment",)),
    "EXAM": ("Exam", "PE", ("physical_exam", "vital_signs")),
    "DIAGNOSIS": ("Diagnosis", "Dx", ("diagnosis",)),
    "DISPOSITION": ("Disposition", "Dispo", ("disposition",)),
    "PLAN": ("Plan", "", ("plan",)),
    "EDCOURSE": ("Emergency Department Course", "ED course", ("emergency_course",)),
    "IMMUNIZATIONS": ("Immunizations", "", ("immunizations",)),
    "IMAGING": ("Imaging", "", ("imaging", "results")),
    "GYNHX": ("Gynecologic History", "", ("gynecologic_history",)),
    "PROCEDURES": ("Procedures", "", ("procedures",)),
    "OTHER_HISTORY": ("Other History", "", ("other_history",)),
    "LABS": ("Labs", "", ("laboratory", "results")),
}
WAYS: tuple[Callable[[str], str], ...] = (
    lambda title: f"{title.upper()}:\n",
    lambda title: f"{title.upper()}\n",
    lambda title: f"{title.upper()}: ",
    lambda title: f"{title}:\n",
    lambda title: f"{title}: ",
    lambda title: f"{title.lower()}: ",
    lambda title: f"**{title}**\n",
    lambda title: f"{title} - ",
)
HEADINGS = {
    "CHIEF COMPLAINT": "chief_complaint", "CC": "chief_complaint",
    "HISTORY OF PRESENT ILLNESS": "history_of_present_illness",
    "HPI": "history_of_present_illness", "REVIEW OF SYSTEMS": "review_of_systems",
    "PHYSICAL EXAM": "physical_exam", "PHYSICAL EXAMINATION": "physical_exam",
    "EXAM": "physical_exam", "VITALS": "vital_signs", "VITALS REVIEWED": "vital_signs",
    "RESULTS": "results", "PLAN": "plan", "INSTRUCTIONS": "instructions",
    "ASSESSMENT AND PLAN": "assessment_and_plan", "ASSESSMENT": "assessment",
    "IMPRESSION": "assessment", "SOCIAL HISTORY": "social_history", "MEDICATIONS": "medications",
    "CURRENT MEDICATIONS": "medications", "MEDICAL HISTORY": "past_medical_history",
    "PAST HISTORY": "past_medical_history", "PAST MEDICAL HISTORY": "past_medical_history",
    "FAMILY HISTORY": "family_history", "ALLERGIES": "allergies",
    "SURGICAL HISTORY": "past_surgical_history", "PAST SURGICAL HISTORY": "past_surgical_history",
    "PROCEDURE": "procedures", "BIRTH HISTORY": "other_history",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class GoldSection:
    """A section from its heading's first character to the next, and the categories that are right."""

    start: int
    end: int
    body: int
    categories: tuple[str, ...]


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--half", choices=("a", "b"), default="b")
    parser.add_argument("--show", action="store_true", help="print what is wrong")
    arguments = parser.parse_args()
    result = {}
    for name, notes in (
        ("aci_bench", list(aci_notes(arguments.data / ACI))),
        ("mts_dialog", list(mts_notes(arguments.data / MTS, arguments.half))),
    ):
        half = [note for note in notes if half_of(note[0].id) == arguments.half]
        if name == "mts_dialog":
            half = notes
        result[name] = scores(half, show=arguments.show)
    result["half"] = arguments.half
    if arguments.half == "b":
        record("note_sections", result, arguments.results)
    else:
        print(json.dumps(result, indent=2))


def half_of(identifier: str) -> str:
    return "ab"[sha256(identifier.encode()).digest()[0] % 2]


def records(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def aci_notes(path: Path) -> Iterator[tuple[Document, list[GoldSection]]]:
    for row in records(path):
        document = Document(row["id"], row["text"].replace("\r\n", "\n"))
        starts = []
        place = 0
        for line in document.text.split("\n"):
            category = HEADINGS.get(line.strip().removesuffix(":").strip())
            if category:
                starts.append((place, place + len(line), category))
            place += len(line) + 1
        ends = [start for start, _, _ in starts[1:]] + [len(document.text)]
        yield (
            document,
            [
                GoldSection(start, end, body, (category,))
                for (start, body, category), end in zip(starts, ends, strict=True)
            ],
        )


def mts_notes(path: Path, half: str) -> Iterator[tuple[Document, list[GoldSection]]]:
    """Notes of three to eight sections with different labels."""
    chance = random.Random(f"{SEED}{half}")
    rows = [row for row in records(path) if half_of(row["id"]) == half]
    chance.shuffle(rows)
    number = 0
    while rows:
        size, chosen, labels = chance.randint(3, 8), [], set()
        for row in list(rows):
            if row["section"] not in labels and len(chosen) < size:
                labels.add(row["section"])
                chosen.append(row)
                rows.remove(row)
        text, gold, way = "", [], chance.choice(WAYS)
        for row in chosen:
            title, short, categories = LABELS[row["section"]]
            if short and chance.random() < 0.3:
                title = short
            start = len(text)
            text += way(title)
            body = len(text)
            text += row["text"].replace("\r\n", "\n").strip() + chance.choice(("\n", "\n\n"))
            gold.append(GoldSection(start, len(text), body, categories))
        number += 1
        yield Document(f"{half}{number}", text), gold


def scores(notes: Sequence[tuple[Document, list[GoldSection]]], *, show: bool) -> dict[str, Any]:
    """Headings found at the right place with a right category, and lines in a right section."""
    finder = SectionFinder()
    counts: Counter[str] = Counter()
    by_category: dict[str, Counter[str]] = {}
    for document, gold in notes:
        (found,) = finder.predict([document])
        wanted = {section.start: section for section in gold}
        for section in found.sections or ():
            right = wanted.get(section.start)
            good = right is not None and section.category in right.categories
            counts["found"] += 1
            counts["right"] += good
            if show and not good:
                extract = document.text[section.start : section.start + 90]
                print(document.id, "+", section.category, repr(extract), right and right.categories)
        starts = {section.start for section in found.sections or ()}
        counts["gold"] += len(gold)
        for section in gold:
            if show and section.start not in starts:
                print(document.id, "-", repr(document.text[section.start : section.start + 60]))
            lines(document, found, section, counts, by_category)
    precision, recall = counts["right"] / counts["found"], counts["right"] / counts["gold"]
    return {
        "notes": len(notes),
        "headings": counts["gold"],
        "headings_precision": round(100 * precision, 1),
        "headings_recall": round(100 * recall, 1),
        "headings_f1": round(200 * precision * recall / (precision + recall), 1),
        "lines": counts["lines"],
        "lines_in_right_section": round(100 * counts["lines_right"] / counts["lines"], 1),
        "lines_by_category": {
            name: {"lines": c["lines"], "right": round(100 * c["right"] / c["lines"], 1)}
            for name, c in sorted(by_category.items())
        },
    }


def lines(
    document: Document,
    found: Document,
    section: GoldSection,
    counts: Counter[str],
    by_category: dict[str, Counter[str]],
) -> None:
    """Count the lines of a section's body that are in a right section."""
    place = section.body
    for line in document.text[section.body : section.end].split("\n"):
        if line.strip():
            # Where its last word stands: a heading in front of it does not count against it.
            there = section_of(found, place + len(line.rstrip()) - 1)
            right = there is not None and there.category in section.categories
            of_category = by_category.setdefault(section.categories[0], Counter())
            of_category.update(lines=1, right=int(right))
            counts.update(lines=1, lines_right=int(right))
        place += len(line) + 1


if __name__ == "__main__":
    main()
