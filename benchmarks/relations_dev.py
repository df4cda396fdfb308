"""The relation model on development sets, given their mentions and ids: F1, and how true its
probabilities are.

    python benchmarks/relations_dev.py
    python benchmarks/relations_dev.py --model int8=biopipe-relations-shared --model fp32=FOLDER

BioRED by the model's main scheme, BC5CDR by the scheme that has its labels; documents of BioRED's
training set are left out of both. Calibration errors are of relations that are reported; "unseen"
is the error when calibration is fitted on one half of the documents and measured on the other, both
ways, as the shipped one was fitted on these documents.
"""

from collections.abc import Sequence
from typing import Any

from comparison import add_models, compare, corpora, named
from record import options, record

from biopipe.document import Document
from biopipe.evaluate.calibration_error import expected_calibration_error
from biopipe.evaluate.gold import without_relations
from biopipe.evaluate.relation_scores import score_relations
from biopipe.io.directions import read_directions, with_subjects
from biopipe.ner.name_features import told_names
from biopipe.relations.extractor import DEFAULT_EXTRACTOR, RelationExtractor
from biopipe.relations.readout import scheme_of_gold

DIRECTIONS = "corpora/biored/directions.tsv"
CORPORA = {"biored": "corpora/biored/dev.pubtator", "bc5cdr": "corpora/bc5cdr/dev.pubtator"}

TRAINED = {"biored": "corpora/biored/train.pubtator"}


def main() -> None:
    parser = options(__doc__)
    add_models(parser, DEFAULT_EXTRACTOR)
    arguments = parser.parse_args()
    gold = corpora(arguments.data, CORPORA)
    trained = {document.id for document in corpora(arguments.data, TRAINED)["biored"]}
    gold = {name: [d for d in documents if d.id not in trained] for name, documents in gold.items()}
    directions = read_directions(arguments.data / DIRECTIONS)
    gold["biored"] = list(with_subjects(gold["biored"], directions))
    models = named(arguments.model, DEFAULT_EXTRACTOR)
    result: dict[str, Any] = {}
    for corpus, documents in gold.items():
        extractors = {name: for_gold(model, documents) for name, model in models.items()}
        compared = compare(
            dict(extractors),
            {corpus: documents},
            strip=without_relations,
            score=score_relations,
            headline=lambda scores: float(scores["type"]["f1"]),
        )
        for name, scored in compared.items():
            scored["corpora"][corpus]["calibration"] = calibration(extractors[name], documents)
            scored["corpora"][corpus]["scheme"] = extractors[name].scheme.name
            kept = result.setdefault(name, scored)
            for key in ("corpora", "difference_to_first"):
                kept.get(key, {}).update(scored.get(key, {}))
    record("relations_dev", result, arguments.results)


def for_gold(model: str, documents: Sequence[Document]) -> RelationExtractor:
    """The extractor by the scheme that has the gold's labels."""
    first = RelationExtractor(model, trunk_features=told_names)
    return RelationExtractor(
        model,
        scheme=scheme_of_gold(first.manifest, documents),
        trunk_features=told_names,
    )


def calibration(extractor: RelationExtractor, documents: Sequence[Document]) -> dict[str, Any]:
    """Expected calibration error of the relations reported and of their novelty."""
    from biopipe.train.relations.calibration import (
        calibrated,
        fit_relation_calibration,
        score_pairs,
    )

    halves = [documents[::2], documents[1::2]]
    lowest = min(extractor.thresholds.values())
    raw = RelationExtractor(
        extractor.model_path,
        scheme=extractor.scheme.name,
        threshold=0.0,
        subject_threshold=0.0,
        trunk_features=told_names,
    )
    raw.scheme = without_calibration(raw.scheme)
    scored = [score_pairs(raw, half) for half in halves]
    unseen = []
    for own, other in ((0, 1), (1, 0)):
        fitted = fit_relation_calibration(
            [answer for answer in scored[own] if answer.score >= 0.01]
        )
        unseen += [calibrated(answer, fitted) for answer in scored[other]]
    return {
        "shipped": errors(
            [calibrated(a, extractor.scheme.calibration) for a in [*scored[0], *scored[1]]], lowest
        ),
        "unseen": errors(unseen, lowest),
    }


def without_calibration(scheme: Any) -> Any:
    """The scheme with the model's own probabilities."""
    from dataclasses import replace

    return replace(scheme, calibration={})


def errors(found: Sequence[Any], lowest: float) -> dict[str, Any]:
    """ECE over all pairs, over those reported, and of novelty and subject over reported pairs that
    are related.
    """
    reported = [answer for answer in found if answer.score >= lowest]
    said = [
        (a.novel_score, bool(a.novel))
        for a in reported
        if a.novel is not None and a.novel_score is not None
    ]
    acting = [
        (a.subject_score, a.subject_right)
        for a in reported
        if a.subject_right is not None and a.subject_score is not None
    ]
    return {
        "relation_all_pairs": expected_calibration_error([(a.score, a.related) for a in found]),
        "relation": expected_calibration_error([(a.score, a.related) for a in reported]),
        "novelty": expected_calibration_error(said),
        "subject": expected_calibration_error(acting) if acting else None,
        "pairs": len(found),
        "reported": len(reported),
    }


if __name__ == "__main__":
    main()
