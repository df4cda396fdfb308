"""Attributes of medications, values of tests and dates on MACCROBAT (100 case reports) and PHEE.

    python benchmarks/clinical_attributes.py [--half chosen|reported] [--errors N]

Drugs are given, as the corpora mark them, so that only attributes and what they are tied to is
measured. Documents are cut in two halves by a hash of their PMID: rules were looked at on the half
`chosen`, the other is reported. The lists of values of whole corpora were seen once when the tables
of words were begun, before there were halves. Figures are of spans that overlap; precision counts
what overlaps a mark of any of the kinds that it may be. The corpora mark less than a note says: a
frequency in a sentence of PHEE counts only where it belongs to an event.
"""

import gzip
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from record import options, record

from biopipe.clinical.dates import DateFinder
from biopipe.clinical.measurements.finder import MeasurementFinder
from biopipe.clinical.medications.finder import MedicationFinder
from biopipe.document import Document, Mention

Span = tuple[int, int]
# Labels of the corpora by what they are here; MACCROBAT's Dosage holds frequencies ("60 mg daily").
KINDS = {
    "Dosage": "dosage", "Frequency": "frequency", "Administration": "route", "Lab_value": "value",
    "Date": "time", "Time": "time", "Duration": "duration",
    "Treatment.Dosage": "dosage", "Treatment.Freq": "frequency", "Treatment.Route": "route",
    "Treatment.Duration": "duration",
}  # fmt: skip
OURS = {
    "strength": "dosage", "dose": "dosage", "frequency": "frequency", "as needed": "frequency",
    "route": "route", "form": "route", "duration": "duration",
}  # fmt: skip
# What a found span may be marked as and still be right.
ALLOWED = {
    "dosage": {"dosage", "frequency", "duration"}, "frequency": {"frequency", "dosage"},
    "route": {"route", "dosage"}, "duration": {"duration", "dosage", "frequency", "time"},
    "value": {"value"}, "time": {"time", "duration"},
}  # fmt: skip
# What a mark may be found as.
FOUND_AS = {
    "dosage": {"dosage", "frequency", "duration"}, "frequency": {"frequency", "dosage"},
    "route": {"route"}, "duration": {"duration", "time"}, "value": {"value"}, "time": {"time"},
}  # fmt: skip
DRUGS = {"Medication", "Treatment.Drug"}


@dataclass
class Marked:
    """A text with spans by kind, its drugs, and what an attribute or a value is tied to."""

    id: str
    text: str
    spans: dict[str, set[Span]] = field(default_factory=lambda: defaultdict(set))
    drugs: set[Span] = field(default_factory=set)
    tied: dict[Span, set[Span]] = field(default_factory=lambda: defaultdict(set))


def maccrobat(folder: Path) -> Iterator[Marked]:
    for path in sorted(folder.glob("*.ann")):
        marked = Marked(path.stem, path.with_suffix(".txt").read_text(encoding="utf-8"))
        places: dict[str, Span] = {}
        rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
        # Relations last: they name events, which stand for the text of their trigger.
        for key, *rest in sorted(rows, key=lambda row: "TER".find(row[0][0])):
            if key.startswith("T"):
                label, *offsets = rest[0].replace(";", " ").split()
                span = (int(offsets[0]), int(offsets[-1]))
                places[key] = span
                add(marked, label, span)
            elif key.startswith("E"):
                trigger = rest[0].split()[0].split(":")[1]
                if trigger in places:
                    places[key] = places[trigger]
            elif key.startswith("R") and rest[0].startswith("MODIFY"):
                one, other = (part.split(":")[1] for part in rest[0].split()[1:3])
                if one in places and other in places:
                    marked.tied[places[one]].add(places[other])
        yield marked


def phee(path: Path) -> Iterator[Marked]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for row in map(json.loads, stream):
            marked = Marked(row["id"], row["text"])
            for start, end, label in row["entities"]:
                add(marked, label, (start, end))
            yield marked


def add(marked: Marked, label: str, span: Span) -> None:
    if label in DRUGS:
        marked.drugs.add(span)
    elif label in KINDS:
        marked.spans[KINDS[label]].add(span)


def is_chosen(marked: Marked) -> bool:
    pmid = marked.id.split("_")[0]
    return hashlib.sha256(pmid.encode()).digest()[0] % 2 == 0


