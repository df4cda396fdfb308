"""Sections, assertions and speed on clinical notes, beside medspaCy and EDS-NLP.

    python benchmarks/clinical_comparison.py [--environments FOLDER] [--repeats 3]

Each of the others runs in a virtual environment of its own, made on first use; one that does not
install is left out, and the result says so. All get the twenty marked notes with the marked
problems, so that none depends on a recogniser, and ACI-Bench's half B for sections. EDS-NLP's terms
are French: on English notes its figures say no more than that. Seconds are those of the processor
for the twenty notes, the best of the repeats, on one core: with the problems given, of what decides
what is said of them alone, and for biopipe with its recognisers and linker, too, which the others
have none of. "times_as_fast" are ratios of one run, for a busy machine slows all of them down.
"""

import json
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from note_scores import GoldNote, read_notes, score_assertions_of, score_sections_of
from note_sections import ACI, GoldSection, aci_notes, half_of
from record import options, record

from biopipe.document import Document, Mention
from biopipe.document.labels import DISEASE
from biopipe.pipeline import load, predictors

HERE = Path(__file__).resolve().parent
OTHERS = ("medspacy", "edsnlp")
# Their categories, by ours; what they have one category for counts for all of ours that it covers.
MEDSPACY = {
    "allergies": ("allergy",), "assessment": ("observation_and_plan",),
    "assessment_and_plan": ("observation_and_plan",), "plan": ("observation_and_plan",),
    "chief_complaint": ("chief_complaint", "reason_for_examination"),
    "diagnosis": ("diagnoses", "observation_and_plan"), "disposition": ("disposition", "other"),
    "emergency_course": ("hospital_course",), "family_history": ("family_history",),
    "gynecologic_history": ("past_medical_history", "sexual_and_social_history"),
    "header": ("other", "signature", "visit_information"),
    "history_of_present_illness": ("history_of_present_illness", "present_illness"),
    "hospital_course": ("hospital_course",), "imaging": ("imaging", "labs_and_studies"),
    "immunizations": ("immunizations", "other"),
    "instructions": ("patient_instructions", "education", "patient_education"),
    "laboratory": ("labs_and_studies",), "medications": ("medications", "medication"),
    "other_history": ("past_medical_history", "other"),
    "past_medical_history": ("past_medical_history", "problem_list"),
    "past_surgical_history": ("past_medical_history", "past_surgical_history", "procedure"),
    "physical_exam": ("physical_exam",), "procedures": ("procedure", "procedures"),
    "results": ("labs_and_studies", "imaging"), "review_of_systems": ("review_of_systems", "physical_exam"),
    "social_history": ("sexual_and_social_history", "social_history"),
    "vital_signs": ("physical_exam", "vital_signs"),
}  # fmt: skip


def main() -> None:
    parser = options(__doc__)
    parser.add_argument(
        "--environments", type=Path, default=Path.home() / ".cache" / "biopipe" / "clinical-others"
    )
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--half", choices=("second", "both"), default="both", help="second: writes no result file"
    )
    arguments = parser.parse_args()
    notes = [n for n in read_notes() if arguments.half == "both" or not n.in_first_half]
    headed = [pair for pair in aci_notes(arguments.data / ACI) if half_of(pair[0].id) == "b"]
    result = {"biopipe": ours(notes, headed, arguments.repeats)}
    for tool in OTHERS:
        python = environment(arguments.environments / tool, tool)
        result[tool] = (
            theirs(tool, python, notes, headed, arguments.repeats)
            if python
            else {"left_out": "it does not install here"}
        )
    result["times_as_fast"] = times_as_fast(result)
    if arguments.half == "both":
        record("clinical_comparison", result, arguments.results)
    else:
        print(json.dumps(result, indent=2))


def times_as_fast(result: dict[str, Any]) -> dict[str, dict[str, float]]:
    """How many times as many notes a second as each of the others, of what both have."""
    ours = result["biopipe"]["notes_per_second"]
    return {
        tool: {
            name: round(ours[name] / rate, 1)
            for name, rate in result[tool]["notes_per_second"].items()
        }
        for tool in OTHERS
        if "notes_per_second" in result[tool]
    }


def environment(folder: Path, tool: str) -> str:
    """The Python of a tool's environment, made if it is not there; "" where it does not install."""
    python = folder / "bin" / "python"
    if not python.is_file():
        venv.create(folder, with_pip=True)
    pip = [str(python), "-m", "pip", "install", "-q", tool]
    if subprocess.run([str(python), "-c", f"import {tool}"], capture_output=True).returncode:
        subprocess.run(pip, stdout=sys.stderr, check=False)
    done = subprocess.run([str(python), "-c", f"import {tool}"], capture_output=True, check=False)
    return "" if done.returncode else str(python)


