import subprocess
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc

from biopipe.bulk.annotate import DocumentError, annotate
from biopipe.document import (
    Abbreviation,
    Document,
    Mention,
    Passage,
    Predictor,
    PredictorInfo,
    Relation,
)
from biopipe.errors import InputError, ModelError
from biopipe.pipeline import build

TEXTS = [
    "Tumor necrosis factor (TNF) is a cytokine.",
    "",
    " \n ",
    "Chronic myeloid leukaemia (CML) 🧬 and acute lymphoblastic leukaemia (ALL).",
]


class Failing(Predictor):
    """A predictor that cannot take one text."""

    info = PredictorInfo(name="failing")

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.calls = 0

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        self.calls += 1
        if any("poison" in document.text for document in documents):
            raise self.error
        return list(documents)


@Language.component("bulk_test_poison")
def poison(doc: Doc) -> Doc:
    if "poison" in doc.text:
        raise ZeroDivisionError("division by zero")
    return doc


def _documents(texts: Sequence[str]) -> list[Document]:
    return [Document(f"d{number}", text) for number, text in enumerate(texts)]


def _failing(error: Exception) -> tuple[Language, Failing]:
    """The abbreviations component with another predictor under it."""
    nlp = build({"components": {"biopipe_abbreviations": {}}})
    predictor = Failing(error)
    nlp.get_pipe("biopipe_abbreviations")._predictor = predictor  # type: ignore[attr-defined]
    return nlp, predictor


def test_predictors_and_spacy_give_the_same() -> None:
    direct = build({"components": {"biopipe_abbreviations": {}}})
    mixed = build({"components": {"sentencizer": {}, "biopipe_abbreviations": {}}})
    documents = _documents(TEXTS)
    found, errors = annotate(documents, direct)
    assert (found, errors) == annotate(documents, mixed)
    assert errors == []
    assert [len(document.abbreviations) for document in found] == [1, 0, 0, 2]
    assert found[0].abbreviations == (Abbreviation(23, 26, 0, 21),)


@pytest.mark.parametrize(
    "components", [{"biopipe_abbreviations": {}}, {"sentencizer": {}, "biopipe_abbreviations": {}}]
)
def test_what_is_not_annotation_is_kept_and_annotations_are_made_anew(
    components: dict[str, object],
) -> None:
    old = Document(
        "d",
        TEXTS[0],
        mentions=(Mention(0, 5, "Disease"),),
        relations=(Relation("A:1", "B:2", "Association"),),
        passages=(Passage("title", 0, 5),),
        abbreviations=(Abbreviation(0, 1, 2, 3),),
        meta={"date": "2020", "journal": "J"},
    )
    (new,), errors = annotate([old], build({"components": components}))
    assert errors == []
    assert new == replace(
        old, mentions=(), relations=(), abbreviations=(Abbreviation(23, 26, 0, 21),)
    )


def test_components_see_passages_and_meta_with_and_without_docs() -> None:
    class Reading(Predictor):
        """Says where a document comes from."""

        info = PredictorInfo(name="reading", gives=frozenset({"mentions"}))

        def predict(self, documents: Sequence[Document]) -> list[Document]:
            return [
                replace(d, mentions=(Mention(p.start, p.end, d.meta["journal"]),))
                for d in documents
                for p in d.passages
            ]

    old = Document("d", TEXTS[0], passages=(Passage("title", 0, 5),), meta={"journal": "J"})
    expected = replace(old, mentions=(Mention(0, 5, "J"),))
    for components in ({}, {"sentencizer": {}}):
        nlp = build({"components": {**components, "biopipe_abbreviations": {}}})
        nlp.get_pipe("biopipe_abbreviations")._predictor = Reading()  # type: ignore[attr-defined]
        assert annotate([old], nlp) == ([expected], [])


def test_a_document_that_fails_is_an_error_and_the_others_go_on() -> None:
    nlp, predictor = _failing(ValueError("cannot"))
    found, errors = annotate(_documents(["a", "poison", "b", "more poison"]), nlp)
    assert [document.id for document in found] == ["d0", "d2"]
    assert errors == [
        DocumentError(1, "d1", "biopipe_abbreviations", "ValueError: cannot"),
        DocumentError(3, "d3", "biopipe_abbreviations", "ValueError: cannot"),
    ]
    assert predictor.calls == 5  # the batch, then each alone


def test_a_document_that_fails_in_a_component_of_others() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("bulk_test_poison")
    found, errors = annotate(_documents(["a", "poison", "b"]), nlp)
    assert [document.id for document in found] == ["d0", "d2"]
    assert errors == [DocumentError(1, "d1", "annotate", "ZeroDivisionError: division by zero")]


def test_a_missing_model_concerns_every_document() -> None:
    nlp, _ = _failing(ModelError("The model x is not there; get it."))
    with pytest.raises(ModelError, match="The model x"):
        annotate(_documents(["a", "poison"]), nlp)


def test_an_input_error_of_a_predictor_is_one_documents() -> None:
    nlp, _ = _failing(InputError("The text is odd."))
    found, errors = annotate(_documents(["a", "poison"]), nlp)
    assert [document.id for document in found] == ["d0"]
    assert errors[0].error == "InputError: The text is odd."


def test_a_component_that_drops_documents_is_not_believed() -> None:
    nlp, predictor = _failing(ValueError())
    predictor.predict = lambda documents: [each for each in documents if "lost" not in each.text]  # type: ignore[method-assign]
    found, errors = annotate(_documents(["a", "lost", "b"]), nlp)
    assert [document.id for document in found] == ["d0", "d2"]
    assert [error.document_id for error in errors] == ["d1"]
    assert "1 documents went in and 0 came out" in errors[0].error


def test_nothing_in_nothing_out() -> None:
    assert annotate([], build({"components": {"biopipe_abbreviations": {}}})) == ([], [])


@pytest.mark.parametrize("own_zone", [False, True])
def test_strings_of_the_documents_do_not_stay_in_the_vocabulary(own_zone: bool) -> None:
    nlp = build({"components": {"sentencizer": {}, "biopipe_abbreviations": {}}})
    annotate(_documents(TEXTS), nlp)
    before = len(nlp.vocab.strings)
    texts = [f"Word{number} thing{number} (W{number}T) {TEXTS[0]}" for number in range(50)]
    with nlp.memory_zone() if own_zone else nullcontext():
        found, errors = annotate(_documents(texts), nlp)
    assert len(nlp.vocab.strings) == before
    assert [len(document.abbreviations) for document in found] == [2] * 50
    assert errors == []
    assert [document.text for document in found] == texts


def test_a_process_that_watches_over_workers_loads_no_pipeline() -> None:
    code = "import sys, biopipe.bulk, biopipe.cli.run; print(*{'spacy', 'onnxruntime'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
