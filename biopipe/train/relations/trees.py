"""Boosted trees on what a relation model is told of a pair, beside its network and its regressions.

Words and places bear on a relation together: a verb between two names counts in the sentence that has
no third one, distance counts where nothing else joins the two. A regression adds such things up; trees
(Friedman 2001, by scikit-learn's histograms) take them together. In a graph they are one operator,
ONNX's TreeEnsembleRegressor, so that running a model needs no scikit-learn.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from biopipe.errors import ModelError
from biopipe.extras import require

__all__ = ["OPERATORS", "BoostedTrees", "Forest", "Tree", "boosted"]

OPERATORS = {"ai.onnx.ml": 3}
"""Operators beside ONNX's own that the graph of a model with trees has, and their version."""
LEAF = -1

LEARNING_RATE = 0.06
LEAVES = 15
FEWEST_ROWS = 20  # of a leaf
FEWEST = 500  # rows that are worth a tree; fewer are left to the regressions
PENALTY = 5.0  # of squared leaves
SHARE_OF_FEATURES = 0.3  # that a split chooses among
# So much lower than that of the rarest class is the logit of one that no row has.
_ABSENT = 3.0
_ROWS_AT_ONCE = 2048  # some 20 MB a thousand trees and array


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree for one column. All (nodes,), the root first: `features`, LEAF for a leaf, `yes`, where
    the feature is at most the threshold, and `no` int64; `thresholds`, and the `values` of leaves,
    float32.
    """

    column: int
    features: NDArray[np.int64]
    thresholds: NDArray[np.float32]
    yes: NDArray[np.int64]
    no: NDArray[np.int64]
    values: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees one after the other. By node, all (nodes,): as in `Tree`, with places of all nodes. By
    tree, both (trees,) int64: `roots`, the places of their first nodes, and `columns`. `bias`:
    (columns,) float32.
    """

    features: NDArray[np.int64]
    thresholds: NDArray[np.float32]
    yes: NDArray[np.int64]
    no: NDArray[np.int64]
    values: NDArray[np.float32]
    roots: NDArray[np.int64]
    columns: NDArray[np.int64]
    bias: NDArray[np.float32]

    @classmethod
    def of(cls, trees: Sequence[Tree], bias: NDArray[np.float32]) -> "Forest":
        """Those trees."""
        sizes = np.array([len(tree.features) for tree in trees], dtype=np.int64)
        roots = np.cumsum(sizes) - sizes
        shift = roots.repeat(sizes)

        def joined(name: str, kind: type) -> NDArray[Any]:
            return np.concatenate([np.zeros(0, kind), *(getattr(tree, name) for tree in trees)])

        return cls(
            joined("features", np.int64),
            joined("thresholds", np.float32),
            joined("yes", np.int64) + shift,
            joined("no", np.int64) + shift,
            joined("values", np.float32),
            roots,
            np.array([tree.column for tree in trees], dtype=np.int64),
            bias,
        )

    def trees(self) -> list[Tree]:
        """Its trees, one by one."""
        ends = [*self.roots.tolist(), len(self.features)]
        return [
            Tree(
                column,
                self.features[start:end],
                self.thresholds[start:end],
                self.yes[start:end] - start,
                self.no[start:end] - start,
                self.values[start:end],
            )
            for column, (start, end) in zip(self.columns.tolist(), pairwise(ends), strict=True)
        ]

    def sums(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Of rows (rows, features) float32 the sums (rows, columns) float32, without the bias."""
        parts = [
            self._sums(rows[start : start + _ROWS_AT_ONCE])
            for start in range(0, max(1, len(rows)), _ROWS_AT_ONCE)
        ]
        return np.concatenate(parts)

    def _sums(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        at = np.broadcast_to(self.roots, (len(rows), len(self.roots)))
        row = np.arange(len(rows))[:, None]
        while (inner := self.features[at] != LEAF).any():
            goes = rows[row, np.maximum(self.features[at], 0)] <= self.thresholds[at]
            at = np.where(inner, np.where(goes, self.yes[at], self.no[at]), at)
        sums = np.zeros((len(rows), len(self.bias)), np.float32)
        np.add.at(sums.T, self.columns, self.values[at].T)
        return sums

    def attributes(self) -> dict[str, Any]:
        """Those of ONNX's TreeEnsembleRegressor, by name and kind as the TorchScript exporter wants
        them.
        """
        sizes = np.diff([*self.roots, len(self.features)])
        trees, start = np.arange(len(sizes)).repeat(sizes), self.roots.repeat(sizes)
        number = np.arange(len(start)) - start
        leaves = self.features == LEAF
        return {
            "n_targets_i": len(self.bias),
            "nodes_treeids_i": trees.tolist(),
            "nodes_nodeids_i": number.tolist(),
            "nodes_featureids_i": np.where(leaves, 0, self.features).tolist(),
            "nodes_values_f": self.thresholds.tolist(),
            "nodes_modes_s": np.where(leaves, "LEAF", "BRANCH_LEQ").tolist(),
            "nodes_truenodeids_i": np.where(leaves, 0, self.yes - start).tolist(),
            "nodes_falsenodeids_i": np.where(leaves, 0, self.no - start).tolist(),
            "target_treeids_i": trees[leaves].tolist(),
            "target_nodeids_i": number[leaves].tolist(),
            "target_ids_i": self.columns[trees[leaves]].tolist(),
            "target_weights_f": self.values[leaves].tolist(),
        }


class BoostedTrees(torch.nn.Module):
    """Rows (rows, features) float32 to the sums (rows, columns) float32 of the trees of each column,
    and a bias; zeros until trees are added.

    Its buffers are the fields of `Forest`. A state dict with any number of trees can be loaded, and
    one from before trees, which has none.
    """

    def __init__(self, columns: int) -> None:
        super().__init__()
        self._set(Forest.of([], np.zeros(columns, np.float32)))

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Sums (rows, columns) float32 of rows (rows, features) float32."""
        sums: torch.Tensor = _Sums.apply(rows, self.forest())  # type: ignore[no-untyped-call]
        return sums + self.get_buffer("bias")

    @property
    def count(self) -> int:
        """How many trees there are."""
        return len(self.get_buffer("roots"))

    def forest(self) -> Forest:
        """The trees."""
        return Forest(**{name: self.get_buffer(name).numpy() for name in _FIELDS})

    def add(self, trees: Sequence[Tree], bias: NDArray[np.float32], columns: Sequence[int]) -> None:
        """Put `trees`, whose columns count from 0, and their `bias` (columns,) in the place of what
        `columns` have.
        """
        forest = self.forest()
        kept = [tree for tree in forest.trees() if tree.column not in columns]
        moved = [replace(tree, column=columns[tree.column]) for tree in trees]
        changed = forest.bias.copy()
        changed[list(columns)] = bias
        self._set(Forest.of([*kept, *moved], changed))

    def _set(self, forest: Forest) -> None:
        for name in _FIELDS:
            self.register_buffer(name, torch.from_numpy(getattr(forest, name)))

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, *arguments: Any
    ) -> None:
        for name in _FIELDS:
            saved = state_dict.setdefault(prefix + name, self.get_buffer(name))
            self.register_buffer(name, torch.empty_like(saved))
        super()._load_from_state_dict(state_dict, prefix, *arguments)


