"""The pipeline for clinical notes on twenty marked notes: F1 of all that they mark.

    python benchmarks/clinical_notes.py [--half first|second|both] [--show]

Notes 1 to 10 were written before the code and not looked at until the end; `--half second` looks at
the others alone, and writes no result file.
"""

import json
import time

from note_scores import GoldNote, read_notes, score_notes
from record import options, record

from biopipe.document import Document
from biopipe.pipeline import load, predictors


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--half", choices=("first", "second", "both"), default="both")
    parser.add_argument("--show", action="store_true", help="print each note's annotations")
    arguments = parser.parse_args()
    chain = predictors(load("clinical")) or []
    halves = {
        "first": [note for note in read_notes() if note.in_first_half],
        "second": [note for note in read_notes() if not note.in_first_half],
    }
    result = {}
    for name, notes in halves.items():
        if arguments.half in (name, "both"):
            documents, seconds = annotated(notes, chain)
            result[name] = score_notes(notes, documents)
            result[name]["notes_per_second"] = round(len(notes) / seconds, 2)
            if arguments.show:
                show(notes, documents)
    if arguments.half == "both":
        record("clinical_notes", result, arguments.results)
    else:
        print(json.dumps(result, indent=2))


def annotated(notes: list[GoldNote], chain: list) -> tuple[list[Document], float]:  # type: ignore[type-arg]
    documents = [Document(note.id, note.text) for note in notes]
    for predictor in chain:  # knowledge bases open on first use
        predictor.predict([Document("", "Asthma.")])
    started = time.perf_counter()
    for predictor in chain:
        documents = predictor.predict(documents)
    return documents, time.perf_counter() - started


def show(notes: list[GoldNote], documents: list[Document]) -> None:
    for note, document in zip(notes, documents, strict=True):
        print("==", note.id)
        gold = {(problem.start, problem.end): problem.assertion for problem in note.problems}
        found = {(m.start, m.end): (m.assertion, m.label, m.section) for m in document.mentions}
        for span in sorted({*gold, *found}):
            print(
                "  ", note.text[slice(*span)], "| gold", sorted(gold.get(span, {"-"})),
                "| found", found.get(span),
            )  # fmt: skip


if __name__ == "__main__":
    main()
