"""Boosted trees: as scikit-learn answers, in torch, in a checkpoint and in ONNX Runtime."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra 'train'")

import onnx
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnxruntime import InferenceSession
from sklearn.ensemble import HistGradientBoostingClassifier
from transformers import BertConfig

from biopipe.document import Document, Mention, Relation
from biopipe.errors import ModelError
from biopipe.io.codecs import pubtator
from biopipe.relations.extractor import RelationExtractor
from biopipe.train.common.schedule import Schedule
from biopipe.train.export.model import export_model
from biopipe.train.export.onnx_graph import trace
from biopipe.train.export.task import ModelDescription
from biopipe.train.relations import mix, trees
from biopipe.train.relations.scheme import Scheme
from biopipe.train.relations.trainer import train_relations
from biopipe.train.relations.trees import OPERATORS, BoostedTrees, Forest, boosted

ROUNDS = 60


def crossed(count: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Rows of few different values, and an answer that no single one of them tells."""
    rows = np.random.default_rng(seed).integers(-2, 3, (count, 4)).astype(np.float32) / 3
    return rows, ((rows[:, 0] > 0) ^ (rows[:, 1] > 0)).astype(np.int64)


def filled(classes: int = 3, rows: int = 600) -> tuple[BoostedTrees, NDArray[np.float32]]:
    told, answer = crossed(rows, seed=classes)
    answer = answer + (told[:, 2] > 0.3) * (classes > 2)
    model = BoostedTrees(1 + classes)
    model.add(*boosted(told, answer, classes, rounds=ROUNDS), range(1, 1 + classes))
    return model, told


def test_what_two_features_tell_together_is_learned() -> None:
    rows, answer = crossed(600, seed=0)
    found, bias = boosted(rows, answer, 2, rounds=ROUNDS)
    logits = Forest.of(found, bias).sums(rows) + bias
    assert (logits.argmax(axis=1) == answer).all()
    assert (logits[:, 0] == 0).all()


@settings(max_examples=10)
@given(st.integers(2, 4), st.integers(0, 99))
def test_rows_at_a_threshold_go_where_scikit_learn_sends_them(classes: int, seed: int) -> None:
    rows, answer = crossed(600, seed)
    answer = answer + (rows[:, 2] > 0.3) * (classes > 2) + (rows[:, 3] > 0.3) * (classes > 3)
    found, bias = boosted(rows, answer, classes, rounds=ROUNDS, seed=seed)
    theirs = HistGradientBoostingClassifier(
        max_iter=ROUNDS,
        learning_rate=trees.LEARNING_RATE,
        max_leaf_nodes=trees.LEAVES,
        min_samples_leaf=trees.FEWEST_ROWS,
        l2_regularization=trees.PENALTY,
        max_features=trees.SHARE_OF_FEATURES,
        early_stopping=False,
        random_state=seed,
    ).fit(rows, answer)
    values = np.float32(np.arange(-9, 10) / 9)
    asked = np.stack(np.meshgrid(values, values[::3], values[::3], values[::3]), -1).reshape(-1, 4)
    logits = Forest.of(found, bias).sums(asked) + bias
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert np.allclose(shares, theirs.predict_proba(asked), atol=1e-4)


def test_several_forests_say_their_mean() -> None:
    rows, answer = crossed(600, seed=4)
    answer = answer + (rows[:, 2] > 0.3)
    found, bias = mix._forests(rows, answer, 3, rounds=ROUNDS)
    each = [
        Forest.of(*forest).sums(rows) + forest[1]
        for forest in (
            boosted(rows, answer, 3, rounds=ROUNDS, seed=seed) for seed in range(mix.FORESTS)
        )
    ]
    assert not np.allclose(each[0], each[1], atol=1e-3)
    assert np.allclose(Forest.of(found, bias).sums(rows) + bias, np.mean(each, axis=0), atol=1e-4)


def test_few_rows_and_a_single_class_are_left_to_the_regressions() -> None:
    rows, answer = crossed(trees.FEWEST, seed=1)
    for told, asked in ((rows[:-1], answer[:-1]), (rows, np.zeros_like(answer))):
        found, bias = boosted(told, asked, 3, rounds=ROUNDS)
        assert found == []
        assert bias.tolist() == [0, 0, 0]


def test_a_class_that_no_row_has_is_less_likely_than_any_other() -> None:
    rows, answer = crossed(600, seed=2)
    found, bias = boosted(rows, answer * 2, 4, rounds=ROUNDS)
    assert {tree.column for tree in found} == {2}
    assert bias[1] == bias[3] < min(bias[0], bias[2])


