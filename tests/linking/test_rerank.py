"""The cross-encoder: what it reads, and how its word is weighed with the linker's."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from biopipe.document import Candidate, Document, Mention
from biopipe.kb.base import KnowledgeBase
from biopipe.linking.linker import Linker
from biopipe.linking.rerank import (
    NO_CONCEPT,
    CrossEncoderInputs,
    Reranker,
    candidate_text,
    mention_context,
)
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.testing import tiny_model

TEXT = "the long story of MS in patients. " * 12 + "He had MS of the valve."
PLACE = TEXT.index("MS of the valve")
DOCUMENT = Document(
    "1", TEXT, mentions=(Mention(PLACE, PLACE + 2, "Disease", concept_ids=("MESH:D008944",)),)
)


@pytest.fixture
def model() -> Path:
    return tiny_model("tiny-reranker")


def test_pairs_keep_the_mention_in_the_middle_of_its_context(tiny_bert: Path) -> None:
    tokenizer = Tokenizer(tiny_bert / "tokenizer.json")
    context = mention_context(DOCUMENT, DOCUMENT.mentions[0])
    assert "MS of the valve" in context
    feeds = list(
        CrossEncoderInputs(tokenizer).feeds("MS", context, ["mitral stenosis", NO_CONCEPT])
    )
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
