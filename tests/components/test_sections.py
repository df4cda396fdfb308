from pathlib import Path

import spacy
from spacy.tokens import Doc, DocBin

from biopipe.components.document import annotate_doc, to_document
from biopipe.document import Document, Mention, NoteSection
from biopipe.pipeline import build, load

NOTE = "CC: pain\nWound care: dry\nPMH: gout\n"
CONFIG = {"components": {"biopipe_sections": {}}}


def categories(doc: Doc) -> list[str]:
    return [section.category for section in doc._.sections]


def test_sections_are_on_the_doc_and_survive_storage() -> None:
    nlp = build(CONFIG)
    doc = nlp(NOTE)
    assert doc._.sections == (
        NoteSection("chief_complaint", 0, 25, 4),
        NoteSection("past_medical_history", 25, 35, 30),
    )
    assert doc[-2:]._.section == "past_medical_history"
    assert doc[:1]._.section == "chief_complaint"
    (back,) = DocBin(store_user_data=True, docs=[doc]).get_docs(nlp.vocab)
    assert back._.sections == doc._.sections
    assert spacy.blank("en")(NOTE)._.sections == ()


def test_the_same_component_behind_recognisers_sets_sections_of_mentions() -> None:
    again = {"biopipe_mention_sections": {"factory": "biopipe_sections"}}
    nlp = build({"components": {**CONFIG["components"], **again}})
    document = Document("1", NOTE, (Mention(4, 8, "Disease"), Mention(30, 34, "Disease")))
    doc = nlp(annotate_doc(nlp.make_doc(NOTE), document))
    assert [mention.section for mention in to_document(doc).mentions] == [
        "chief_complaint", "past_medical_history"
    ]  # fmt: skip


def test_a_saved_pipeline_carries_its_titles(tmp_path: Path) -> None:
    titles = tmp_path / "titles.tsv"
    titles.write_text("wound care\twound_care\n")
    nlp = build({"components": {"biopipe_sections": {"titles": [str(titles)]}}})
    expected = ["chief_complaint", "wound_care", "past_medical_history"]
    assert categories(nlp(NOTE)) == expected
    nlp.to_disk(tmp_path / "saved")
    titles.unlink()
    assert categories(load(tmp_path / "saved")(NOTE)) == expected
