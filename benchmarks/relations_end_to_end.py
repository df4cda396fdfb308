"""What relations lose to recognition, to linking and to classification, on the development set of
BioRED.

    python benchmarks/relations_end_to_end.py --kb Disease=MEDIC --kb Chemical=MESH --kb Gene=HGNC \\
        --kb Species=TAXONOMY

Five inputs of the relation model: gold mentions with gold ids; gold mentions with our links; our
mentions with the gold ids of the gold mentions they overlap (a perfect linker); our mentions with
our links; and the co-occurrence baseline on that last one. A relation of a concept without an id
cannot be compared with the gold's ids; such relations are counted apart, under "unlinked".
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from comparison import corpora
from record import options, record

from biopipe.cli.bases import named_bases
from biopipe.document import Document, Mention
from biopipe.evaluate.canonical_ids import with_canonical_ids
from biopipe.evaluate.gold import without_relations
from biopipe.evaluate.predict import canonical_concepts, predict
from biopipe.evaluate.relation_scores import score_relations
from biopipe.relations.cooccurrence import CooccurrenceExtractor
from biopipe.relations.extractor import DEFAULT_EXTRACTOR, RelationExtractor

CORPORA = {"biored": "corpora/biored/dev.pubtator"}
LEVELS = ("pair", "type", "novelty")


def main() -> None:
    parser = options(__doc__)
    parser.add_argument(
        "--kb", action="append", metavar="[LABEL=]DIR", help="as biopipe evaluate takes them"
    )
    parser.add_argument("--model", default=DEFAULT_EXTRACTOR)
    parser.add_argument("--limit", type=int, help="the first documents only")
    arguments = parser.parse_args()
    gold = corpora(arguments.data, CORPORA)["biored"][: arguments.limit]
    bases = named_bases(arguments.kb) if arguments.kb else None
    if bases is not None:
        # Our links are main ids of the terminologies, the gold has any id of a concept.
        main_id = canonical_concepts(bases)
        gold = [with_canonical_ids(document, main_id) for document in gold]
    mentions = predict(gold, stage="ner").documents
    inputs = {
        "gold mentions, gold ids": [without_relations(document) for document in gold],
        "gold mentions, our links": predict(
            gold, stage="linking", gold_mentions=True, kb=bases
        ).documents,
        "our mentions, gold ids": [
            with_gold_ids(g, p) for g, p in zip(gold, mentions, strict=True)
        ],
        "our mentions, our links": predict(gold, stage="linking", kb=bases).documents,
    }
    extractor = RelationExtractor(arguments.model)
    scores = {
        name: score(gold, extractor.predict(named(gold, each))) for name, each in inputs.items()
    }
    last = named(gold, inputs["our mentions, our links"])
    scores["our mentions, our links, co-occurrence"] = score(
        gold, CooccurrenceExtractor().predict(last)
    )
    record("relations_end_to_end", {"scores": scores, "lost": lost(scores)}, arguments.results)


def named(gold: Sequence[Document], found: Sequence[Document]) -> list[Document]:
    """The predictions under the gold's ids: a pipeline's documents have none."""
    return [replace(p, id=g.id, relations=()) for g, p in zip(gold, found, strict=True)]


def with_gold_ids(gold: Document, predicted: Document) -> Document:
    """Predicted mentions with the ids of the gold mention of their label that they share most
    characters with.
    """
    mentions = []
    for mention in predicted.mentions:
        near = [g for g in gold.mentions if g.label == mention.label and overlap(g, mention) > 0]
        best = max(near, key=lambda g: overlap(g, mention), default=None)
        mentions.append(
            replace(mention, concept_ids=best.concept_ids if best else (), candidates=())
        )
    return replace(predicted, mentions=tuple(mentions))


def overlap(one: Mention, other: Mention) -> int:
    """Characters that both cover."""
    return min(one.end, other.end) - max(one.start, other.start)


def score(gold: Sequence[Document], predicted: Sequence[Document]) -> dict[str, Any]:
    """The levels of `score_relations`, without single labels."""
    scores = score_relations(gold, predicted)
    return {name: scores[name] for name in (*LEVELS, "unlinked")}


def lost(scores: dict[str, Any]) -> dict[str, dict[str, float]]:
    """F1 lost at each step, the steps taken in the order of the chain."""
    steps = ["gold mentions, gold ids", "our mentions, gold ids", "our mentions, our links"]
    result = {}
    for level in LEVELS:
        at = [float(scores[step][level]["f1"]) for step in steps]
        result[level] = {
            "to classification": round(1 - at[0], 4),
            "to recognition": round(at[0] - at[1], 4),
            "to linking": round(at[1] - at[2], 4),
            "left": round(at[2], 4),
        }
    return result


if __name__ == "__main__":
    main()
