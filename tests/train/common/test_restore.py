from functools import partial
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra 'train'")

import torch
from transformers import (
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
)

from biopipe.errors import ModelError
from biopipe.linking.biencoder import BiEncoder
from biopipe.linking.rerank import CrossEncoderInputs, Reranker
from biopipe.ner.tagger import Tagger
from biopipe.runtime.models import find_model
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.train.common.restore import restore, restored
from biopipe.train.linking.biencoder import NameVectors, load_biencoder
from biopipe.train.linking.choices import RerankingChoice
from biopipe.train.linking.reranker import score_choices

TEXT = (
    "Metformin lowers glucose in patients with type 2 diabetes and a variant c.123A>G of SLC22A1."
)


@pytest.fixture(scope="module")
def back(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tagger that ships, as a checkpoint."""
    return restore(find_model("biopipe-ner-minilm"), tmp_path_factory.mktemp("back"))


def test_the_checkpoint_answers_as_the_graph_does(back: Path) -> None:
    tagger = Tagger("biopipe-ner-minilm", threads=1)
    tokens = tagger.encoder.tokenize([TEXT])
    graph = tagger.encoder.encode(tokens, tagger.encoder.windows(tokens))[0]
    model = AutoModelForTokenClassification.from_pretrained(back).eval()
    encoded = AutoTokenizer.from_pretrained(back)(TEXT, return_tensors="pt")
    assert encoded["input_ids"][0, 1:-1].tolist() == tokens[0].ids.tolist()
    with torch.inference_mode():
        logits = model(**encoded).logits[0, 1:-1].numpy()
    assert (logits.argmax(-1) == graph.argmax(-1)).all()
    # The graph rounds activations too.
    assert np.abs(logits - graph).mean() < 0.15
    assert [model.config.id2label[i] for i in range(13)] == list(tagger.manifest.settings["tags"])


def test_a_reranker_comes_back_too(tmp_path: Path) -> None:
    folder = restore(find_model("biopipe-reranker-minilm"), tmp_path / "r")
    texts = ("Heart Diseases. Disease", "Neoplasms. Disease", "none of the concepts")
    choice = RerankingChoice(
        "cardiac disease", "patients with cardiac disease were seen", texts, (0.4, 0.4, 0.2), 0
    )
    (graph,) = Reranker("biopipe-reranker-minilm", threads=1).logits(
        [(choice.reading, choice.context, texts)]
    )
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    with torch.inference_mode():
        logits = score_choices(
            model, CrossEncoderInputs(Tokenizer(folder / "tokenizer.json")), [choice]
        ).numpy()
    assert np.abs(logits - np.array(graph)).mean() < 0.3
    assert logits.argsort().tolist() == np.argsort(graph).tolist()


def test_a_bi_encoder_comes_back_too(tmp_path: Path) -> None:
    folder = restore(find_model("biopipe-biencoder-minilm"), tmp_path / "b")
    names = ["heart attack", "type 2 diabetes mellitus", "aspirin", "ductal carcinoma in situ"]
    model = load_biencoder(str(folder))
    with torch.inference_mode():
        vectors = NameVectors(model, Tokenizer(folder / "tokenizer.json"))(names).numpy()
    graph = BiEncoder("biopipe-biencoder-minilm").encode(names)
    # Cosines: both are of length one.
    assert ((vectors * graph).sum(axis=1) > 0.99).all()
    assert np.abs(vectors @ vectors.T - graph @ graph.T).max() < 0.02


def test_other_tasks_are_not_restored(tmp_path: Path) -> None:
    with pytest.raises(
        ModelError,
        match="does relation; only models of token-classification, cross-encoder, bi-encoder",
    ):
        restore(find_model("biopipe-relations-shared"), tmp_path / "r")


def test_only_a_model_directory_of_the_task_is_restored(back: Path, tmp_path: Path) -> None:
    as_tagger = partial(restored, scratch=tmp_path / "b", task="token-classification")
    assert as_tagger("all-MiniLM-L6-v2") == "all-MiniLM-L6-v2"
    assert as_tagger(str(back)) == str(back)
    assert as_tagger(str(find_model("biopipe-ner-minilm"))) == str(tmp_path / "b")
    with pytest.raises(
        ModelError, match="does cross-encoder; give one that does token-classification"
    ):
        as_tagger(str(find_model("biopipe-reranker-minilm")))


def test_a_graph_whose_equal_weights_were_merged_is_refused(
    tiny_tagger: Path, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match="train from its Hugging Face checkpoint"):
        restore(tiny_tagger, tmp_path / "back")


def test_either_of_two_tasks_is_restored(tmp_path: Path) -> None:
    model = str(find_model("biopipe-biencoder-minilm"))
    scratch = tmp_path / "b"
    base = restored(model, scratch, task="token-classification", or_task="bi-encoder")
    assert base == str(scratch)
    with pytest.raises(ModelError, match="give one that does token-classification"):
        restored(
            str(find_model("biopipe-reranker-minilm")),
            scratch,
            task="token-classification",
            or_task="bi-encoder",
        )
