"""Relations of ten abstracts that a person has judged, one by one: precision of the default pipeline
from text alone.

    python benchmarks/judged_relations.py

The abstracts are the ten of the autophagy file whose ids have the lowest SHA-256, so nobody chose
them. `judged_relations.tsv` holds every relation that the default pipeline found when they were
judged, by the names of its ends, with the types that are right: none where the abstract does not
relate the two, or an end is not what its name says. A pair that nobody has judged counts as wrong
and is listed, so that it can be judged. What the abstracts state and the pipeline never found is
not in the file, so it tells nothing of recall; the share of right ones that are found again does.
"by score" are the default's relations with at least such a probability.
"""

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from record import options, record

from biopipe import io
from biopipe.components.document import to_document
from biopipe.document import Document, Relation
from biopipe.pipeline import build, describe, load

JUDGED = Path(__file__).with_name("judged_relations.tsv")
TEXT = "easyner-autophagy-999.json"
ABSTRACTS = 10
LEAST_SCORES = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9)

Judged = Mapping[tuple[str, frozenset[str]], frozenset[str]]


def main() -> None:
    arguments = options(__doc__).parse_args()
    documents = chosen(list(io.read(arguments.data / "text" / TEXT)))
    judged = read_judged(JUDGED)
    precise = {name: {} for name in describe_components()}
    precise["biopipe_relations"] = {"threshold": "precision"}
    pipelines = {"default": load(), "threshold: precision": build({"components": precise})}
    result = {}
    for name, nlp in pipelines.items():
        found = [to_document(doc) for doc in nlp.pipe(document.text for document in documents)]
        result[name] = scored(documents, found, judged)
        if name == "default":
            result["by score"] = {
                f"{least:.1f}": without_names(scored(documents, surer(found, least), judged))
                for least in LEAST_SCORES
            }
    record("judged_relations", {"documents": len(documents), **result}, arguments.results)


def surer(found: Sequence[Document], least: float) -> list[Document]:
    """The documents with the relations whose probability is at least `least`."""
    return [replace(d, relations=tuple(r for r in d.relations if r.score >= least)) for d in found]


def without_names(scores: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in scores.items() if name != "not_judged"}


def describe_components() -> list[str]:
    """The components of the default pipeline."""
    return [part["name"] for part in describe(load())["components"]]


def chosen(documents: Sequence[Document]) -> list[Document]:
    """The abstracts that are judged."""
    return sorted(documents, key=lambda d: _digest(f"relations autophagy{d.id}"))[:ABSTRACTS]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def read_judged(path: Path) -> Judged:
    """The right types of a document's pair of names, of all rows that name it."""
    judged: dict[tuple[str, frozenset[str]], frozenset[str]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            key = row["document"], _pair(row["head"], row["tail"])
            labels = frozenset(filter(None, row["labels"].split("|")))
            judged[key] = judged.get(key, frozenset()) | labels
    return judged


def scored(
    documents: Sequence[Document], found: Sequence[Document], judged: Judged
) -> dict[str, Any]:
    """Precision of pairs and of types, the share of right pairs found, and what is not judged."""
    pairs = types = 0
    not_judged: list[str] = []
    again = set()
    relations = [(d.id, r) for d, f in zip(documents, found, strict=True) for r in f.relations]
    for id_, relation in relations:
        key = id_, _pair(relation.head_name, relation.tail_name)
        if key not in judged:
            not_judged.append(f"{id_}: {told(relation)}")
            continue
        labels = judged[key]
        pairs += bool(labels)
        types += relation.label in labels
        again |= {key} if labels else set()
    right = sum(map(bool, judged.values()))
    return {
        "relations": len(relations),
        "pair_precision": round(pairs / max(1, len(relations)), 4),
        "type_precision": round(types / max(1, len(relations)), 4),
        "right_pairs_found": round(len(again) / right, 4),
        "not_judged": not_judged,
    }


def _pair(head: str, tail: str) -> frozenset[str]:
    """Two names, whatever their case: a gene of mice has the human symbol in other letters."""
    return frozenset((head.casefold(), tail.casefold()))


def told(relation: Relation) -> str:
    return f"{relation.head_name} {relation.label} {relation.tail_name} {relation.score:.2f}"


if __name__ == "__main__":
    main()
