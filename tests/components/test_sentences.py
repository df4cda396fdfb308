import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import DocBin

import biopipe
from biopipe.components.sentences import mark_sentences
from biopipe.document import Document
from biopipe.text.sentences import sentence_spans

TEXT = "TNF (e.g. in E. coli) binds.IL-6 does not. Fig. 1 shows it.\n\nNext part"


def test_sentences_are_those_of_the_text() -> None:
    nlp = biopipe.build({"components": {"biopipe_abbreviations": {}}})
    doc = nlp(TEXT)
    assert [sentence.text.strip() for sentence in doc.sents] == [
        TEXT[start:end] for start, end in sentence_spans(TEXT)
    ]
    (again,) = DocBin(docs=[doc]).get_docs(nlp.vocab)
    assert [sentence.text for sentence in again.sents] == [s.text for s in doc.sents]


def test_sentences_of_others_stay() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer", config={"punct_chars": [","]})
    nlp.add_pipe("biopipe_abbreviations")
    assert [sentence.text for sentence in nlp("One, two. Three, four").sents] == [
        "One,",
        "two. Three,",
        "four",
    ]


@given(st.text(alphabet="aB.!? \n\u00a0é", max_size=60))
def test_any_text_is_covered_once(text: str) -> None:
    doc = spacy.blank("en").make_doc(text)
    mark_sentences(doc, Document("", text))
    if len(doc):
        assert "".join(sentence.text_with_ws for sentence in doc.sents) == text
