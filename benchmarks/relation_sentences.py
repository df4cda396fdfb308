"""Sentences of our own that state one relation each, or deny it: is its type right, the end that
acts, and its assertion?

    python benchmarks/relation_sentences.py
    python benchmarks/relation_sentences.py --model biopipe-relations-shared
    python benchmarks/relation_sentences.py --table relation_sentences_more
    python benchmarks/relation_sentences.py --table relation_sentences_papers

relation_sentences.tsv has two halves, divided before any model had read them. The half `seen` may be
looked at while rules and features are made, and its wrong answers are listed; of the other only
counts are given. Mentions are given, each a concept of its own. What is denied is right where
nothing is reported, or where what is reported is negated. In the column `subject` 1 and 2 are the
first and the second mention, - neither; several that are right are joined by /, of types likewise.

relation_sentences_more.tsv has further kinds: inducers, things measured together or named apart,
plain lists, contrasts, and the rare types between drugs. relation_sentences_papers.tsv is worded as
papers are, by somebody who had seen no frame, rule or word list: 160 sentences, of which the half
`unseen` was not looked at.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from record import options, record

from biopipe.assertion.classifier import AssertionClassifier
from biopipe.document import Document, Mention, Relation
from biopipe.document.labels import NEGATED
from biopipe.ner.name_features import told_names
from biopipe.relations.extractor import DEFAULT_EXTRACTOR, RelationExtractor

TABLE = Path(__file__).stem
TABLES = (TABLE, f"{TABLE}_more", f"{TABLE}_papers")
MARKED = re.compile(r"\[([^|\]]+)\|([^\]]+)\]")
ENDS = {"1": "TEST:1", "2": "TEST:2", "-": None}
ASPECTS = ("pair", "type", "subject", "assertion", "all")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A row of the table with its document."""

    half: str
    pattern: str
    subjects: tuple[str | None, ...]
    types: tuple[str, ...]
    denied: bool
    document: Document


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--model", default=DEFAULT_EXTRACTOR)
    parser.add_argument("--table", default=TABLE, choices=TABLES)
    arguments = parser.parse_args()
    sentences = read_sentences(Path(__file__).with_name(f"{arguments.table}.tsv"))
    extractor = RelationExtractor(arguments.model, trunk_features=told_names)
    predicted = extractor.predict([sentence.document for sentence in sentences])
    predicted = AssertionClassifier().predict(predicted)
    answers = [
        (sentence, judge(sentence, document.relations), document.relations)
        for sentence, document in zip(sentences, predicted, strict=True)
    ]
    result: dict[str, Any] = {"model": extractor.model_name}
    for half in ("seen", "unseen"):
        judged = [(s, right) for s, right, _ in answers if s.half == half]
        result[half] = {"sentences": len(judged), **shares([right for _, right in judged])}
        result[half]["all by pattern"] = {
            pattern: shares([right for s, right in judged if s.pattern == pattern])["all"]
            for pattern in dict.fromkeys(s.pattern for s, _ in judged)
        }
    result["wrong of seen"] = [
        f"{s.document.text} {[(r.label, r.subject, sorted(r.assertion)) for r in relations]}"
        for s, right, relations in answers
        if s.half == "seen" and not right["all"]
    ]
    record(arguments.table, result, arguments.results)


def read_sentences(table: Path) -> list[Sentence]:
    """The table with its marks as mentions."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        Sentence(
            half=row["half"],
            pattern=row["pattern"],
            subjects=tuple(ENDS[end] for end in row["subject"].split("/")),
            types=tuple(row["type"].split("/")),
            denied=row["assertion"] == "negated",
            document=marked_document(str(number), row["sentence"]),
        )
        for number, row in enumerate(rows)
    ]


def marked_document(name: str, sentence: str) -> Document:
    """`[levodopa|Chemical] relieves ...` as a document."""
    text, mentions, end = "", [], 0
    for number, mark in enumerate(MARKED.finditer(sentence), 1):
        text += sentence[end : mark.start()]
        start, end = len(text), mark.end()
        text += mark[1]
        mentions.append(Mention(start, len(text), mark[2], concept_ids=(f"TEST:{number}",)))
    return Document(name, text + sentence[end:], mentions=tuple(mentions))


def judge(sentence: Sentence, relations: Sequence[Relation]) -> dict[str, bool]:
    """What of the sentence's relation is right."""
    relation = next(iter(relations), None)
    if sentence.denied:
        right = relation is None or NEGATED in relation.assertion
        return dict.fromkeys(ASPECTS, right)
    if relation is None:
        return dict.fromkeys(ASPECTS, False)
    right = {
        "pair": True,
        "type": relation.label in sentence.types,
        "subject": relation.subject in sentence.subjects,
        "assertion": not relation.assertion,
    }
    return {**right, "all": all(right.values())}


def shares(judged: Sequence[dict[str, bool]]) -> dict[str, float]:
    """The share of right answers by aspect."""
    return {name: round(sum(j[name] for j in judged) / len(judged), 3) for name in ASPECTS}


if __name__ == "__main__":
    main()