def annotate(texts: list[Marked]) -> list[Document]:
    documents = [
        Document(
            marked.id,
            marked.text,
            tuple(Mention(*span, "Medication") for span in sorted(marked.drugs)),
        )
        for marked in texts
    ]
    for predictor in (MeasurementFinder(), MedicationFinder("", add_mentions=False), DateFinder()):
        documents = predictor.predict(documents)
    return documents


def found(document: Document) -> dict[str, set[Span]]:
    spans: dict[str, set[Span]] = defaultdict(set)
    for medication in document.medications:
        for attribute in medication.attributes:
            spans[OURS[attribute.kind]].add((attribute.start, attribute.end))
    spans["value"] = {(m.value_start, m.value_end) for m in document.measurements}
    spans["time"] = {(time.start, time.end) for time in document.times}
    return spans


def overlaps(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def any_overlap(span: Span, others: Iterable[Span]) -> bool:
    return any(overlaps(span, other) for other in others)


def score(texts: list[Marked], documents: list[Document], errors: int) -> dict[str, object]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    missed: dict[str, list[str]] = defaultdict(list)
    for marked, document in zip(texts, documents, strict=True):
        answer = found(document)
        for kind in ALLOWED:
            gold, given = marked.spans[kind], answer[kind]
            candidates = set().union(*(answer[name] for name in FOUND_AS[kind]))
            allowed = set().union(*(marked.spans[name] for name in ALLOWED[kind]))
            hits = [span for span in gold if any_overlap(span, candidates)]
            right = [span for span in given if any_overlap(span, allowed)]
            counts[kind].update(
                gold=len(gold), found=len(hits), given=len(given), right=len(right),
                strict=len(gold & candidates),
            )  # fmt: skip
            for name, spans in (("missed", gold - {*hits}), ("extra", given - {*right})):
                missed[f"{kind} {name}"] += [
                    f"{marked.text[slice(*span)]!r} in "
                    f"{marked.text[max(0, span[0] - 40) : span[1] + 25]!r}"
                    for span in spans
                ]
        tie(marked, document, counts)
    for name, texts_of in missed.items():
        for text in texts_of[:errors]:
            print(name, "|", text)
    return {kind: rates(count) for kind, count in counts.items()}


def tie(marked: Marked, document: Document, counts: dict[str, Counter[str]]) -> None:
    """Of attributes and values that are marked as tied to something, how many are tied to it."""
    pairs = [
        ("attributes to drugs", (a.start, a.end), (m.start, m.end))
        for m in document.medications
        for a in m.attributes
    ]
    pairs += [
        ("values to tests", (m.value_start, m.value_end), (m.start, m.end))
        for m in document.measurements
    ]
    for name, span, owner in pairs:
        owners = [
            target
            for source, targets in marked.tied.items()
            if overlaps(source, span) and source in marked.spans["dosage"] | marked.spans["route"]
            | marked.spans["frequency"] | marked.spans["value"]
            for target in targets
        ]  # fmt: skip
        if owners:
            counts[name].update(gold=1, found=any_overlap(owner, owners), given=1,
                                right=any_overlap(owner, owners))  # fmt: skip


def rates(count: Counter[str]) -> dict[str, float | int]:
    precision = count["right"] / count["given"] if count["given"] else 0.0
    recall = count["found"] / count["gold"] if count["gold"] else 0.0
    both = precision + recall
    return {
        "gold": count["gold"],
        "given": count["given"],
        "precision": round(100 * precision, 1),
        "recall": round(100 * recall, 1),
        "f1": round(200 * precision * recall / both, 1) if both else 0.0,
        "same_span": count["strict"],
    }


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--half", choices=("chosen", "reported"), default="reported")
    parser.add_argument("--errors", type=int, default=0, help="print so many of each kind")
    arguments = parser.parse_args()
    corpora = {
        "maccrobat": maccrobat(arguments.data / "corpora" / "maccrobat"),
        "phee": phee(arguments.data / "gold" / "phee-pharmacovigilance.jsonl.gz"),
    }
    result: dict[str, object] = {"half": arguments.half}
    for name, texts in corpora.items():
        half = [text for text in texts if is_chosen(text) == (arguments.half == "chosen")]
        scores = score(half, annotate(half), arguments.errors)
        kinds = {kind: row for kind, row in scores.items() if row["gold"]}  # type: ignore[index]
        result[name] = {"documents": len(half), **kinds}
    if arguments.half == "reported":
        record("clinical_attributes", result, arguments.results)
    else:
        print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
