"""Fit the weights that tell how sure it is that a mention names anything, and measure what they do for
the probabilities of links.

    python benchmarks/mention_certainty.py [--output MODEL]

The links of the judged samples (`judged_links.py`), made as if every mention were given; the
probability that such a link is right is its own times a logistic of the mention's score and of whether
it is one word. Each sample is scored by weights fitted on the others: log loss and calibration error in
ten bins of equal numbers, before and after. Mentions that the tagger does not find any more have no
score and are left out. `--output` is the model directory of the linker's weights, into which the file is
written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from judged_links import (
    FOLDER,
    JudgedMention,
    calibration_error,
    canonical,
    read_judged,
    read_source,
    with_judged,
)
from linker_model import write_named_weights
from record import options, record

from biopipe.kb.base import KnowledgeBase
from biopipe.kb.default import open_base
from biopipe.linking.linker import Linker
from biopipe.linking.mention_certainty import (
    CERTAINTY_FEATURES,
    CERTAINTY_FILE,
    certainty_features,
)
from biopipe.ner.tagger import Tagger

PENALTY = 1.0
# The slopes that were fitted on the mentions of the tagger before, among which were doubtful ones: of
# those that the tagger finds now none has a score under 0.3, so they say nothing of such.
EARLIER = (0.0, 1.4665, -0.7696)
SURE = 1e-4


@dataclass(frozen=True, slots=True)
class Link:
    """The probability that a link had, the features of its mention, and whether it is right."""

    sample: str
    score: float
    features: tuple[float, ...]
    right: bool


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--output", type=Path, help="model directory of the linker's weights")
    arguments = parser.parse_args()
    kb, tagger = open_base("default"), Tagger()
    links: list[Link] = []
    for path in sorted(FOLDER.glob("*.tsv")):
        links += of_sample(path.stem, read_judged(path), arguments.data, kb, tagger)
    samples = sorted({link.sample for link in links})
    unseen = [
        probabilities(
            [link for link in links if link.sample == sample],
            fit([link for link in links if link.sample != sample]),
        )
        for sample in samples
    ]
    ordered = [link for sample in samples for link in links if link.sample == sample]
    weights = fit(links)
    if arguments.output is not None:
        about = {"links": len(links), "penalty": PENALTY}
        write_named_weights(arguments.output, CERTAINTY_FILE, CERTAINTY_FEATURES, weights, about)
    before = np.array([link.score for link in ordered])
    result = {
        "links": len(links),
        "before": figures(before, ordered),
        "after, samples unseen": figures(np.concatenate(unseen), ordered),
        "weights": dict(zip(CERTAINTY_FEATURES, np.round(weights, 3).tolist(), strict=True)),
    }
    record("mention_certainty", {"kb_version": kb.version, **result}, arguments.results)


def of_sample(
    name: str, judged: Sequence[JudgedMention], data: Path, kb: KnowledgeBase, tagger: Tagger
) -> list[Link]:
    """The links of the mentions of a sample that the tagger still finds."""
    wanted: dict[tuple[str, str], list[JudgedMention]] = {}
    for mention in judged:
        wanted.setdefault((mention.source, mention.document), []).append(mention)
    texts = {source: read_source(data, source) for source in {source for source, _ in wanted}}
    found = tagger.predict([texts[source][id_] for source, id_ in wanted])
    # A given mention's link has the probability of the concept alone.
    given = [
        replace(document, mentions=tuple(replace(m, score=1.0) for m in document.mentions))
        for document in found
    ]
    asked = [with_judged(d, of) for d, of in zip(given, wanted.values(), strict=True)]
    links = []
    for tagged, document, of in zip(found, Linker(kb).predict(asked), wanted.values(), strict=True):
        scores = {(m.start, m.end, m.label): m.score for m in tagged.mentions}
        linked = {(m.start, m.end, m.label): m for m in document.mentions}
        for mention in of:
            place = mention.start, mention.end, mention.label
            link = linked[place]
            if place in scores and link.concept_ids:
                right = {canonical(kb, id_) for id_ in mention.right} - {None}
                is_right = {canonical(kb, id_) for id_ in link.concept_ids} <= right
                features = certainty_features(mention.text, scores[place])
                links.append(Link(name, link.candidates[0].score, features, is_right))
    return links


def fit(links: Sequence[Link], steps: int = 5000, rate: float = 0.01) -> Any:
    """Weights by gradient ascent on the penalised likelihood: (3,). The slopes shrink to the earlier
    ones, the constant is free.
    """
    score = np.array([link.score for link in links])
    rows = np.array([link.features for link in links])
    right = np.array([link.right for link in links], np.float64)
    free = np.array([0.0, *[PENALTY] * (rows.shape[1] - 1)])
    weights = np.array([3.0, *EARLIER[1:]])
    for _ in range(steps):
        share = 1 / (1 + np.exp(-rows @ weights))
        p = np.clip(score * share, SURE, 1 - SURE)
        slope = (right / p - (1 - right) / (1 - p)) * score * share * (1 - share)
        weights = weights + rate * (rows.T @ slope - free * (weights - EARLIER))
    return weights


def probabilities(links: Sequence[Link], weights: Any) -> Any:
    rows = np.array([link.features for link in links])
    return np.array([link.score for link in links]) / (1 + np.exp(-rows @ weights))


def figures(scores: Any, links: Sequence[Link]) -> dict[str, Any]:
    right = np.array([link.right for link in links])
    p = np.clip(scores, SURE, 1 - SURE)
    pairs = list(zip(scores.tolist(), right.tolist(), strict=True))
    return {
        "right": round(float(right.mean()), 4),
        "mean_probability": round(float(scores.mean()), 4),
        "log_loss": round(float(-np.log(np.where(right, p, 1 - p)).mean()), 4),
        "calibration_error": calibration_error(pairs),
        "right_from": {
            f"{t:.2f}": [round(float(right[scores >= t].mean()), 4), int((scores >= t).sum())]
            for t in (0.6, 0.65, 0.7, 0.75, 0.8)
        },
    }


if __name__ == "__main__":
    main()
