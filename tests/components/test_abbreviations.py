import spacy

from biopipe.components.document import to_document
from biopipe.document import Document
from biopipe.text.abbreviations import AbbreviationFinder

TEXT = "Heart failure (HF) and chronic obstructive pulmonary disease (COPD). HF is common."


def test_finds_what_the_finder_finds() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("biopipe_abbreviations")
    (expected,) = AbbreviationFinder().predict([Document("", TEXT)])
    assert to_document(nlp(TEXT)) == expected
    assert [TEXT[a.start : a.end] for a in expected.abbreviations] == ["HF", "COPD"]


def test_leaves_entities_alone_and_for_the_linker() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "Disease", "pattern": "HF", "id": "x"}])
    nlp.add_pipe("biopipe_abbreviations")
    doc = nlp(TEXT)
    assert [(ent.text, ent.ent_id_) for ent in doc.ents] == [("HF", "x"), ("HF", "x")]
    assert doc._.mentions == ()
    assert "mentions" not in doc.user_data["biopipe"]