def ours(
    notes: Sequence[GoldNote], headed: Sequence[tuple[Document, list[GoldSection]]], repeats: int
) -> dict[str, Any]:
    nlp = load("clinical")
    chain = dict(zip(nlp.pipe_names, predictors(nlp) or [], strict=True))
    given = [chain[name] for name in ("biopipe_sections", "biopipe_assertion")]
    documents = [
        Document(note.id, note.text, tuple(Mention(p.start, p.end, DISEASE) for p in note.problems))
        for note in notes
    ]
    answers, seconds = timed(documents, given, repeats)
    (laid_out_notes, _) = timed(documents, given[:1], 1)
    _, asserting = timed(laid_out_notes, given[1:], repeats)
    bare = [Document(note.id, note.text) for note in notes]
    _, whole = timed(bare, list(chain.values()), repeats)
    (laid_out, _) = timed([document for document, _ in headed], given[:1], 1)
    return {
        "assertions": score_assertions_of(
            notes, [[(m, m.assertion) for m in document.mentions] for document in answers]
        ),
        "sections": score_sections_of(
            notes, [[(s.category, s.start) for s in d.sections or ()] for d in answers]
        ),
        "aci_bench_headings": headings(
            headed, [[(s.category, s.start) for s in d.sections or ()] for d in laid_out], {}
        ),
        "notes_per_second": {
            "problems_given": round(len(notes) / seconds, 1),
            "assertion_alone": round(len(notes) / asserting, 1),
            "whole_pipeline": round(len(notes) / whole, 1),
        },
    }


def timed(
    documents: list[Document], chain: Sequence[Any], repeats: int
) -> tuple[list[Document], float]:
    """The documents one by one through the chain, and the best processor seconds."""
    best = float("inf")
    done: list[Document] = []
    for predictor in chain:  # what opens on first use
        predictor.predict(documents[:1])
    for _ in range(repeats):
        started = time.process_time()
        done = []
        for document in documents:
            answer = [document]
            for predictor in chain:
                answer = predictor.predict(answer)
            done += answer
        best = min(best, time.process_time() - started)
    return done, best


def theirs(
    tool: str,
    python: str,
    notes: Sequence[GoldNote],
    headed: Sequence[tuple[Document, list[GoldSection]]],
    repeats: int,
) -> dict[str, Any]:
    marked = [
        {"text": note.text, "problems": sorted([p.start, p.end] for p in note.problems)}
        for note in notes
    ]
    answer = run(tool, python, marked, repeats)
    visits = run(tool, python, [{"text": d.text, "problems": []} for d, _ in headed], 1)
    names = MEDSPACY if tool == "medspacy" else {}
    return {
        "version": answer["version"],
        "assertions": score_assertions_of(
            notes,
            [
                [
                    (Mention(s["start"], s["end"], DISEASE), frozenset(s["assertions"]))
                    for s in note["said"]
                ]
                for note in answer["notes"]
            ],
        ),
        "sections": score_sections_of(
            notes,
            [
                in_our_words(note.sections, one["sections"], names)
                for note, one in zip(notes, answer["notes"], strict=True)
            ],
        ),
        "aci_bench_headings": headings(headed, [n["sections"] for n in visits["notes"]], names),
        "notes_per_second": {
            "problems_given": round(len(notes) / answer["seconds"], 1),
            "assertion_alone": round(len(notes) / answer["asserting"], 1),
        },
    }


def run(tool: str, python: str, notes: list[dict[str, Any]], repeats: int) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "notes.json"
        path.write_text(json.dumps(notes), encoding="utf-8")
        command = [python, str(HERE / "clinical_others.py"), tool, str(path), str(repeats)]
        lines = subprocess.run(
            command, check=True, stdout=subprocess.PIPE, text=True
        ).stdout.splitlines()
    return json.loads(lines[-1])


def in_our_words(
    gold: Sequence[tuple[str, int]],
    answer: Sequence[tuple[str, int]],
    names: dict[str, tuple[str, ...]],
) -> list[tuple[str, int]]:
    """Their sections with our category where theirs covers that of the gold section there."""
    ours = {start: category for category, start in gold}
    return [
        (ours[start], start)
        if start in ours and category in names.get(ours[start], ())
        else (category, start)
        for category, start in answer
    ]


def headings(
    headed: Sequence[tuple[Document, list[GoldSection]]],
    answers: Sequence[Sequence[tuple[str, int]]],
    names: dict[str, tuple[str, ...]],
) -> dict[str, float]:
    right = wanted = predicted = 0
    for (_, gold), answer in zip(headed, answers, strict=True):
        expected = [(section.categories[0], section.start) for section in gold]
        translated = in_our_words(expected, answer, names)
        right += len(set(expected) & {(category, start) for category, start in translated})
        wanted, predicted = wanted + len(expected), predicted + len(translated)
    precision, recall = right / max(1, predicted), right / wanted
    both = precision + recall
    return {
        "headings": wanted,
        "precision": round(100 * precision, 1),
        "recall": round(100 * recall, 1),
        "f1": round(200 * precision * recall / both, 1) if both else 0.0,
    }


if __name__ == "__main__":
    main()
