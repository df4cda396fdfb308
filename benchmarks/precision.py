"""int8 against fp32 for every shipped model: speed of the graph, and scores on development sets.

    python benchmarks/precision.py --checkpoint biopipe-ner-minilm=FOLDER \\
        --checkpoint biopipe-relations-shared=FOLDER
    python benchmarks/precision.py --checkpoint biopipe-biencoder-minilm=FOLDER --limit 20 --timed 5

FOLDER is the torch checkpoint the shipped model was exported from. Its fp32 graph gets the shipped
manifest, so that calibration and thresholds are the same. Speed is that of the graphs alone over
the same inputs, in turn, round after round; the middle of the rounds' ratios counts. Scores:
mention F1 of a tagger, F1 of a relation model given the gold mentions, and for a bi-encoder how
many mentions of dev have the right concept's name from train as the nearest one, of those whose
concept is in train under another name.
"""

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from comparison import corpora
from record import options, record
from relations_dev import TRAINED, for_gold

from biopipe.document import Document
from biopipe.evaluate.gold import without_annotations, without_relations
from biopipe.evaluate.mention_scores import score_ner
from biopipe.evaluate.relation_scores import score_relations
from biopipe.evaluate.speed import Timed, graph_speeds, model_feeds
from biopipe.linking.biencoder import BiEncoder
from biopipe.ner.tagger import Tagger
from biopipe.runtime.manifest import load_manifest, write_manifest
from biopipe.runtime.models import find_model, list_models

DEV = {
    "token-classification": ("biored", "bc5cdr", "ncbi-disease"),
    "relation": ("biored", "bc5cdr"),
    "bi-encoder": ("bc5cdr", "ncbi-disease"),
}


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--checkpoint", action="append", metavar="NAME=FOLDER", required=True)
    parser.add_argument("--limit", type=int, help="documents of each development set")
    parser.add_argument("--timed", type=int, default=30, help="documents that are timed")
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    checkpoints = dict(word.split("=", 1) for word in arguments.checkpoint)
    if unknown := sorted(set(checkpoints) - set(list_models())):
        raise SystemExit(
            f"There is no shipped model {unknown[0]}; there are: {', '.join(list_models())}."
        )
    result = {name: compare(name, folder, arguments) for name, folder in checkpoints.items()}
    missing = sorted(set(list_models()) - set(checkpoints))
    record("precision", {"models": result, "without_checkpoint": missing}, arguments.results)


def compare(name: str, checkpoint: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Speed, size and scores of the shipped graph and of the checkpoint's fp32 one."""
    shipped = find_model(name)
    task = load_manifest(shipped).task
    gold = {
        corpus: documents[: arguments.limit]
        for corpus, documents in corpora(arguments.data, files(DEV[task], "dev")).items()
    }
    if task == "relation":
        trained = {document.id for document in corpora(arguments.data, TRAINED)["biored"]}
        gold = {corpus: [d for d in each if d.id not in trained] for corpus, each in gold.items()}
    with tempfile.TemporaryDirectory() as folder:
        # Beside nothing else, so that a model that reads another's states finds the shipped one.
        models = {"int8": shipped, "fp32": export_fp32(checkpoint, Path(folder) / name, shipped)}
        scores = {
            precision: score(task, model, gold, arguments) for precision, model in models.items()
        }
        documents = [document for each in gold.values() for document in each][: arguments.timed]
        timed = {
            precision: Timed(model / "model.onnx", model_feeds(shipped, documents))
            for precision, model in models.items()
        }
        speeds = graph_speeds(timed, rounds=arguments.rounds)
        sizes = {
            precision: (model / "model.onnx").stat().st_size for precision, model in models.items()
        }
    return {
        "task": task,
        "tokens_per_second": {
            each: round(speed.tokens_per_second) for each, speed in speeds.items()
        },
        "int8_times_as_fast": round(speeds["int8"].times_as_fast(speeds["fp32"]), 2),
        "megabytes": {each: round(size / 1e6, 1) for each, size in sizes.items()},
        "scores": scores,
        "int8_less_fp32": {
            corpus: round(scores["int8"][corpus] - value, 4)
            for corpus, value in scores["fp32"].items()
        },
        "documents": {corpus: len(each) for corpus, each in gold.items()},
    }


def files(names: Sequence[str], split: str) -> dict[str, str]:
    """Where the corpora are below the data folder."""
    return {name: f"corpora/{name}/{split}.pubtator" for name in names}


def export_fp32(checkpoint: str, target: Path, shipped: Path) -> Path:
    """The checkpoint in fp32, with what the shipped manifest says of scores."""
    from biopipe.train.export.model import export_model
    from biopipe.train.export.sample import parity_sample
    from biopipe.train.export.task import ModelDescription

    said = load_manifest(shipped)
    made = export_model(
        checkpoint,
        target,
        about=ModelDescription(said.name, pooling=said.pooling),
        precision="fp32",
        documents=parity_sample(None),
        states_layer=said.settings.get("states_layer"),
    )
    write_manifest(
        target, replace(said, files={}, variants={}, parity=made.parity), list(made.files)
    )
    return target


def score(
    task: str, model: Path, gold: Mapping[str, Sequence[Document]], arguments: argparse.Namespace
) -> dict[str, float]:
    """The headline score of the model on each corpus."""
    if task == "token-classification":
        tagger = Tagger(model)
        return {corpus: mention_f1(tagger, documents) for corpus, documents in gold.items()}
    if task == "relation":
        return {corpus: relation_f1(model, documents) for corpus, documents in gold.items()}
    train = corpora(arguments.data, files(tuple(gold), "train"))
    encoder = BiEncoder(model)
    return {
        corpus: right_names(encoder, train[corpus], documents) for corpus, documents in gold.items()
    }


def mention_f1(tagger: Tagger, documents: Sequence[Document]) -> float:
    """Strict, micro, over the labels of the gold."""
    predicted = tagger.predict([without_annotations(document) for document in documents])
    return round(float(score_ner(list(documents), predicted)["micro"]["f1"]), 4)


def relation_f1(model: Path, documents: Sequence[Document]) -> float:
    """Of pair and type, given the gold mentions."""
    predicted = for_gold(str(model), documents).predict([without_relations(d) for d in documents])
    return round(float(score_relations(list(documents), predicted)["type"]["f1"]), 4)


def right_names(encoder: BiEncoder, train: Sequence[Document], dev: Sequence[Document]) -> float:
    """Share of the mention texts of `dev` whose nearest text of `train` has the same concept."""
    known, asked = concepts_of(train), concepts_of(dev)
    ids = {concept for concepts in known.values() for concept in concepts}
    queries = [text for text, concepts in asked.items() if text not in known and concepts & ids]
    names = list(known)
    nearest = (encoder.encode(queries) @ encoder.encode(names).T).argmax(axis=1)
    right = [
        bool(asked[query] & known[names[int(n)]]) for query, n in zip(queries, nearest, strict=True)
    ]
    return round(float(np.mean(right)), 4)


def concepts_of(documents: Sequence[Document]) -> dict[str, set[str]]:
    """The concept ids of each lower-cased mention text."""
    found: dict[str, set[str]] = {}
    for document in documents:
        for mention in document.mentions:
            if mention.concept_ids:
                text = document.text[mention.start : mention.end].lower()
                found.setdefault(text, set()).update(mention.concept_ids)
    return found


if __name__ == "__main__":
    main()
