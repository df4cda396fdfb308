"""`nlp.evaluate` against the scorers of `biopipe.evaluate`, on Examples as users have them."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from biopipe.components.document import annotate_doc, to_document
from biopipe.document import Document, Mention, Predictor, PredictorInfo, Relation
from biopipe.evaluate.mention_scores import score_ner
from biopipe.evaluate.relation_scores import score_relations
from biopipe.pipeline import build

TEXT = "EGFR and lung cancer, gefitinib; EGFR+ tumours."
GOLD = Document(
    "d",
    TEXT,
    (
        Mention(0, 4, "Gene", concept_ids=("NCBIGene:1956",)),
        Mention(9, 20, "Disease", concept_ids=("MESH:D008175",)),
        Mention(22, 31, "Chemical", concept_ids=("MESH:C1",)),
        Mention(33, 37, "Gene", concept_ids=("NCBIGene:1956",)),
    ),
    (
        Relation("NCBIGene:1956", "MESH:D008175", "Association"),
        Relation("NCBIGene:1956", "MESH:C1", "Bind"),
    ),
)
PREDICTED = replace(
    GOLD,
    mentions=(
        Mention(0, 4, "Gene", concept_ids=("NCBIGene:1956",)),
        Mention(9, 20, "Disease", concept_ids=("MESH:WRONG",)),
        Mention(14, 20, "Disease"),
        Mention(33, 37, "Gene"),
    ),
    relations=(
        Relation("MESH:D008175", "NCBIGene:1956", "Association"),
        Relation("NCBIGene:1956", "MESH:C1", "Association"),
        Relation("MESH:D008175", "MESH:C1", "Bind"),
    ),
)


class Answers(Predictor):
    """Gives what is in a document."""

    info = PredictorInfo(name="answers", gives=frozenset({"mentions", "concepts", "relations"}))

    def __init__(self, document: Document) -> None:
        self.document = document

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        return [replace(self.document, id=d.id, text=d.text) for d in documents]


def answering(document: Document, **options: object) -> Language:
    nlp = build({"components": {"biopipe_abbreviations": options}})
    nlp.get_pipe("biopipe_abbreviations")._predictor = Answers(document)  # type: ignore[attr-defined]
    return nlp


def evaluate(nlp: Language, reference: Doc) -> dict[str, object]:
    return nlp.evaluate([Example(nlp.make_doc(reference.text), reference)])


def test_scores_are_those_of_biopipe_evaluate() -> None:
    nlp = answering(PREDICTED)
    scores = evaluate(nlp, annotate_doc(nlp.make_doc(TEXT), GOLD))
    expected = score_ner([GOLD], [PREDICTED], bootstrap=0)
    names = {"p": "precision", "r": "recall", "f": "f1"}
    for key, name in names.items():
        assert scores[f"spans_biopipe_{key}"] == pytest.approx(expected["micro"][name])
        for label, of_label in scores["spans_biopipe_per_type"].items():
            assert of_label[key] == pytest.approx(expected["types"][label][name])
    assert set(scores["spans_biopipe_per_type"]) == {"Gene", "Disease", "Chemical"}
    # Without the mention inside another.
    assert (scores["ents_p"], scores["ents_r"]) == pytest.approx((1, 3 / 4))
    assert (scores["nel_micro_p"], scores["nel_micro_r"]) == pytest.approx((1 / 2, 1 / 4))
    assert scores["nel_per_type"]["Gene"] == pytest.approx({"p": 1, "r": 1 / 2, "f": 2 / 3})
    assert (scores["rel_micro_p"], scores["rel_micro_r"]) == pytest.approx((1 / 3, 1 / 2))
    assert scores["rel_per_type"]["Association"] == pytest.approx({"p": 1 / 2, "r": 1, "f": 2 / 3})


def test_relations_score_as_in_biopipe_evaluate() -> None:
    # Those scorers pass over pairs of labels that the gold never relates.
    predicted = replace(PREDICTED, relations=PREDICTED.relations[:2])
    nlp = answering(predicted)
    scores = evaluate(nlp, annotate_doc(nlp.make_doc(TEXT), GOLD))
    expected = score_relations([GOLD], [predicted], bootstrap=0)
    assert scores["rel_micro_f"] == pytest.approx(expected["type"]["f1"])
    assert scores["rel_micro_f"] == pytest.approx(1 / 2)


def test_a_perfect_pipeline() -> None:
    nlp = answering(GOLD)
    scores = evaluate(nlp, annotate_doc(nlp.make_doc(TEXT), GOLD))
    micro = ("ents", "spans_biopipe", "nel_micro", "rel_micro")
    assert [scores[f"{name}_f"] for name in micro] == pytest.approx([1.0] * 4)


def test_a_reference_of_entities_alone() -> None:
    nlp = answering(PREDICTED)
    reference = nlp.make_doc(TEXT)
    reference.ents = [
        reference.char_span(0, 4, "Gene", "NCBIGene:1956"),
        reference.char_span(9, 20, "Disease"),
    ]
    scores = evaluate(nlp, reference)
    assert (scores["ents_p"], scores["ents_r"]) == pytest.approx((2 / 3, 1))
    assert (scores["nel_micro_p"], scores["nel_micro_r"]) == pytest.approx((1 / 2, 1))
    assert scores["spans_biopipe_f"] is scores["rel_micro_f"] is scores["rel_per_type"] is None


def test_a_reference_of_spans_under_another_key() -> None:
    nlp = answering(PREDICTED, spans_key="bio")
    reference = nlp.make_doc(TEXT)
    reference.spans["bio"] = [
        reference.char_span(9, 20, "Disease"),
        reference.char_span(14, 20, "Disease"),
    ]
    scores = evaluate(nlp, reference)
    assert (scores["spans_bio_p"], scores["spans_bio_r"]) == pytest.approx((1 / 2, 1))
    assert scores["ents_f"] is scores["nel_micro_f"] is None


def test_a_reference_without_annotation_has_no_scores() -> None:
    nlp = answering(PREDICTED)
    scores = evaluate(nlp, nlp.make_doc(TEXT))
    named = [key for key in scores if not key.startswith(("token_", "speed"))]
    assert len(named) == 16
    assert all(scores[key] is None for key in named)


def test_what_a_component_does_not_give_is_not_scored() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("biopipe_abbreviations")
    scores = evaluate(nlp, annotate_doc(nlp.make_doc(TEXT), GOLD))
    assert all(key.startswith(("token_", "speed")) for key in scores)


def test_references_of_other_tokens() -> None:
    nlp = answering(GOLD)
    words = ["EGFR", "and", "lung", "cancer", ",", "gefitinib", ";", "EGFR", "+", "tumours", "."]
    spaces = [True, True, True, False, True, False, True, False, True, False, False]
    reference = annotate_doc(Doc(nlp.vocab, words=words, spaces=spaces), GOLD)
    assert evaluate(nlp, reference)["spans_biopipe_f"] == pytest.approx(1.0)
    assert to_document(reference).mentions == GOLD.mentions
