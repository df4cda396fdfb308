"""How true the tagger's scores are: expected calibration error on the three development sets, by label.

    python benchmarks/ner_calibration.py [--model FOLDER] [--limit 100]

"shipped" is the error with the model's own calibration; "unseen" that of the same fit made on one half of the
documents and measured on the other, both ways, as the shipped one was fitted on these sets. Documents go to halves by
id, so that one that is in two sets is in the same half of both. Errors are over ten bins of equal width and over ten
of equal size; "uncalibrated" is that of the model's own probabilities. Target: 0.03 on each set.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from comparison import corpora
from ner_dev import CORPORA
from record import options, record

from biopipe.evaluate.calibration import expected_calibration_error
from biopipe.ner.tagger import DEFAULT_TAGGER, Tagger
from biopipe.runtime.calibration import calibrate
from biopipe.train.calibration import Judged, fit_labels, judged_mentions
from biopipe.types import Document

TARGET = 0.03
BINS = 10


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--model", default=DEFAULT_TAGGER)
    parser.add_argument("--limit", type=int, help="documents of each set")
    arguments = parser.parse_args()
    tagger = Tagger(arguments.model)
    halves = {
        name: [judged_mentions(tagger.model_path, half) for half in by_id(documents[: arguments.limit])]
        for name, documents in corpora(arguments.data, CORPORA).items()
    }
    own = tagger.manifest.calibration
    fitted = [fit_labels([pair[half] for pair in halves.values()]) for half in (0, 1)]
    result = {
        name: {
            "uncalibrated": errors([*pair[0], *pair[1]], {}),
            "shipped": errors([*pair[0], *pair[1]], own),
            "unseen": measured([*scored(pair[0], fitted[1]), *scored(pair[1], fitted[0])]),
        }
        for name, pair in halves.items()
    }
    record(
        "ner_calibration",
        {"model": tagger.model_name, "hash": tagger.model_hash, "target": TARGET, "corpora": result},
        arguments.results,
    )


def by_id(documents: Sequence[Document]) -> list[list[Document]]:
    """Documents of even and of odd ids."""
    return [[d for d in documents if int(d.id) % 2 == half] for half in (0, 1)]


def errors(judged: Sequence[Judged], calibration: dict[str, Any]) -> dict[str, Any]:
    """Errors of the scores that a calibration gives."""
    return measured(scored(judged, calibration))


def scored(judged: Sequence[Judged], calibration: dict[str, Any]) -> list[tuple[str, float, bool]]:
    """(label, calibrated score, right) of each mention."""
    return [(each.label, calibrate(each.score, calibration, each.label), each.right) for each in judged]


def measured(rows: Sequence[tuple[str, float, bool]]) -> dict[str, Any]:
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
