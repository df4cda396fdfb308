import pickle
from pathlib import Path

import pytest
import spacy
from confection import ConfigValidationError
from spacy.language import Language

from biopipe.bulk.annotate import annotate
from biopipe.components.document import to_document
from biopipe.components.gliner import GlinerComponent
from biopipe.document import Document
from biopipe.document.plain import KEY
from biopipe.errors import ConfigError
from biopipe.ner.gliner import Gliner as Predicts

MODEL = Path(__file__).parents[1] / "data" / "gliner" / "uni"
LABELS = {"Gene": "gene or protein", "Disease": "disease", "Chemical": "drug"}
TEXT = (
    "Aspirin in patients with breast cancer: the BRCA1 gene (HeLa_2), "
    "\U0001f469\u200d\U0001f52c e\u0301tude."
)


def pipeline(**options: object) -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("biopipe_gliner", config={"model": str(MODEL), "labels": LABELS, **options})
    return nlp


def test_finds_what_the_predictor_finds() -> None:
    nlp = pipeline()
    texts = [TEXT, "", "  \n ", TEXT * 20]
    expected = Predicts(MODEL, labels=LABELS).predict([Document("", text) for text in texts])
    docs = list(nlp.pipe(texts))
    assert [to_document(doc) for doc in docs] == expected
    assert len(docs[0].spans[KEY]) == len(expected[0].mentions) > 0


def test_nested_mentions_stay_in_the_spans() -> None:
    nested, flat = (pipeline(flat=flat)(TEXT) for flat in (False, True))
    assert len(nested.spans[KEY]) > len(nested.ents) > 0
    assert len(flat.spans[KEY]) < len(nested.spans[KEY])


def test_in_bulk() -> None:
    documents = [Document(str(number), text) for number, text in enumerate([TEXT, "", TEXT * 9])]
    done, errors = annotate(documents, pipeline())
    assert done == Predicts(MODEL, labels=LABELS).predict(documents)
    assert errors == []


def test_options_reach_the_predictor() -> None:
    nlp = pipeline(labels=["drug", "disease"], threshold={"disease": 1}, threads=1)
    pipe = nlp.get_pipe("biopipe_gliner")
    assert isinstance(pipe, GlinerComponent)
    doc = nlp(TEXT)
    assert {span.label_ for span in doc.spans[KEY]} == {"drug"}
    assert pipe.labels == ("drug", "disease")


def test_saved_and_read_again(tmp_path: Path) -> None:
    nlp = pipeline()
    nlp.to_disk(tmp_path / "saved")
    assert to_document(spacy.load(tmp_path / "saved")(TEXT)) == to_document(nlp(TEXT))
    other = pipeline(model=str(MODEL.with_name("bi"))).get_pipe("biopipe_gliner")
    assert isinstance(other, GlinerComponent)
    other.from_bytes(nlp.get_pipe("biopipe_gliner").to_bytes())
    with pytest.raises(ConfigError, match="was saved with the model 'tiny-gliner-uni'"):
        other(nlp.make_doc(TEXT))


def test_pickles() -> None:
    nlp = pipeline(threads=1)
    expected = to_document(nlp(TEXT))
    again = pickle.loads(pickle.dumps(nlp.get_pipe("biopipe_gliner")))
    assert to_document(again(nlp.make_doc(TEXT))) == expected


def test_wrong_options() -> None:
    with pytest.raises(ConfigValidationError, match="labels"):
        pipeline(labels="drug")
    nlp = spacy.blank("en")
    nlp.add_pipe("biopipe_gliner")
    with pytest.raises(ConfigError, match="has no 'model'"):
        nlp(TEXT)
