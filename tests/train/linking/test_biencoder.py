from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra 'train'")

import torch

from biopipe.document import Document, Mention
from biopipe.errors import ConfigError, KnowledgeBaseError, ModelError
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept
from biopipe.linking.biencoder import BiEncoder
from biopipe.linking.linker import Linker
from biopipe.train.common.schedule import Schedule
from biopipe.train.export.linking_parity import check_vectors
from biopipe.train.export.model import export_model
from biopipe.train.export.sample import parity_sample
from biopipe.train.export.task import ModelDescription
from biopipe.train.linking.biencoder import (
    BiEncoderModel,
    _apart,
    load_biencoder,
    multi_similarity,
    train_biencoder,
)
from biopipe.train.linking.names import NamedConcepts, pair_batches, read_synonyms

CONCEPTS = (
    *(
        Concept(
            f"X:{i}",
            f"{place} cancer",
            (f"cancer of the {place}", f"{place} carcinoma"),
            ("Disease",),
            parents=("X:9",),
        )
        for i, place in enumerate(("breast", "ovary", "lung", "skin", "liver", "bone"))
    ),
    Concept("X:9", "cancer", ("malignancy",), ("Disease",)),
    Concept("X:10", "asthma", types=("Disease",)),
    Concept("X:11", "old cancer", replaced_by="X:9"),
)
TEXT = "Tumour of the breast and malignant growth; wheezing."
DOCUMENT = Document(
    "1",
    TEXT,
    mentions=(
        Mention(0, 20, "Disease", concept_ids=("X:0",)),
        Mention(25, 41, "Disease", concept_ids=("X:11",)),
        Mention(43, 51, "Disease", concept_ids=("X:10", "X:9")),
    ),
)


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    folder = tmp_path_factory.mktemp("names") / "kb"
    return KnowledgeBase.open(
        compile_kb(CONCEPTS, folder, name="n", version="1", licence="CC0", sources={})
    )


def test_names_mentions_and_parents(kb: KnowledgeBase) -> None:
    said: list[str] = []
    data = read_synonyms([kb], [DOCUMENT], said.append)
    assert len(data.names) == 7, "asthma has one name, the retired concept none"
    breast, cancer = (
        data.names.index(("breast cancer", "cancer of the breast", "breast carcinoma")),
        6,
    )
    assert data.mentions[breast] == ("Tumour of the breast",)
    assert data.mentions[cancer] == ("malignant growth",), (
        "an id that was replaced means its successor"
    )
    assert data.parents[breast] == frozenset({cancer})
    assert said == ["2 mention texts of 2 concepts; 1 mentions left out"]


def test_bases_are_joined_by_the_ids_of_the_first(kb: KnowledgeBase, tmp_path: Path) -> None:
    concepts = (
        Concept("X:11", "grown tissue", ("new growth",), ("Disease",)),
        Concept("Z:1", "breast cancer", ("mammary tumour",), ("Disease",)),
        Concept("Z:2", "left out", ("of another kind",), ("Gene",)),
    )
    folder = compile_kb(concepts, tmp_path / "kb", name="o", version="1", licence="", sources={})
    bases = [kb, KnowledgeBase.open(folder)]
    data = read_synonyms(bases, [], lambda _: None, types=["Disease"])
    assert ("cancer", "malignancy", "grown tissue", "new growth") in data.names
    assert ("breast cancer", "mammary tumour") in data.names
    assert not any("left out" in names for names in data.names)


def test_concepts_that_share_a_name_are_not_pushed_apart() -> None:
    names = (("breast cancer", "breast carcinoma"), ("mammary tumour", "Breast cancer"), ("a", "b"))
    data = NamedConcepts(names, ((), (), ()), (frozenset(),) * 3)
    texts = ["breast carcinoma", "breast cancer", "mammary tumour", "Breast cancer", "a", "b"]
    concepts = torch.tensor([0, 0, 1, 1, 2, 2])
    apart = _apart(texts, concepts, data, hierarchy=False)
    assert not apart[:4, :4].any()
    assert apart[:4, 4:].all()
    assert apart[4:, :4].all()


def test_batches_pair_names_of_one_concept_with_look_alikes(kb: KnowledgeBase) -> None:
    data = read_synonyms([kb], [DOCUMENT], lambda _: None)
    batches = pair_batches(data, size=4, seed=3)
    assert batches == pair_batches(data, size=4, seed=3)
    seen = [pair for batch in batches for pair in batch]
    assert {concept for concept, _, _ in seen} == set(range(7))
    for concept, one, other in seen:
        every = data.names[concept] + data.mentions[concept]
        assert one in every
        assert other in every
        assert one.lower() != other.lower()
    assert {"Tumour of the breast", "malignant growth"} <= {
        text for _, *pair in seen for text in pair
    }
    for batch in batches:
        assert len({concept for concept, *_ in batch}) == len(batch)


