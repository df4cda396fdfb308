"""Assertion on half of the NegEx/ConText kit: F1 and speed beside medspaCy's ConText and negspacy.

    python benchmarks/assertion.py [--environment FOLDER] [--repeats 15] [--limit N]

The others run in a virtual environment of their own, made on first use. All get the same sentences
with the same concept in each, one after the other, and the best of the repeats counts, in processor
seconds: "from_text" with what each does to the text first (spaCy's tokens and sentences there, our
own here), "component" without that where it is apart. The triggers were tuned on the sentences of
half A; B was scored and its errors were read once, late.
"""

import json
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from record import options, record

from biopipe.assertion.classifier import AssertionClassifier
from biopipe.document import Document
from biopipe.evaluate.assertion_scores import JudgedConcept, read_judged, score_assertions

OTHERS = ("medspacy", "negspacy")
HERE = Path(__file__).resolve().parent


def main() -> None:
    parser = options(__doc__)
    parser.add_argument(
        "--environment", type=Path, default=Path.home() / ".cache" / "biopipe" / "benchmark-context"
    )
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--limit", type=int, help="this many sentences only")
    arguments = parser.parse_args()
    path = arguments.data / "assertion" / "negex.tsv"
    if not path.is_file():
        raise SystemExit(
            f"There is no {path}; give the folder of the data with --data or $BIOPIPE_DATA."
        )
    gold = read_judged(path)[: arguments.limit]
    python = environment(arguments.environment)
    result = {"biopipe": ours(gold, arguments.repeats)}
    for tool in OTHERS:
        result[tool] = theirs(tool, python, gold, arguments.repeats)
    speed = {name: each["sentences_per_second"]["from_text"] for name, each in result.items()}
    result["times_as_fast"] = {tool: round(speed["biopipe"] / speed[tool], 1) for tool in OTHERS}
    record("assertion", result, arguments.results)


def environment(folder: Path) -> str:
    """The Python of the others' environment, made if it is not there."""
    python = folder / "bin" / "python"
    if not (folder / "ready").is_file():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run(
            [python, "-m", "pip", "install", "-q", *OTHERS], check=True, stdout=sys.stderr
        )
        (folder / "ready").touch()
    return str(python)


def ours(gold: Sequence[JudgedConcept], repeats: int) -> dict[str, Any]:
    started = time.perf_counter()
    classifier = AssertionClassifier()
    opening = time.perf_counter() - started
    documents = [each.document for each in gold]
    seconds = []
    predicted: list[Document] = []
    for _ in range(repeats):
        begun = time.process_time()
        predicted = classifier.predict(documents)
        seconds.append(time.process_time() - begun)
    halves = {name: [i for i, each in enumerate(half(gold)) if each == name] for name in "AB"}
    return {
        "triggers": len(classifier.triggers),
        "seconds_to_open": round(opening, 4),
        "sentences_per_second": {"from_text": round(len(gold) / min(seconds))},
        "scores": score(gold, predicted),
        "halves": {
            name: score([gold[i] for i in chosen], [predicted[i] for i in chosen])
            for name, chosen in halves.items()
        },
    }


def half(gold: Sequence[JudgedConcept]) -> list[str]:
    """A or B of each sentence; one that is there for several concepts is in one half with all of
    them.
    """
    numbers: dict[str, int] = {}
    return [
        "AB"[numbers.setdefault(" ".join(each.document.text.lower().split()), len(numbers)) % 2]
        for each in gold
    ]


def theirs(tool: str, python: str, gold: Sequence[JudgedConcept], repeats: int) -> dict[str, Any]:
    sentences = [
        [each.document.text, m.start, m.end] for each in gold for m in each.document.mentions
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sentences.json"
        path.write_text(json.dumps(sentences), encoding="utf-8")
        command = [python, str(HERE / "assertion_others.py"), tool, str(path), str(repeats)]
        # Some of these packages log to the output as they are imported; the result is its last
        # line.
        lines = subprocess.run(
            command, check=True, capture_output=True, text=True
        ).stdout.splitlines()
    found = json.loads(lines[-1])
    predicted = [
        asserted(each.document, said) for each, said in zip(gold, found["said"], strict=True)
    ]
    return {
        "version": found["version"],
        "sentences_per_second": {
            "from_text": round(len(gold) / found["whole"]),
            "component": round(len(gold) / found["alone"]),
        },
        "scores": score(gold, predicted),
    }


def asserted(document: Document, said: Sequence[str]) -> Document:
    return replace(document, mentions=(replace(document.mentions[0], assertion=frozenset(said)),))


def score(gold: Sequence[JudgedConcept], predicted: Sequence[Document]) -> dict[str, Any]:
    scores = score_assertions(gold, predicted)
    return {name: each if name == "sentences" else rounded(each) for name, each in scores.items()}


def rounded(scores: dict[str, Any]) -> dict[str, Any]:
    return {
        name: [round(each, 4) for each in value] if isinstance(value, list) else round(value, 4)
        for name, value in scores.items()
    }


if __name__ == "__main__":
    main()
