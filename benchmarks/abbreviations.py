"""Pair F1 of abbreviation definitions on the Ab3P MED1250 half, and documents per second.

A pair counts when short form and long form are both the same strings as in the gold standard.

    python benchmarks/abbreviations.py [--data ../shared/data] [--output RESULT.json]
"""

import argparse
import json
import time
from pathlib import Path

from biopipe.text.abbreviations import find_abbreviations

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=HERE.parent / "../shared/data")
    parser.add_argument("--output", type=Path, default=HERE / "results/abbreviations.json")
    parser.add_argument("--errors", action="store_true", help="print the pairs missed and the pairs too many")
    arguments = parser.parse_args()
    lines = (arguments.data / "abbreviations/med1250.jsonl").read_text(encoding="utf-8").splitlines()
    result = score([json.loads(line) for line in lines], errors=arguments.errors)
    arguments.output.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


def score(records: list[dict[str, object]], *, errors: bool) -> dict[str, float | int | str]:
    texts = [f"{record['title']} {record['text']}" for record in records]
    started = time.perf_counter()
    found = [find_abbreviations(text) for text in texts]
    seconds = time.perf_counter() - started
    right = wrong = missed = 0
    for record, text, abbreviations in zip(records, texts, found, strict=True):
        gold = {(short, long) for short, long in record["pairs"]}  # type: ignore[attr-defined]
        pairs = {(text[a.start : a.end], text[a.long_start : a.long_end]) for a in abbreviations}
        right, wrong, missed = (
            right + len(gold & pairs),
            wrong + len(pairs - gold),
            missed + len(gold - pairs),
        )
        if errors:
            print(*(f"too many  {pair}" for pair in sorted(pairs - gold)), sep="\n", end="\n")
            print(*(f"  missed  {pair}" for pair in sorted(gold - pairs)), sep="\n", end="\n")
    return {
        "dataset": "MED1250 (the half in the data folder; weights were set on it)",
        "documents": len(records),
        "gold_pairs": right + missed,
        "precision": round(right / (right + wrong), 4),
        "recall": round(right / (right + missed), 4),
        "f1": round(2 * right / (2 * right + wrong + missed), 4),
        "documents_per_second": round(len(records) / seconds),
    }


if __name__ == "__main__":
    main()
