"""Training a cross-encoder, and how much its word counts."""

import json
import shutil
from pathlib import Path

import pytest

pytest.importorskip("transformers", reason="needs the extra 'train'")

from biopipe.document import Document, Mention
from biopipe.errors import InputError
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.schema import Concept
from biopipe.linking.linker import Linker
from biopipe.linking.rerank import NO_CONCEPT, Reranker
from biopipe.testing import tiny_model
from biopipe.train.common.schedule import Schedule
from biopipe.train.export.model import export_model
from biopipe.train.export.sample import parity_sample
from biopipe.train.export.task import ModelDescription
from biopipe.train.linking.choices import (
    RerankingChoice,
    doubtful_choices,
    reranking_choices,
    without_right,
)
from biopipe.train.linking.mixture import fit_mixture, refit_mixture
from biopipe.train.linking.reranker import train_reranker

TEXT = "the long story of MS in patients. " * 12 + "He had MS of the valve."
PLACE = TEXT.index("MS of the valve")
DOCUMENT = Document(
    "1", TEXT, mentions=(Mention(PLACE, PLACE + 2, "Disease", concept_ids=("MESH:D008944",)),)
)
CONCEPTS = (
    Concept("MESH:D009103", "multiple sclerosis", types=("Disease",)),
    Concept("MESH:D008944", "mitral stenosis", ("MS",), ("Disease",)),
    Concept("MESH:D001943", "breast cancer", ("breast carcinoma",), ("Disease",)),
)


@pytest.fixture(scope="module")
def kb_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from biopipe.kb.build.compile import compile_kb

    folder = tmp_path_factory.mktemp("kb") / "kb"
    return compile_kb(CONCEPTS, folder, name="small", version="1", licence="CC0", sources={})


@pytest.fixture
def model() -> Path:
    return tiny_model("tiny-reranker")


def test_a_trained_reranker_is_exported_with_its_mixture(
    kb_path: Path, tiny_bert: Path, tmp_path: Path
) -> None:
    kb = KnowledgeBase.open(kb_path)
    choices = list(reranking_choices([DOCUMENT] * 4, Linker(kb), {"Disease": kb}))
    checkpoint = train_reranker(
        choices,
        str(tiny_bert),
        tmp_path / "out",
        schedule=Schedule(epochs=2, learning_rate=1e-3),
        dev=choices,
        log=lambda _: None,
    )
    mixture = json.loads((checkpoint / "reranker.json").read_text())
    export_model(
        str(checkpoint),
        tmp_path / "model",
        about=ModelDescription("r"),
        precision="fp32",
        documents=parity_sample(None),
    )
    assert Reranker(tmp_path / "model").manifest.calibration == mixture


def test_a_mention_without_its_concept_is_nil(kb_path: Path) -> None:
    kb = KnowledgeBase.open(kb_path)
    (choice,) = reranking_choices([DOCUMENT], Linker(kb), {"Disease": kb})
    assert choice.texts[-1] == NO_CONCEPT
    assert choice.texts[choice.right].startswith("mitral stenosis")
    missing = without_right(choice)
    assert missing.right == len(missing.texts) - 1
    assert not any(text.startswith("mitral stenosis") for text in missing.texts)


def test_the_mixture_is_fitted_also_where_half_of_the_concepts_are_gone(kb_path: Path) -> None:
    kb = KnowledgeBase.open(kb_path)
    choices = list(doubtful_choices([DOCUMENT], Linker(kb), {"Disease": kb}))
    whole, *halves = choices
    assert whole.weight == 1.0
    assert whole.texts[whole.right].startswith("mitral stenosis")
    assert all(half.weight < 1 and half.texts[-1] == NO_CONCEPT for half in halves)
    assert {text for half in halves for text in half.texts} == set(whole.texts)


def test_missing_concepts_make_the_mixture_say_nil_more_often() -> None:
    right = RerankingChoice("MS", "MS", ("mitral stenosis", NO_CONCEPT), (0.5, 0.5), 0)
    missing = RerankingChoice("MS", "MS", ("mitral stenosis", NO_CONCEPT), (0.5, 0.5), 1)
    few, many = (fit_mixture([right] * 3 + [missing] * n, [[1.0, 0.0]] * (3 + n)) for n in (1, 9))
    assert few["nil"] < many["nil"]


def test_the_mixture_of_an_exported_model_is_fitted_anew(
    kb_path: Path, model: Path, tmp_path: Path
) -> None:
    kb = KnowledgeBase.open(kb_path)
    copy = shutil.copytree(model, tmp_path / "model")
    (choice,) = reranking_choices([DOCUMENT], Linker(kb), {"Disease": kb})
    choices = [choice, without_right(choice)]
    manifest = refit_mixture(copy, choices)
    assert manifest.calibration != Reranker(model).manifest.calibration
    assert Reranker(copy).manifest.calibration == manifest.calibration
    with pytest.raises(InputError, match="nothing to fit"):
        refit_mixture(copy, [])