def test_the_loss_pulls_synonyms_and_pushes_others() -> None:
    concepts = torch.tensor([0, 0, 1, 1])
    apart = concepts[:, None] != concepts[None, :]
    good = torch.nn.functional.normalize(
        torch.tensor([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0], [0.1, 1.0]]), dim=-1
    )
    bad = good[torch.tensor([0, 2, 1, 3])]
    assert multi_similarity(good, concepts, apart=apart) < multi_similarity(
        bad, concepts, apart=apart
    )


@pytest.mark.parametrize("hierarchy", [False, True])
def test_training_brings_synonyms_together(
    kb: KnowledgeBase, tiny_bert: Path, tmp_path: Path, hierarchy: bool
) -> None:
    data = read_synonyms([kb], [DOCUMENT], lambda _: None)
    said: list[str] = []
    folder = train_biencoder(
        data,
        str(tiny_bert),
        tmp_path / "out",
        schedule=Schedule(epochs=12, learning_rate=3e-3),
        batch_pairs=4,
        hierarchy=hierarchy,
        log=said.append,
    )
    export_model(
        str(folder),
        tmp_path / "m",
        about=ModelDescription("m"),
        precision="fp32",
        documents=parity_sample(None),
    )
    export_model(
        str(tiny_bert),
        tmp_path / "before",
        about=ModelDescription("b"),
        precision="fp32",
        documents=parity_sample(None),
        task="bi-encoder",
    )

    def margin(model: Path) -> float:
        one, synonym, other = BiEncoder(model).encode(
            ["breast cancer", "cancer of the breast", "lung cancer"]
        )
        return float(one @ synonym - one @ other)

    assert margin(tmp_path / "m") > margin(tmp_path / "before") + 0.05


@pytest.fixture(scope="module")
def encoder(tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encoder") / "cls"
    export_model(
        str(tiny_bert),
        folder,
        about=ModelDescription("cls", pooling="cls"),
        precision="fp32",
        documents=parity_sample(None),
        task="bi-encoder",
    )
    return folder


def test_any_encoder_drops_in(encoder: Path, tiny_bert: Path) -> None:
    names = ["breast cancer", "a much longer name of a disease, with commas", "x", "breast cancer"]
    vectors = BiEncoder(encoder).encode(names)
    assert vectors.shape == (4, 48)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert np.allclose(vectors[0], vectors[3])
    alone = np.concatenate([BiEncoder(encoder).encode([name]) for name in names])
    assert np.allclose(vectors, alone, atol=1e-5), "a vector must not depend on its company in fp32"
    model = load_biencoder(str(tiny_bert), pooling="mean")
    assert isinstance(model, BiEncoderModel)
    with pytest.raises(ConfigError, match="Unknown pooling 'max'; give one of: mean, cls"):
        load_biencoder(str(tiny_bert), pooling="max")


def test_a_knowledge_base_is_searched_with_the_encoder_that_made_it(
    encoder: Path, tiny_bert: Path, tmp_path: Path
) -> None:
    base = compile_kb(
        CONCEPTS,
        tmp_path / "kb",
        name="n",
        version="1",
        licence="CC0",
        sources={},
        encoder=BiEncoder(encoder),
    )
    text = "carcinoma of a breast"
    gold = Document("1", text, mentions=(Mention(0, len(text), "Disease"),))
    (linked,) = Linker(base, encoder=encoder).predict([gold])
    assert len(linked.mentions[0].candidates) > 3, "vectors rank every concept"
    export_model(
        str(tiny_bert),
        tmp_path / "mean",
        about=ModelDescription("cls", pooling="mean"),
        precision="fp32",
        documents=parity_sample(None),
        task="bi-encoder",
    )
    with pytest.raises(KnowledgeBaseError, match="build it again"):
        Linker(base, encoder=tmp_path / "mean").predict([gold])
    (names_only,) = Linker(base, encoder=None).predict([gold])
    assert names_only.mentions[0].candidates[0].concept_id == "X:0"


def test_the_gate_of_vectors() -> None:
    good = np.eye(4, dtype=np.float32)
    assert check_vectors([[good]], [[good]], precision="int8")["min_cosine"] == 1.0
    with pytest.raises(ModelError, match=r"mean cosine of 0\.0000"):
        check_vectors([[np.roll(good, 1, axis=1)]], [[good]], precision="int8")
