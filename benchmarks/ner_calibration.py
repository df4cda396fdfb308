"""How true the tagger's scores are: expected calibration error on the three development sets, by
label, and on the everyday sentences, on which no curve is fitted.

    python benchmarks/ner_calibration.py [--model FOLDER] [--limit 100]

"shipped" is the error with the model's own calibration; "unseen" that of the same fit made on one
half of the documents and measured on the other, both ways, as the shipped one was fitted on these
sets: the mean over all ways to halve eight groups of documents, as one way is chance. Groups go by
id, so that a document that is in two sets is in the same half of both. Errors are over ten bins of
equal width and over ten of equal size; "uncalibrated" is that of the model's own probabilities.
Target: 0.03 on each set.
"""

from collections.abc import Sequence
from itertools import chain, combinations
from typing import Any

import numpy as np
from comparison import corpora
from ner_dev import CORPORA
from record import options, record

from biopipe.document import Document
from biopipe.evaluate.calibration_error import expected_calibration_error
from biopipe.ner.tagger import DEFAULT_TAGGER, Tagger
from biopipe.runtime.calibration import calibrate
from biopipe.train.common.calibration import JudgedMention, fit_labels, judged_mentions
from biopipe.train.common.corpora import share_position

TARGET = 0.03
BINS = 10
GROUPS = 8
NEVER_FITTED = "everyday"  # no curve of a model that ships is fitted on it

Groups = dict[str, list[list[JudgedMention]]]
# Label, calibrated score, whether it is right.
Scored = tuple[str, float, bool]


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--model", default=DEFAULT_TAGGER)
    parser.add_argument("--limit", type=int, help="documents of each set")
    arguments = parser.parse_args()
    tagger = Tagger(arguments.model)
    groups = {
        name: [
            judged_mentions(tagger.model_path, group)
            for group in by_id(documents[: arguments.limit])
        ]
        for name, documents in corpora(arguments.data, CORPORA).items()
    }
    unseen = [apart(groups, half) for half in combinations(range(GROUPS), GROUPS // 2) if 0 in half]
    result = {}
    for name, each in groups.items():
        rows = list(chain.from_iterable(each))
        result[name] = {
            "uncalibrated": measured(scored(rows, {})),
            "shipped": measured(scored(rows, tagger.manifest.calibration)),
            "unseen": averaged([measured(way[name]) for way in unseen]),
        }
    record(
        "ner_calibration",
        {
            "model": tagger.model_name,
            "hash": tagger.model_hash,
            "target": TARGET,
            "corpora": result,
        },
        arguments.results,
    )


def by_id(documents: Sequence[Document]) -> list[list[Document]]:
    """Documents by a hash of their ids."""
    groups: list[list[Document]] = [[] for _ in range(GROUPS)]
    for document in documents:
        groups[int(share_position(document.id) * GROUPS)].append(document)
    return groups


def apart(groups: Groups, half: Sequence[int]) -> dict[str, list[Scored]]:
    """All mentions with scores fitted on the half that they are not in."""
    inside = {
        name: [chain_of(each, half), chain_of(each, others(half))] for name, each in groups.items()
    }
    fitted = [
        fit_labels([pair[number] for name, pair in inside.items() if name != NEVER_FITTED])
        for number in (1, 0)
    ]
    return {
        name: [row for judged, fit in zip(pair, fitted, strict=True) for row in scored(judged, fit)]
        for name, pair in inside.items()
    }


def others(half: Sequence[int]) -> list[int]:
    """The groups of the other half."""
    return [group for group in range(GROUPS) if group not in half]


def chain_of(groups: Sequence[list[JudgedMention]], chosen: Sequence[int]) -> list[JudgedMention]:
    """The mentions of the groups chosen."""
    return [each for group in chosen for each in groups[group]]


def averaged(measures: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The mean of each figure, of those of labels too."""
    return {
        key: averaged([each[key] for each in measures])
        if isinstance(value, dict)
        else float(np.mean([each[key] for each in measures]))
        for key, value in measures[0].items()
    }


def scored(judged: Sequence[JudgedMention], calibration: dict[str, Any]) -> list[Scored]:
    """(label, calibrated score, right) of each mention."""
    return [
        (each.label, calibrate(each.score, calibration, each.label), each.right) for each in judged
    ]


def measured(rows: Sequence[Scored]) -> dict[str, Any]:
    """Mentions, their precision, and the errors of all and of each label."""
    labels = sorted({label for label, _, _ in rows})
    return {
        "mentions": len(rows),
        "precision": sum(right for _, _, right in rows) / len(rows),
        "ece": expected_calibration_error([row[1:] for row in rows], bins=BINS),
        "ece_equal_mass": equal_mass([row[1:] for row in rows]),
        "labels": {
            label: {
                "mentions": len(own := [row[1:] for row in rows if row[0] == label]),
                "ece": expected_calibration_error(own, bins=BINS),
                "ece_equal_mass": equal_mass(own),
            }
            for label in labels
        },
    }


def equal_mass(rows: Sequence[tuple[float, bool]]) -> float:
    """Mean distance of score and accuracy over bins with as many mentions each."""
    bins = np.array_split(np.array(sorted(rows), dtype=np.float64), BINS)
    return float(sum(abs((each[:, 0] - each[:, 1]).sum()) for each in bins) / len(rows))


if __name__ == "__main__":
    main()
