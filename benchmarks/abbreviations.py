"""Pair F1 of abbreviation definitions on the Ab3P MED1250 half, and documents per second beside
scispaCy's detector.

A pair counts when short form and long form are both the same strings as in the gold standard. The
weights of the finder were set on this half; "weights changed" gives the F1 with each of them a
third smaller and a third larger. Speed is documents per second of processor time on one core, the
best of the rounds, without loading. scispaCy's AbbreviationDetector runs on a blank English
pipeline (it needs spaCy's tokens), in a Python of its own, because it pins an older numpy; the
finder runs on texts, and once more as a component of the same blank pipeline.

    python -m venv SCISPACY && SCISPACY/bin/pip install scispacy
    python benchmarks/abbreviations.py [--scispacy SCISPACY/bin/python] [--data DATA] [--errors]
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from record import options, record

from biopipe.text import abbreviations, alignment
from biopipe.text.abbreviations import find_abbreviations

ROUNDS = 5
WEIGHTS = {
    "_AT_WORD_START": alignment,
    "_AT_LINKING_WORD": alignment,
    "_INSIDE_WORD": alignment,
    "_RUNNING_ON": alignment,
    "_WORD_LEFT_OUT": alignment,
    "_LEAST_PER_LETTER": abbreviations,
    "_LEAST_REVERSED": abbreviations,
    "_LEAST_MEASURED": abbreviations,
}
Pairs = set[tuple[str, str]]

SCISPACY = """
import json, sys, time
import spacy
from scispacy.abbreviation import AbbreviationDetector
texts = json.load(open(sys.argv[1], encoding="utf-8"))
nlp = spacy.blank("en")
nlp.add_pipe("abbreviation_detector")
seconds = []
for _ in range(int(sys.argv[2])):
    started = time.process_time()
    docs = list(nlp.pipe(texts))
    seconds.append(time.process_time() - started)
pairs = [[[short.text, short._.long_form.text] for short in doc._.abbreviations] for doc in docs]
scispacy = __import__("importlib.metadata").metadata.version("scispacy")
versions = {"spacy": spacy.__version__, "scispacy": scispacy}
answer = {"seconds": min(seconds), "pairs": pairs, "versions": versions}
json.dump(answer, open(sys.argv[3], "w", encoding="utf-8"))
"""


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--scispacy", type=Path, help="a Python that has scispacy")
    parser.add_argument(
        "--errors", action="store_true", help="print the pairs missed and the pairs too many"
    )
    arguments = parser.parse_args()
    lines = (
        (arguments.data / "abbreviations/med1250.jsonl").read_text(encoding="utf-8").splitlines()
    )
    records = [json.loads(line) for line in lines]
    texts = [f"{each['title']} {each['text']}" for each in records]
    gold = [{(short, long) for short, long in each["pairs"]} for each in records]
    found = [pairs(text) for text in texts]
    if arguments.errors:
        show(gold, found)
    result: dict[str, Any] = {
        "dataset": "MED1250, the half in the data folder",
        "documents": len(texts),
        "gold_pairs": sum(map(len, gold)),
        "biopipe": score(gold, found)
        | {
            "documents_per_second": speed(
                lambda: [find_abbreviations(text) for text in texts], len(texts)
            )
        }
        | {"documents_per_second_as_component": component_speed(texts)},
        "weights changed": sensitivity(texts, gold),
    }
    if arguments.scispacy:
        result["scispacy"] = scispacy(arguments.scispacy, texts, gold)
    record("abbreviations", result, arguments.results)


def pairs(text: str) -> Pairs:
    return {
        (text[a.start : a.end], text[a.long_start : a.long_end]) for a in find_abbreviations(text)
    }


def score(gold: Sequence[Pairs], found: Sequence[Pairs]) -> dict[str, float]:
    right = sum(len(one & other) for one, other in zip(gold, found, strict=True))
    wanted, given = sum(map(len, gold)), sum(map(len, found))
    return {
        "precision": round(right / given, 4),
        "recall": round(right / wanted, 4),
        "f1": round(2 * right / (wanted + given), 4),
    }


def speed(run: Callable[[], object], documents: int) -> int:
    seconds = []
    for _ in range(ROUNDS):
        started = time.process_time()
        run()
        seconds.append(time.process_time() - started)
    return round(documents / min(seconds))


def component_speed(texts: Sequence[str]) -> int:
    import spacy

    nlp = spacy.blank("en")
    nlp.add_pipe("biopipe_abbreviations")
    return speed(lambda: list(nlp.pipe(texts)), len(texts))


def sensitivity(texts: Sequence[str], gold: Sequence[Pairs]) -> dict[str, list[float]]:
    """F1 with one weight at two thirds and at four thirds of its value, the others as they are."""
    changed: dict[str, list[float]] = {}
    for name, module in WEIGHTS.items():
        value = getattr(module, name)
        for factor in (2 / 3, 4 / 3):
            setattr(module, name, value * factor)
            changed.setdefault(name.strip("_").lower(), []).append(
                score(gold, list(map(pairs, texts)))["f1"]
            )
        setattr(module, name, value)
    return changed


def scispacy(python: Path, texts: Sequence[str], gold: Sequence[Pairs]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        given, answer = Path(folder) / "texts.json", Path(folder) / "pairs.json"
        given.write_text(json.dumps(texts), encoding="utf-8")
        subprocess.run(
            [python, "-c", SCISPACY, given, str(ROUNDS), answer], check=True, stdout=sys.stderr
        )
        found = json.loads(answer.read_text(encoding="utf-8"))
    # The detector lists every place of a short form; a pair counts once, as in the gold standard.
    each = [{(short, long) for short, long in document} for document in found["pairs"]]
    per_second = round(len(texts) / found["seconds"])
    return score(gold, each) | {"documents_per_second": per_second, "versions": found["versions"]}


def show(gold: Iterable[Pairs], found: Iterable[Pairs]) -> None:
    for one, other in zip(gold, found, strict=True):
        for pair in sorted(other - one):
            print("too many", *pair, sep="\t")
        for pair in sorted(one - other):
            print("missed", *pair, sep="\t")


if __name__ == "__main__":
    main()
