"""Fit the parts of a relation model beside its network: regressions and boosted trees on words and
places, and their mixture.

The network fits its training documents almost perfectly, so how far to trust it is found on dev
documents.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, product
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from biopipe.relations.inputs import RelationInput
from biopipe.train.relations.model import SUBJECTS, Columns, RelationModel, tree_rows
from biopipe.train.relations.trees import Tree, boosted

__all__ = [
    "AnswerRows",
    "answer_rows",
    "choose_mixture",
    "fit_readout",
    "fit_words",
    "network_inputs",
    "scheme_scores",
    "scores_of",
    "trust_network",
]

PENALTY = (
    1.5  # of squared weights, over the number of rows; the weights of a single kind cost twice
)
SUBJECT_PENALTY = 12.0  # likeliest of 1.5, 12, 50, 200 over five folds of BioRED's train documents
# Every pair of a kind tells of its bias, which is therefore held back less than the weights.
BIAS_PENALTY = 0.1
STEPS = 70  # of L-BFGS
# Of what is said beside the network, the share of the regressions; the trees have the rest.
SHARE_OF_REGRESSIONS = 0.3
# Trees a class. Over five folds of BioRED's train and dev documents the likelihood of left out answers
# was greatest after some 80 for labels, and still grew a little at 200 for the first and at 120 for
# novelty; subjects have as many as labels.
RELATED_ROUNDS, LABEL_ROUNDS, NOVELTY_ROUNDS, SUBJECT_ROUNDS = 240, 80, 120, 80
# So many times with other features to choose splits among; the mean is taken. Over the five folds the
# labels' log loss was 0.744 with one forest (0.742 to 0.746 by chance), 0.743 with two, 0.740 with four.
FORESTS = 3
# What features are divided by before a further scheme is read out: so many standard deviations; the
# least keeps features that hardly vary from being blown up.
SCALED_DEVIATIONS, LEAST_SCALE = 3, 0.03
TRIED_THRESHOLDS = np.arange(0.1, 0.8, 0.02)
TRUST = (0.0, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0)

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class AnswerRows:
    """Pairs of many documents, one a row.

    `features`: (pairs, features) float32; `kinds`: (pairs,) int64, the kind of each pair;
    `label`: (pairs,) int64 of the gold, 0 for none; `novel`: (pairs,) int64, -1 where the gold does
    not say; `network_scores`: (pairs, scores of the network) float32 (see
    `RelationModel.network_scores`); `subject`: (pairs,) int64, the end that acts, 2 for neither, -1
    where the gold does not say.
    """

    features: torch.Tensor
    kinds: torch.Tensor
    label: torch.Tensor
    novel: torch.Tensor
    network_scores: torch.Tensor
    subject: torch.Tensor


def answer_rows(
    model: RelationModel,
    examples: Sequence[tuple[RelationInput, IntArray, IntArray, IntArray]],
    *,
    network: bool = True,
) -> AnswerRows:
    """The pairs of (input, labels, novelty, subjects); without `network`, it is taken to say
    nothing.
    """
    units = [unit for unit, *_ in examples]
    features = torch.from_numpy(np.concatenate([unit.features for unit in units]))
    scores = torch.zeros(len(features), model.mix.in_features)
    if network:
        model.eval()
        with torch.inference_mode():
            scores = torch.cat(
                [model.network_scores(*model.network(**network_inputs(unit))) for unit in units]
            )
    return AnswerRows(
        features=features,
        kinds=torch.from_numpy(np.concatenate([unit.kinds for unit in units])),
        label=torch.from_numpy(np.concatenate([label for _, label, _, _ in examples])),
        novel=torch.from_numpy(np.concatenate([novel for _, _, novel, _ in examples])),
        network_scores=scores.clone(),
        subject=torch.from_numpy(np.concatenate([subject for *_, subject in examples])),
    )


def network_inputs(unit: RelationInput) -> dict[str, torch.Tensor]:
    """What `RelationModel.network` takes."""
    names = {"input_ids": "read", "states": "read"}
    feed = {names.get(name, name): value for name, value in unit.feed().items() if name != "kinds"}
    return {name: torch.from_numpy(value) for name, value in feed.items()}


def fit_words(
    model: RelationModel, rows: AnswerRows, task: int = 0, *, typed: AnswerRows | None = None
) -> None:
    """Set the regressions and trees on the features of a scheme that the network learns, each kind
    of pair with weights of its own: whether a pair is related by `rows`, what the relation is by
    `typed` where that is given, which has them too.
    """
    columns, related = model.schemes[task], (rows.label > 0).long()
    fits = [_yes(*_fit(rows.features, rows.kinds, related, 2, model.kinds))]
    about = rows if typed is None else typed
    for each in _typed_answers(columns, about):
        features, kinds = about.features[each.told], about.kinds[each.told]
        answer, penalty = each.answer[each.told], each.penalty
        fits.append(_fit(features, kinds, answer, each.classes, model.kinds, penalty=penalty))
    share = _fit_trees(model, task, rows, about)
    weights = share * torch.cat([w for w, _ in fits], dim=-1)
    _set_words(model, task, weights, share * torch.cat([b for _, b in fits], dim=-1))


def fit_readout(model: RelationModel, task: int, rows: AnswerRows) -> None:
    """Set a further scheme as a regression on the features and on what the network says by the first
    scheme, and as trees on the features.
    """
    columns, both = model.schemes[task], torch.cat([rows.features, rows.network_scores], dim=-1)
    # The network's log-probabilities vary far more than the counts; unscaled, the penalty would not
    # reach them.
    scale = SCALED_DEVIATIONS * both.std(dim=0, correction=0) + LEAST_SCALE
    both = both / scale
    alike, related = torch.zeros_like(rows.kinds), rows.label > 0
    fits = [_yes(*_fit(both, alike, related.long(), 2, 1))]
    for each in _typed_answers(columns, rows):
        told = each.told
        fits.append(_fit(both[told], alike[told], each.answer[told], each.classes, 1))
    share = _fit_trees(model, task, rows, rows)
    weight = (share * torch.cat([w for w, _ in fits], dim=-1) / scale[None, :, None]).expand(
        model.kinds, -1, -1
    )
    bias = (share * torch.cat([b for _, b in fits], dim=-1)).expand(model.kinds, -1)
    features = rows.features.shape[1]
    _set_words(model, task, weight[:, :features], bias)
    start = _starts(model)[task]
    model.mix.weight[start : start + columns.count] = weight[0, features:].T


class _TypedAnswer(NamedTuple):
    """What is learned of relations: which rows tell it, (pairs,) bool; the answer, (pairs,) int64;
    how many classes it has; the penalty of its regression, and the trees a class.
    """

    told: torch.Tensor
    answer: torch.Tensor
    classes: int
    penalty: float
    rounds: int


def _typed_answers(columns: Columns, rows: AnswerRows) -> list[_TypedAnswer]:
    """The answers of a scheme, in the order of its columns."""
    label, novel, subject = rows.label, rows.novel, rows.subject
    answers = [_TypedAnswer(label > 0, label - 1, columns.labels, PENALTY, LABEL_ROUNDS)]
    if columns.novelty:
        answers.append(_TypedAnswer(novel >= 0, novel, 2, PENALTY, NOVELTY_ROUNDS))
    if columns.subject:
        about = (SUBJECTS, SUBJECT_PENALTY, SUBJECT_ROUNDS)
        answers.append(_TypedAnswer(subject >= 0, subject, *about))
    return answers


def _fit_trees(
    model: RelationModel, task: int, rows: AnswerRows, typed: AnswerRows
) -> torch.Tensor:
    """Set the trees of a scheme: "is related" by `rows`, the rest by `typed`. Returns the share
    (columns of the scheme,) that the regressions have beside them: all where there are too few rows
    for any tree.
    """
    related, told = (rows.label > 0).long().numpy(), tree_rows(rows.features, rows.kinds).numpy()
    trees, (no, yes) = _forests(told, related, 2, rounds=RELATED_ROUNDS)
    fits = [([replace(tree, column=0) for tree in trees], np.array([yes - no], np.float32))]
    every = tree_rows(typed.features, typed.kinds).numpy()
    for each in _typed_answers(model.schemes[task], typed):
        some = each.told.numpy()
        answer = each.answer.numpy()[some]
        fits.append(_forests(every[some], answer, each.classes, rounds=each.rounds))
    shares, start = [], _starts(model)[task]
    for trees, bias in fits:
        left = 1 - SHARE_OF_REGRESSIONS if trees else 0.0
        scaled = [replace(tree, values=np.float32(left) * tree.values) for tree in trees]
        model.trees.add(scaled, np.float32(left) * bias, range(start, start + len(bias)))
        shares += [1 - left] * len(bias)
        start += len(bias)
    return torch.tensor(shares)


def _forests(
    rows: NDArray[np.float32], answer: IntArray, classes: int, *, rounds: int
) -> tuple[list[Tree], NDArray[np.float32]]:
    """Trees and bias whose sums are the mean logits of several forests (see `boosted`)."""
    forests = [boosted(rows, answer, classes, rounds=rounds, seed=seed) for seed in range(FORESTS)]
    share = np.float32(1 / FORESTS)
    trees = [replace(tree, values=share * tree.values) for trees, _ in forests for tree in trees]
    return trees, np.mean([bias for _, bias in forests], axis=0, dtype=np.float32)


def choose_mixture(
    model: RelationModel,
    dev: AnswerRows,
    gold: int,
    task: int = 0,
    *,
    beside: torch.Tensor | None = None,
) -> dict[str, float]:
    """Set how far a scheme that the network learns trusts it, by the best sum of F1 on dev, and for
    the subject by the likelihood of the gold's; returns `best_threshold`'s. `beside` (pairs, columns)
    is what is said of the rows beside the network, by default by the model.
    """
    if beside is None:
        beside = _beside(model, dev)
    columns = model.schemes[task]
    acting = _trust_in_subjects(model, dev, task, beside) if columns.subject else 0.0
    best: dict[str, float] = {}
    best_trust = (0.0, 0.0, 0.0, acting)
    labels = TRUST if columns.labels > 1 else (0.0,)
    for trust in product(TRUST, labels, TRUST if columns.novelty else (0.0,)):
        trust_network(model, task, (*trust, acting))
        scores = _scores(model, dev, task, gold, beside)
        if not best or _sum(scores) > _sum(best):
            best, best_trust = scores, (*trust, acting)
    trust_network(model, task, best_trust)
    return best


def _trust_in_subjects(
    model: RelationModel, dev: AnswerRows, task: int, beside: torch.Tensor
) -> float:
    """The trust in the network under which the subjects of the gold are likeliest."""
    told = dev.subject >= 0
    end = _starts(model)[task] + model.schemes[task].count
    losses = {}
    for trust in TRUST:
        trust_network(model, task, (0.0, 0.0, 0.0, trust))
        scores = model.mix(dev.network_scores) + beside
        subjects = scores[told, end - SUBJECTS : end]
        losses[trust] = float(torch.nn.functional.cross_entropy(subjects, dev.subject[told]))
    return min(losses, key=losses.__getitem__)


def scores_of(model: RelationModel, rows: AnswerRows, task: int, gold: int) -> dict[str, float]:
    """F1 of pair, type and novelty of one scheme at the threshold that gives the best sum of the
    three; there also of type with direction, where the scheme has subjects.
    """
    return _scores(model, rows, task, gold, _beside(model, rows))


def _beside(model: RelationModel, rows: AnswerRows) -> torch.Tensor:
    return model.beside(rows.features, rows.kinds)


def scheme_scores(
    model: RelationModel, rows: AnswerRows, task: int, beside: torch.Tensor
) -> torch.Tensor:
    """What the network, and beside it (pairs, columns) regressions and trees, say by one scheme, in
    the order of its `Columns`: (pairs, columns of the scheme).
    """
    start = _starts(model)[task]
    scores: torch.Tensor = model.mix(rows.network_scores) + beside
    return scores[:, start : start + model.schemes[task].count]


def _scores(
    model: RelationModel, rows: AnswerRows, task: int, gold: int, beside: torch.Tensor
) -> dict[str, float]:
    columns, scores = model.schemes[task], scheme_scores(model, rows, task, beside)
    right_label = 1 + scores[:, 1 : 1 + columns.labels].argmax(-1) == rows.label
    right_novel = torch.ones_like(right_label)
    if columns.novelty:
        novel = scores[:, 1 + columns.labels : 3 + columns.labels]
        right_novel = novel.argmax(-1) == rows.novel
    related = torch.sigmoid(scores[:, 0])
    right = [rows.label > 0, right_label, right_novel]
    table = torch.stack([related, *(column.float() for column in right)], dim=1)
    best = best_threshold(table.numpy().astype(np.float64), gold)
    if columns.subject:
        kept = related >= best["threshold"]
        told = scores[:, -SUBJECTS:].argmax(-1) == rows.subject
        hits = int((kept & right[0] & right_label & told).sum())
        best["direction"] = 2 * hits / max(1, int(kept.sum()) + gold)
    return best


def best_threshold(rows: NDArray[np.float64], gold: int) -> dict[str, float]:
    """Rows (pairs, 4): probability of any relation, is one, label right, novelty right. Ties: the
    middle one.
    """
    tried = []
    for threshold in TRIED_THRESHOLDS:
        kept = rows[rows[:, 0] >= threshold]
        hits = np.cumprod(kept[:, 1:], axis=1).sum(axis=0)
        f1 = 2 * hits / max(1, len(kept) + gold)
        scores = {"pair": float(f1[0]), "type": float(f1[1]), "novelty": float(f1[2])}
        tried.append({**scores, "threshold": round(float(threshold), 2)})
    best = max(_sum(scores) for scores in tried)
    equal = [scores for scores in tried if _sum(scores) == best]
    return equal[len(equal) // 2]


def _sum(scores: dict[str, float]) -> float:
    return scores["pair"] + scores["type"] + scores["novelty"]


def _starts(model: RelationModel) -> list[int]:
    return [0, *accumulate(columns.count for columns in model.schemes)]


def _set_words(model: RelationModel, task: int, weight: torch.Tensor, bias: torch.Tensor) -> None:
    """`weight` (kinds, features, columns of the task) and `bias` (kinds, columns) into the model's
    one layer.
    """
    start, end = _starts(model)[task : task + 2]
    model.words.weight.view(model.kinds, -1, model.words.in_features)[:, start:end] = (
        weight.transpose(1, 2)
    )
    model.words.bias.view(model.kinds, -1)[:, start:end] = bias


def trust_network(model: RelationModel, task: int, trust: Sequence[float]) -> None:
    """Set what a scheme takes of the network: of its log odds, its labels, novelty and subject."""
    columns, place = model.schemes[task], model.learned[task]
    diagonal = [trust[0], *[trust[1]] * columns.labels]
    sources = [sum(model.parts[:place]) + number for number in range(1 + columns.labels)]
    if columns.novelty:
        diagonal += [trust[2]] * 2
        sources += [model.parts[0] + number for number in range(2)]
    if columns.subject:
        diagonal += [trust[3]] * SUBJECTS
        sources += [model.parts[0] + 2 + number for number in range(SUBJECTS)]
    own = torch.zeros(columns.count, model.mix.in_features)
    own[range(columns.count), sources] = torch.tensor(diagonal)
    start = _starts(model)[task]
    model.mix.weight[start : start + columns.count] = own


def _fit(
    features: torch.Tensor,
    kinds: torch.Tensor,
    answer: torch.Tensor,
    classes: int,
    count: int,
    *,
    penalty: float = PENALTY,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Weights (count, features, classes) and biases (count, classes) of a logistic regression whose
    kinds share strength; full-batch L-BFGS."""
    width = features.shape[1]
    shared = torch.zeros(width, classes, requires_grad=True)
    own = torch.zeros(count, width, classes, requires_grad=True)
    bias = torch.zeros(count, classes, requires_grad=True)
    optimizer = torch.optim.LBFGS([shared, own, bias], max_iter=STEPS)
    by_kind = [torch.where(kinds == kind)[0] for kind in range(count)]

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        scores = features @ shared + bias[kinds]
        for kind, rows_of_kind in enumerate(by_kind):
            scores = scores.index_add(0, rows_of_kind, features[rows_of_kind] @ own[kind])
        squares = (shared**2).sum() + 2 * (own**2).sum() + BIAS_PENALTY * (bias**2).sum()
        value = torch.nn.functional.cross_entropy(scores, answer) + penalty / len(answer) * squares
        value.backward()  # type: ignore[no-untyped-call]
        return value

    if len(answer):
        optimizer.step(loss)  # type: ignore[no-untyped-call]
    return (shared[None] + own).detach(), bias.detach()


def _yes(weights: torch.Tensor, bias: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The regression of a yes-or-no answer as one score: that of yes less that of no."""
    return weights[..., 1:] - weights[..., :1], bias[..., 1:] - bias[..., :1]
