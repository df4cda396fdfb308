"""The co-occurrence baseline beside the model: F1 on the development set of BioRED, given its
mentions and ids.

    python benchmarks/relations_cooccurrence.py
    python benchmarks/relations_cooccurrence.py --count    # counts BioRED's training documents first

The threshold of the counts is the best on the training documents themselves.
"""

import json
from pathlib import Path
from typing import Any

from comparison import compare, corpora
from record import PROJECT, options, record

from biopipe import io
from biopipe.evaluate.gold import without_relations
from biopipe.evaluate.relation_scores import score_relations
from biopipe.relations.cooccurrence import CooccurrenceExtractor, count_relations
from biopipe.relations.extractor import DEFAULT_EXTRACTOR, RelationExtractor

CORPORA = {"biored": "corpora/biored/dev.pubtator"}
COUNTS = PROJECT / "biopipe" / "relations" / "cooccurrence.json"


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--count", action="store_true", help="count the training documents again")
    parser.add_argument("--baseline-only", action="store_true", help="leave the model out")
    arguments = parser.parse_args()
    if arguments.count:
        count(arguments.data / "corpora" / "biored" / "train.pubtator")
    models: dict[str, Any] = {"cooccurrence": CooccurrenceExtractor()}
    if not arguments.baseline_only:
        models["model"] = RelationExtractor()
    result = compare(
        models,
        corpora(arguments.data, CORPORA),
        strip=without_relations,
        score=score_relations,
        headline=lambda scores: float(scores["type"]["f1"]),
    )
    record("relations_cooccurrence", result, arguments.results)


def count(train: Path) -> None:
    """Write the package's counts, with the labels and pairs of the default model."""
    recipe = json.loads(
        (PROJECT / "models" / DEFAULT_EXTRACTOR / "recipe.json").read_text(encoding="utf-8")
    )
    documents = list(io.read(train))
    pairs = [(head, tail) for head, tail in recipe["pairs"]]
    counts = count_relations(documents, labels=recipe["relation_labels"], pairs=pairs)
    tried = {t / 40: pair_and_type(counts, documents, t / 40) for t in range(6, 22, 2)}
    counts["threshold"] = max(tried, key=lambda t: tried[t])
    COUNTS.write_text(json.dumps(counts, indent=1) + "\n", encoding="utf-8")


def pair_and_type(counts: dict[str, Any], documents: list[Any], threshold: float) -> float:
    """Sum of the F1 of pairs and of pairs with type."""
    predicted = CooccurrenceExtractor(counts, threshold=threshold).predict(documents)
    scores = score_relations(documents, predicted, bootstrap=0)
    return float(scores["pair"]["f1"]) + float(scores["type"]["f1"])


if __name__ == "__main__":
    main()
