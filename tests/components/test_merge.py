from pathlib import Path

import pytest
import spacy

from biopipe.bulk import annotate
from biopipe.components.document import annotate_doc, to_document
from biopipe.document import Document, Mention
from biopipe.document.plain import KEY
from biopipe.errors import ConfigError
from biopipe.pipeline import build, load

TEXT = "lung cancer of ERBB1 type"
MENTIONS = (
    Mention(0, 11, "Disease", 0.9, sources=("tagger",)),
    Mention(0, 20, "Disease", 0.4, sources=("gliner",)),
    Mention(15, 20, "Protein", 0.7, sources=("gliner",)),
    Mention(15, 20, "Gene", 0.6, ("X:1",), sources=("dictionary:x",)),
)


def test_overlaps_stay_in_spans_and_ents_are_apart() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("biopipe_merge", config={"labels": {"gliner": {"Protein": "Gene"}}})
    doc = nlp(annotate_doc(nlp.make_doc(TEXT), Document("d", TEXT, MENTIONS)))
    spans = [(span.text, span.label_, span.kb_id_) for span in doc.spans[KEY]]
    assert spans == [
        ("lung cancer", "Disease", ""),
        ("lung cancer of ERBB1", "Disease", ""),
        ("ERBB1", "Gene", "X:1"),
    ]
    assert [ent.text for ent in doc.ents] == ["lung cancer of ERBB1"]
    assert ["|".join(m.sources) for m in doc._.mentions] == [
        "tagger",
        "gliner",
        "dictionary:x|gliner",
    ]


def test_a_policy_by_configuration(tmp_path: Path) -> None:
    config = {"policy": "priority", "sources": ["tagger", "dictionary"], "overlaps": "none"}
    nlp = build({"components": {"biopipe_merge": config}})
    doc = annotate_doc(nlp.make_doc(TEXT), Document("d", TEXT, MENTIONS))
    assert ["|".join(m.sources) for m in nlp(doc)._.mentions] == ["tagger", "dictionary:x"]
    nlp.to_disk(tmp_path / "saved")
    doc = annotate_doc(nlp.make_doc(TEXT), Document("d", TEXT, MENTIONS))
    assert ["|".join(m.sources) for m in load(tmp_path / "saved")(doc)._.mentions] == [
        "tagger",
        "dictionary:x",
    ]


def test_without_mentions_there_are_none() -> None:
    nlp = build({"components": {"biopipe_merge": {}}})
    assert to_document(nlp(TEXT)).mentions == ()


def test_wrong_options() -> None:
    with pytest.raises(ConfigError, match="Unknown policy 'vote'"):
        build({"components": {"biopipe_merge": {"policy": "vote"}}})


def test_tagger_and_dictionary_in_one_pipeline(
    tiny_tagger: Path, tiny_kb: Path, tmp_path: Path
) -> None:
    components = {
        "biopipe_ner": {"model": str(tiny_tagger)},
        "biopipe_dictionary": {"kb": str(tiny_kb), "overlaps": True},
        "biopipe_merge": {"policy": "priority", "sources": ["dictionary"], "overlaps": "nested"},
        "biopipe_linker": {"kb": str(tiny_kb)},
    }
    nlp = build({"components": components})
    text = "Iressa (gefitinib) in lung cancers with ERBB1. " * 3
    doc = nlp(text)
    named = [m for m in doc._.mentions if m.dictionary]
    assert [text[m.start : m.end] for m in named] == [
        "Iressa",
        "gefitinib",
        "lung cancers",
        "ERBB1",
    ] * 3
    assert {"|".join(m.sources) for m in doc._.mentions} >= {"tiny-tagger", "dictionary:tiny"}
    (document,), errors = annotate([Document("", text)], nlp)
    assert (document, errors) == (to_document(doc), [])
    nlp.to_disk(tmp_path / "saved")
    assert to_document(load(tmp_path / "saved")(text)) == document