_FIELDS = tuple(field.name for field in fields(Forest))


class _Sums(torch.autograd.Function):
    """`Forest.sums` as one operator of a traced graph; nothing is learned through it."""

    @staticmethod
    def forward(context: Any, rows: torch.Tensor, forest: Forest) -> torch.Tensor:
        return torch.from_numpy(forest.sums(rows.detach().numpy()))

    @staticmethod
    def symbolic(graph: Any, rows: Any, forest: Forest) -> Any:
        attributes = forest.attributes()
        result = graph.op("ai.onnx.ml::TreeEnsembleRegressor", rows, **attributes)
        result.setType(rows.type().with_sizes([None, attributes["n_targets_i"]]))
        return result


def boosted(
    rows: NDArray[np.float32],
    answer: NDArray[np.int64],
    classes: int,
    *,
    rounds: int,
    seed: int = 0,
) -> tuple[list[Tree], NDArray[np.float32]]:
    """Trees and bias (classes,) float32 whose sums, a column a class, are the logits of `answer`
    (rows,): `rounds` trees a class; of two classes that there are, all is said of the second. None,
    and zeros, where there are fewer than `FEWEST` rows or no two classes.

    ModelError where scikit-learn keeps its trees in another way than this reads them, ExtraMissing
    where it is not installed.
    """
    ensemble = require("sklearn.ensemble", "train")
    present = np.unique(answer)
    if len(present) < 2 or len(answer) < FEWEST:
        return [], np.zeros(classes, np.float32)
    model = ensemble.HistGradientBoostingClassifier(
        max_iter=rounds,
        learning_rate=LEARNING_RATE,
        max_leaf_nodes=LEAVES,
        min_samples_leaf=FEWEST_ROWS,
        l2_regularization=PENALTY,
        max_features=SHARE_OF_FEATURES,
        early_stopping=False,
        random_state=seed,
    ).fit(rows, answer)
    told = present if len(present) > 2 else present[1:]
    trees = [
        _tree(predictor.nodes, int(column))
        for together in model._predictors
        for column, predictor in zip(told, together, strict=True)
    ]
    base = np.zeros(len(present))
    base[-len(told) :] = np.asarray(model._baseline_prediction).reshape(-1)
    bias = _bias(classes, present, base)
    _check(trees, bias, model, rows, told)
    return trees, bias


def _bias(
    classes: int, present: NDArray[np.int64], logits: NDArray[np.float64]
) -> NDArray[np.float32]:
    """The `logits` of the classes that there are, and a lower one for those that no row has."""
    bias = np.full(classes, logits.min(initial=0.0) - _ABSENT, np.float32)
    bias[present] = logits
    return bias


def _tree(nodes: NDArray[np.void], column: int) -> Tree:
    leaf = nodes["is_leaf"].astype(bool)
    wide = nodes["num_threshold"]
    narrow = wide.astype(np.float32)
    # A threshold lies between two float32 values, and rounding must not take it to the upper one.
    narrow = np.where(narrow > wide, np.nextafter(narrow, np.float32(-np.inf)), narrow)
    return Tree(
        column,
        np.where(leaf, LEAF, nodes["feature_idx"]).astype(np.int64),
        np.where(leaf, 0, narrow).astype(np.float32),
        np.where(leaf, 0, nodes["left"]).astype(np.int64),
        np.where(leaf, 0, nodes["right"]).astype(np.int64),
        np.where(leaf, nodes["value"], 0).astype(np.float32),
    )


def _check(
    trees: Sequence[Tree],
    bias: NDArray[np.float32],
    model: Any,
    rows: NDArray[np.float32],
    told: NDArray[np.int64],
) -> None:
    """ModelError where scikit-learn's own answers to some rows are others."""
    some = rows[:100]
    ours = (Forest.of(trees, bias).sums(some) + bias)[:, told]
    theirs = model.decision_function(some).reshape(len(some), -1)
    if not np.allclose(ours, theirs, atol=1e-3):
        raise ModelError(
            "This version of scikit-learn keeps its trees in another way; install the one of "
            "constraints.txt."
        )
