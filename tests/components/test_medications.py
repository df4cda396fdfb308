import pytest
import spacy
from spacy.language import Language
from spacy.tokens import DocBin

from biopipe.components.document import to_document
from biopipe.document import Document
from biopipe.pipeline import build, predictors

TEXT = "Medications:\nmetoprolol succ 25 mg PO BID\nVitals: BP 128/72\nHPI: seen 2019-03-04.\n"


@pytest.fixture(scope="module")
def nlp() -> Language:
    return build(
        {
            "components": {
                "biopipe_sections": None,
                "biopipe_measurements": None,
                "biopipe_medications": {"kb": ""},
                "biopipe_dates": {"order": "DMY"},
            }
        }
    )


def test_the_doc_holds_what_the_predictors_find(nlp: Language) -> None:
    doc = nlp(TEXT)
    (medication,) = doc._.medications
    assert (medication.name, medication.times_a_day) == ("metoprolol succ", 2)
    assert [m.amount for m in doc._.measurements] == [128, 72]
    assert [time.value for time in doc._.times] == ["2019-03-04"]
    documents = [Document("", TEXT)]
    for predictor in predictors(nlp) or []:
        documents = predictor.predict(documents)
    assert to_document(doc) == documents[0]


def test_drugs_that_no_recogniser_found_are_entities(nlp: Language) -> None:
    doc = nlp(TEXT)
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("metoprolol succ", "Chemical")]
    assert doc._.mentions[0].sources == ("medications",)


def test_a_doc_bin_keeps_all(nlp: Language) -> None:
    doc = nlp(TEXT)
    stored = DocBin(docs=[doc], store_user_data=True).to_bytes()
    (again,) = DocBin().from_bytes(stored).get_docs(spacy.blank("en").vocab)
    for name in ("medications", "measurements", "times"):
        assert getattr(again._, name) == getattr(doc._, name)


def test_a_saved_pipeline_finds_the_same(nlp: Language, tmp_path: object) -> None:
    nlp.to_disk(f"{tmp_path}/nlp")
    again = spacy.load(f"{tmp_path}/nlp")
    assert to_document(again(TEXT)) == to_document(nlp(TEXT))
    assert again.get_pipe("biopipe_dates").config["order"] == "DMY"
