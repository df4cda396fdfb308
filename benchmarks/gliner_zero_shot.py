"""F1 of a GLiNER on labels it never saw (MACCROBAT case reports), and on BioRED dev, whose labels
it was trained on.

python benchmarks/gliner_zero_shot.py --model FOLDER [--threshold 0.5] [--documents 100]

MACCROBAT's labels are asked for in words (LABELS), one pass for all. `seen` are those whose meaning
an annotated training corpus has too under another name, `taught` those that texts annotated by
knowledge bases (gliner_classes.json) and made notes have; the others' is new: nothing that the model
learned from marks such spans. `eleven` are the labels of the first trials, of which five were new to
them. No MACCROBAT report was used in training. Strict is exact span and label;
overlap takes a mention for found that shares a character with one of its label.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from record import options, record

from biopipe.document import Document, Mention
from biopipe.evaluate.gold import without_annotations
from biopipe.evaluate.mention_scores import score_ner
from biopipe.io.codecs import pubtator
from biopipe.ner.gliner import Gliner

LABELS = {
    "Sign_symptom": "sign or symptom",
    "Disease_disorder": "disease or disorder",
    "Medication": "medication",
    "Diagnostic_procedure": "diagnostic procedure",
    "Therapeutic_procedure": "therapeutic procedure or surgery",
    "Biological_structure": "body part or organ",
    "Lab_value": "laboratory value",
    "Dosage": "dosage",
    "Age": "age of the patient",
    "Duration": "duration",
    "Severity": "severity",
    "Date": "date",
    "Clinical_event": "clinical event such as an admission",
    "Nonbiological_location": "hospital or other place",
    "Activity": "activity",
    "Distance": "size or distance",
    "Shape": "shape",
    "Color": "colour",
    "Texture": "texture",
}
ELEVEN = tuple(LABELS)[:11]
SEEN = ("Disease_disorder", "Medication", "Lab_value", "Dosage", "Age", "Duration", "Severity")
TAUGHT = ("Sign_symptom", "Diagnostic_procedure", "Therapeutic_procedure", "Biological_structure")


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--threshold", type=float, default=0.5)
    parser.add_argument("--documents", type=int, default=100)
    arguments = parser.parse_args()
    corpora, most = arguments.data / "corpora", arguments.documents
    reports = [read_report(path) for path in sorted((corpora / "maccrobat").glob("*.txt"))][:most]
    abstracts = list(pubtator.read(corpora / "biored/dev.pubtator"))[:most]
    model = json.loads((arguments.model / "manifest.json").read_text(encoding="utf-8"))
    result = {
        "model": model["name"],
        "threshold": arguments.threshold,
        "maccrobat": scored(
            Gliner(arguments.model, labels=LABELS, threshold=arguments.threshold), reports
        ),
        "biored": scored(Gliner(arguments.model, threshold=arguments.threshold), abstracts),
    }
    record("gliner_zero_shot", result, arguments.results)


def read_report(path: Path) -> Document:
    """A MACCROBAT report with its text-bound annotations; those in several pieces are left out."""
    mentions = []
    for line in path.with_suffix(".ann").read_text(encoding="utf-8").splitlines():
        if line.startswith("T") and ";" not in line.split("\t")[1]:
            label, start, end = line.split("\t")[1].split()
            if label in LABELS:
                mentions.append(Mention(int(start), int(end), label))
    return Document(path.stem, path.read_text(encoding="utf-8"), mentions=tuple(mentions))


def scored(gliner: Gliner, gold: list[Document]) -> dict[str, Any]:
    """Strict and overlap scores of the gold's labels that the model was asked for."""
    gold = [
        replace(d, mentions=tuple(m for m in d.mentions if m.label in gliner.labels)) for d in gold
    ]
    found = gliner.predict([without_annotations(document) for document in gold])
    labels = sorted({m.label for d in gold for m in d.mentions})
    new = [label for label in labels if label in LABELS and label not in (*SEEN, *TAUGHT)]
    groups = {"all": labels}
    if new:
        groups |= {"eleven": ELEVEN, "seen": SEEN, "taught": TAUGHT, "new": new}
    return {
        "documents": len(gold),
        "micro": {name: both(gold, found, chosen) for name, chosen in groups.items()},
        "labels": {label: both(gold, found, [label]) for label in labels},
    }


def both(gold: list[Document], found: list[Document], labels: Iterable[str]) -> dict[str, float]:
    chosen = tuple(labels)
    strict = score_ner(gold, found, labels=chosen, bootstrap=0)["micro"]["f1"]
    return {"strict": round(strict, 4), "overlap": round(overlap_f1(gold, found, chosen), 4)}


def overlap_f1(gold: list[Document], found: list[Document], labels: Iterable[str]) -> float:
    right = hits = predicted = wanted = 0
    for label in labels:
        for a, b in zip(gold, found, strict=True):
            want, got = (
                [(m.start, m.end) for m in each.mentions if m.label == label] for each in (a, b)
            )
            wanted, predicted = wanted + len(want), predicted + len(got)
            hits += sum(any(s < e2 and s2 < e for s2, e2 in got) for s, e in want)
            right += sum(any(s < e2 and s2 < e for s2, e2 in want) for s, e in got)
    precision, recall = right / max(1, predicted), hits / max(1, wanted)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


if __name__ == "__main__":
    main()
