"""What a relation model's outputs say of the pairs of a batch of documents, as one table."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biopipe.relations.inputs import RelationInput
from biopipe.relations.readout import Readout
from biopipe.runtime.calibration import calibrate_scores

__all__ = ["ScoreTable", "score_table"]

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]


class ScoreTable(NamedTuple):
    """Scored pairs, each once, in order of their documents.

    All (pairs,): documents, heads, tails: int64, numbers of the document and of its concepts;
    labels: int64, of the likeliest relation; scores: float64, the calibrated probability of any
    relation; novelty: float64, that of novelty, None where the scheme has none; subjects: int64, 0
    where the head likelier acts than the tail, else 1; subject_scores: float64, the calibrated
    probability that this end acts, both None where the scheme has no subjects; shares: float64,
    the probability of the label where the pair is related; label_shares: float64 (pairs, labels),
    that of every label.
    """

    documents: IntArray
    heads: IntArray
    tails: IntArray
    labels: IntArray
    scores: NDArray[np.float64]
    shares: NDArray[np.float64]
    label_shares: NDArray[np.float64]
    novelty: NDArray[np.float64] | None
    subjects: IntArray | None = None
    subject_scores: NDArray[np.float64] | None = None

    def rows(self, selected: NDArray[np.int64] | NDArray[np.bool_]) -> "ScoreTable":
        """Some of the pairs, by row numbers (n,) int64 or a mask (pairs,) bool."""
        return ScoreTable(*(None if c is None else c[selected] for c in self))  # type: ignore[arg-type]

    def above(
        self, thresholds: Mapping[str, float], labels: Sequence[str], typed: Collection[str] = ()
    ) -> "ScoreTable":
        """The pairs whose score is at least the threshold of their label; of the labels in `typed`,
        those whose score with the label is.
        """
        least = np.array([thresholds[label] for label in labels])
        with_label = np.array([label in typed for label in labels], dtype=np.bool_)
        scores = np.where(with_label[self.labels], self.typed_scores(), self.scores)
        return self.rows(scores >= least[self.labels])

    def without_labels(self, unlikely: NDArray[np.bool_]) -> "ScoreTable":
        """The pairs by their likeliest label of those that `unlikely`, (pairs, labels) bool, does not
        mask; that they are related is as likely as before.
        """
        left = np.where(unlikely, -1.0, self.label_shares)
        return self._replace(labels=left.argmax(axis=1), shares=left.max(axis=1))

    def typed_scores(self) -> NDArray[np.float64]:
        """The probability of a relation with the label, (pairs,)."""
        return self.scores * self.shares


def score_table(
    units: Sequence[tuple[int, RelationInput]],
    outputs: Sequence[Sequence[FloatArray]],
    scheme: Readout,
) -> ScoreTable:
    """The scores of the pairs of all passes, each with the number of its document.

    outputs: of each pass (pairs, 1 + labels) float32 logits at `scheme.output`, and behind it those
    of novelty (pairs, 2) and of the subject (pairs, 3): head, tail, neither. A pair seen in several
    groups of windows keeps the scores of the group that is surest of a relation.
    """
    if not units:
        return _empty_table(scheme)
    documents = np.repeat([number for number, _ in units], [len(unit.pairs) for _, unit in units])
    heads, tails = np.concatenate([unit.numbered_pairs() for _, unit in units]).T
    probabilities = _softmax(np.concatenate([output[scheme.output] for output in outputs]))
    unrelated = probabilities[:, 0].astype(np.float64)
    novelty = None
    if scheme.novelty:
        logits = np.concatenate([output[scheme.output + 1] for output in outputs])
        novelty = calibrate_scores(_softmax(logits)[:, 1], scheme.calibration.get("novelty", {}))
    shares = probabilities[:, 1:] / np.maximum(1.0 - unrelated, 1e-9)[:, None]
    table = ScoreTable(
        documents,
        heads,
        tails,
        shares.argmax(axis=1),
        calibrate_scores(1.0 - unrelated, scheme.calibration),
        shares.max(axis=1),
        shares,
        novelty,
        *_acting(outputs, scheme),
    )
    order = np.lexsort((unrelated, tails, heads, documents))
    same = np.ones(len(order) - 1, dtype=np.bool_)
    for column in (documents, heads, tails):
        same &= np.diff(column[order]) == 0
    return table.rows(order[np.concatenate([[True], ~same])])


def _empty_table(scheme: Readout) -> ScoreTable:
    """No pair, in the columns that the scheme has."""
    none, nothing = np.zeros(0, dtype=np.int64), np.zeros(0)
    novelty = nothing if scheme.novelty else None
    subjects, subject_scores = (none, nothing) if scheme.subject else (None, None)
    shares = np.zeros((0, len(scheme.labels)))
    return ScoreTable(
        none, none, none, none, nothing, nothing, shares, novelty, subjects, subject_scores
    )


def _acting(
    outputs: Sequence[Sequence[FloatArray]], scheme: Readout
) -> tuple[IntArray | None, NDArray[np.float64] | None]:
    """`ScoreTable.subjects` and `subject_scores` of the outputs."""
    if not scheme.subject:
        return None, None
    place = scheme.output + 1 + scheme.novelty
    ends = _softmax(np.concatenate([output[place] for output in outputs]))[:, :2]
    scores = calibrate_scores(ends.max(axis=1), scheme.calibration.get("subject", {}))
    return ends.argmax(axis=1), scores


def _softmax(logits: FloatArray) -> FloatArray:
    """Probabilities (rows, classes) float32 of logits (rows, classes) float32."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    result: FloatArray = shifted / shifted.sum(axis=-1, keepdims=True)
    return result
