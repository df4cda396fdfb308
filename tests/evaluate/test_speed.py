"""Timing of a model's graphs; what is timed, not how long it takes."""

from pathlib import Path

import numpy as np
import pytest

from biopipe.document import Document
from biopipe.errors import ModelError
from biopipe.evaluate.speed import Timed, graph_speeds, model_feeds, sample_documents, variant_files
from biopipe.runtime.manifest import load_manifest
from biopipe.runtime.models import find_model


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return sample_documents(2)


def test_the_sample_has_mentions_with_ids(documents: list[Document]) -> None:
    assert len(documents) == 2
    assert all(mention.concept_ids for document in documents for mention in document.mentions)
    assert {m.label for d in documents for m in d.mentions} >= {"Disease", "Chemical"}


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("biopipe-ner-minilm", {"input_ids", "attention_mask"}),
        ("biopipe-relations-shared", {"attention_mask", "pairs", "features"}),
        ("biopipe-biencoder-minilm", {"input_ids", "attention_mask"}),
    ],
)
def test_a_model_is_fed_what_its_predictor_feeds_it(
    name: str, inputs: set[str], documents: list[Document]
) -> None:
    path = find_model(name)
    feeds = model_feeds(path, documents)
    assert feeds
    assert all(inputs <= feed.keys() for feed in feeds)
    (timed,) = graph_speeds({"int8": Timed(path / "model.onnx", feeds)}, rounds=2).values()
    assert len(timed.seconds) == 2
    assert timed.tokens == sum(int(feed["attention_mask"].sum()) for feed in feeds)
    assert timed.times_as_fast(timed) == 1


def test_ratios_are_of_rounds_that_ran_in_turn() -> None:
    mask = {"attention_mask": np.ones((1, 10), dtype=np.int64)}
    fast = Timed(Path("a"), [mask], seconds=(1.0, 2.0, 4.0))
    slow = Timed(Path("b"), [mask], seconds=(2.0, 4.0, 40.0))
    assert fast.times_as_fast(slow) == 2.0
    assert (fast.tokens_per_second, slow.tokens_per_second) == (5.0, 2.5)


def test_a_variant_that_is_not_there_is_named() -> None:
    path = find_model("biopipe-ner-minilm")
    assert list(variant_files(path, load_manifest(path))) == ["int8"]
    with pytest.raises(ModelError, match=r"no variant 'fp64', it has: int8; .*--also fp64"):
        variant_files(path, load_manifest(path), ["fp64"])
