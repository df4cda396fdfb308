"""The cross-encoder: what it reads, and how its word is weighed with the linker's."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("transformers", reason="needs the extra 'train'")

from biopipe.document import Candidate, Document, Mention
from biopipe.errors import InputError
from biopipe.kb.base import KnowledgeBase
from biopipe.linking.linker import Linker
from biopipe.linking.rerank import NO_CONCEPT, Pairs, Reranker, candidate_text, context_of
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.train.common.schedule import Schedule
from biopipe.train.export.model import About, export_model, parity_sample
from biopipe.train.linking.reranker import (
    Choice,
    choices_of,
    doubtful_choices,
    fit_mixture,
    refit_mixture,
    train_reranker,
    without_right,
)

TEXT = "the long story of MS in patients. " * 12 + "He had MS of the valve."
PLACE = TEXT.index("MS of the valve")
DOCUMENT = Document(
    "1", TEXT, mentions=(Mention(PLACE, PLACE + 2, "Disease", concept_ids=("MESH:D008944",)),)
)


@pytest.fixture(scope="module")
def checkpoint(kb_path: Path, tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    kb = KnowledgeBase.open(kb_path)
    choices = list(choices_of([DOCUMENT] * 4, Linker(kb), {"Disease": kb}))
    return train_reranker(
        choices,
        str(tiny_bert),
        tmp_path_factory.mktemp("reranker") / "out",
        schedule=Schedule(epochs=2, learning_rate=1e-3),
        dev=choices,
        log=lambda _: None,
    )


@pytest.fixture(scope="module")
def model(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reranker") / "model"
    export_model(
        str(checkpoint), folder, about=About("r"), precision="fp32", documents=parity_sample(None)
    )
    return folder


def test_pairs_keep_the_mention_in_the_middle_of_its_context(tiny_bert: Path) -> None:
    tokenizer = Tokenizer(tiny_bert / "tokenizer.json")
    context = context_of(DOCUMENT, DOCUMENT.mentions[0])
    assert "MS of the valve" in context
    feeds = list(Pairs(tokenizer).feeds("MS", context, ["mitral stenosis", NO_CONCEPT]))
    assert len(feeds) == 2
    for feed in feeds:
        ids, types = feed["input_ids"][0], feed["token_type_ids"][0]
        assert len(ids) == len(types) <= 100
        assert ids[0] == tokenizer.prefix[0]
        assert (np.diff(types) >= 0).all(), "the candidate comes last"
        assert (ids == tokenizer.suffix[0]).sum() == 3
    first, second = (feed["input_ids"][0] for feed in feeds)
    assert not np.array_equal(first, second)


def test_what_is_read_of_a_candidate(kb_path: Path) -> None:
    kb = KnowledgeBase.open(kb_path)
    assert candidate_text(kb, "MESH:D001943") == "breast cancer; breast carcinoma. Disease"


def test_a_mention_without_its_concept_is_nil(kb_path: Path) -> None:
    kb = KnowledgeBase.open(kb_path)
    (choice,) = choices_of([DOCUMENT], Linker(kb), {"Disease": kb})
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
    right = Choice("MS", "MS", ("mitral stenosis", NO_CONCEPT), (0.5, 0.5), 0)
    missing = Choice("MS", "MS", ("mitral stenosis", NO_CONCEPT), (0.5, 0.5), 1)
    few, many = (fit_mixture([right] * 3 + [missing] * n, [[1.0, 0.0]] * (3 + n)) for n in (1, 9))
    assert few["nil"] < many["nil"]


def test_the_mixture_of_an_exported_model_is_fitted_anew(
    kb_path: Path, model: Path, tmp_path: Path
) -> None:
    kb = KnowledgeBase.open(kb_path)
    copy = shutil.copytree(model, tmp_path / "model")
    (choice,) = choices_of([DOCUMENT], Linker(kb), {"Disease": kb})
    choices = [choice, without_right(choice)]
    manifest = refit_mixture(copy, choices)
    assert manifest.calibration != Reranker(model).manifest.calibration
    assert Reranker(copy).manifest.calibration == manifest.calibration
    with pytest.raises(InputError, match="nothing to fit"):
        refit_mixture(copy, [])


def test_scores_stay_probabilities_and_no_candidate_is_lost(kb_path: Path, model: Path) -> None:
    kb = KnowledgeBase.open(kb_path)
    candidates = [
        Candidate(concept.id, concept.name, 0.4 / (place + 1))
        for place, concept in enumerate(kb.concepts())
    ]
    (reranked,) = Reranker(model).rerank(kb, [("MS", "He had MS of the valve.", candidates)])
    assert {c.concept_id for c in reranked} == {c.concept_id for c in candidates}
    assert [c.score for c in reranked] == sorted((c.score for c in reranked), reverse=True)
    assert sum(c.score for c in reranked[:5]) <= 1.001


def test_the_linker_asks_it_only_where_it_is_not_sure(kb_path: Path, model: Path) -> None:
    plain, reranked = Linker(kb_path), Linker(kb_path, reranker=model)
    sure = Document("2", "seizure", mentions=(Mention(0, 7, "Disease"),))
    for document, same in ((sure, True), (DOCUMENT, False)):
        (before,), (after,) = plain.predict([document]), reranked.predict([document])
        assert (before.mentions == after.mentions) is same or before.mentions[0].candidates[
            0
        ].score >= 0.94
        assert {c.concept_id for c in before.mentions[0].candidates} == {
            c.concept_id for c in after.mentions[0].candidates
        }


def test_it_is_not_asked_of_a_name_that_one_concept_bears(kb_path: Path) -> None:
    linker = Linker(kb_path)
    asked = (
        ("Breast Cancer", True),
        ("breast cancers", False),
        ("MS", False),
        ("lung cancer", False),
    )
    documents = [
        Document(name, name, mentions=(Mention(0, len(name), "Disease"),)) for name, _ in asked
    ]
    explained = linker.explain(documents)
    for (name, bears), each in zip(asked, explained, strict=True):
        request = each.request
        unsure = [Candidate("MESH:D001943", "breast cancer", 0.5)]
        assert linker.is_doubtful(request, unsure) is not bears, name
        assert not linker.is_doubtful(request, [replace(unsure[0], score=0.99)])


def test_a_variant_that_no_knowledge_base_has_is_left_as_it_is(kb_path: Path, model: Path) -> None:
    document = Document("3", "BRAF V600E", mentions=(Mention(5, 10, "Variant"),))
    (linked,) = Linker(kb_path, reranker=model).predict([document])
    assert linked.mentions[0].concept_ids == ("p|SUB|V|600|E",)