def test_columns_are_set_anew_and_the_others_stay() -> None:
    model, rows = filled()
    before = model(torch.from_numpy(rows))
    assert (before[:, 0] == 0).all()
    told, answer = crossed(600, seed=9)
    model.add(*boosted(told, answer, 2, rounds=ROUNDS), [0, 3])
    after = model(torch.from_numpy(rows))
    assert torch.equal(after[:, 1:3], before[:, 1:3])
    assert not torch.equal(after[:, 3], before[:, 3])


def test_a_checkpoint_holds_any_number_of_trees() -> None:
    model, rows = filled()
    other = BoostedTrees(4)
    other.load_state_dict(model.state_dict())
    assert torch.equal(other(torch.from_numpy(rows)), model(torch.from_numpy(rows)))
    # One from before trees.
    other.load_state_dict({})
    assert torch.equal(other(torch.from_numpy(rows)), model(torch.from_numpy(rows)))


def test_a_graph_says_what_the_module_says(tmp_path: Path) -> None:
    model, rows = filled()
    trace(
        model,
        {"rows": torch.from_numpy(rows[:3])},
        ["sums"],
        {"rows": {0: "rows"}, "sums": {0: "rows"}},
        tmp_path / "trees.onnx",
        config=BertConfig(),
        operators=OPERATORS,
    )
    nodes = [node.op_type for node in onnx.load(str(tmp_path / "trees.onnx")).graph.node]
    assert "TreeEnsembleRegressor" in nodes
    (sums,) = InferenceSession(str(tmp_path / "trees.onnx")).run(None, {"rows": rows})
    assert np.allclose(sums, model(torch.from_numpy(rows)).numpy(), atol=1e-5)


def test_another_layout_of_scikit_learns_trees_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    read = trees._tree

    def turned(nodes: NDArray[np.void], column: int) -> trees.Tree:
        tree = read(nodes, column)
        return trees.Tree(column, tree.features, tree.thresholds, tree.no, tree.yes, tree.values)

    monkeypatch.setattr(trees, "_tree", turned)
    with pytest.raises(ModelError, match="keeps its trees in another way"):
        boosted(*crossed(600, seed=0), 2, rounds=ROUNDS)


def documents(count: int, *, start: int) -> list[Document]:
    """The drug treats the disease where the sentence says so and is short."""
    made = []
    for number in range(start, start + count):
        word, long = ("treats", "saw")[number % 2], number // 2 % 2
        ward = f"the patients of the ward {number} and of all the others with " * long
        text = f"aspirin {word} {ward}cancer. It is text {number}."
        place = text.index("cancer")
        mentions = (
            Mention(0, 7, "Chemical", concept_ids=("MESH:D001241",)),
            Mention(place, place + 6, "Disease", concept_ids=("MESH:D009369",)),
        )
        relation = Relation("MESH:D001241", "MESH:D009369", "Negative_Correlation", novel=True)
        related = (relation,) if word == "treats" and not long else ()
        made.append(Document(str(number), text, mentions=mentions, relations=related))
    return made


@pytest.mark.parametrize("precision", ["fp32", "int8", "fp16"])
def test_a_relation_model_carries_its_trees(
    tiny_bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, precision: str
) -> None:
    monkeypatch.setattr(trees, "FEWEST", 20)
    monkeypatch.setattr(trees, "FEWEST_ROWS", 2)
    pubtator.write(documents(80, start=0), tmp_path / "train.pubtator")
    pubtator.write(documents(20, start=100), tmp_path / "dev.pubtator")
    scheme = Scheme(
        entity_labels=("Disease", "Chemical"),
        relation_labels=("Association", "Negative_Correlation"),
        pairs=(("Chemical", "Disease"),),
        train=("train.pubtator",),
        dev=("dev.pubtator",),
        surroundings=True,
        hierarchy=True,
        rates=True,
    )
    out = train_relations(
        scheme,
        str(tiny_bert),
        tmp_path / "out",
        data=tmp_path,
        schedule=Schedule(epochs=1, learning_rate=1e-5),
        log=lambda _: None,
    )
    export_model(
        str(out),
        tmp_path / "model",
        about=ModelDescription(name="r"),
        precision=precision,
        documents=documents(4, start=200),
    )
    file = next((tmp_path / "model").glob("*.onnx"))
    assert "TreeEnsembleRegressor" in [n.op_type for n in onnx.load(str(file)).graph.node]
    extractor = RelationExtractor(tmp_path / "model")
    assert extractor.further == scheme.further
    assert extractor.facts.rates.schemes == ({"MESH:D001241": (20, 80), "MESH:D009369": (20, 80)},)
    asked = [Document(d.id, d.text, mentions=d.mentions) for d in documents(8, start=300)]
    found = [[(r.label, r.novel) for r in d.relations] for d in extractor.predict(asked)]
    assert found == [[("Negative_Correlation", True)], [], [], []] * 2
    (tmp_path / "model" / "rates.json").write_text("{}")
    with pytest.raises(ModelError, match=r"rates\.json"):
        RelationExtractor(tmp_path / "model")
