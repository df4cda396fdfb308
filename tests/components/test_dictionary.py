import json
from pathlib import Path

import pytest
import spacy
from confection import ConfigValidationError
from spacy.language import Language

from biopipe.bulk import annotate
from biopipe.components.dictionary import DictionaryComponent
from biopipe.components.document import to_document
from biopipe.document import Document, Mention
from biopipe.document.plain import KEY
from biopipe.errors import ConfigError
from biopipe.ner.dictionary import Dictionary as DictionaryPredictor
from biopipe.pipeline import build, load, predictors

TEXT = "Iressa (gefitinib) in lung cancers with ERBB1."
FOUND = [
    ("Iressa", "MESH:D000077156"),
    ("gefitinib", "MESH:D000077156"),
    ("lung cancers", "MESH:D008175"),
    ("ERBB1", "NCBIGene:1956"),
]


@pytest.fixture
def nlp(tiny_kb: Path) -> Language:
    return build({"components": {"biopipe_dictionary": {"kb": str(tiny_kb)}, "biopipe_merge": {}}})


def test_finds_what_the_predictor_finds(nlp: Language, tiny_kb: Path) -> None:
    doc = nlp(TEXT)
    assert [(ent.text, ent.kb_id_) for ent in doc.ents] == FOUND
    assert to_document(doc) == DictionaryPredictor(tiny_kb).predict([Document("", TEXT)])[0]
    assert [concept_id for concept_id, _ in doc.ents[0]._.kb_ents] == ["MESH:D000077156"]
    assert nlp("nothing").user_data[KEY]["mentions"] == []


def test_options_reach_the_predictor(tiny_kb: Path) -> None:
    options = {
        "kb": str(tiny_kb),
        "labels": {"Disease": "Problem"},
        "overlaps": True,
        "shortest": 2,
    }
    nlp = build({"components": {"mine": {"factory": "biopipe_dictionary", **options}}})
    pipe = nlp.get_pipe("mine")
    assert isinstance(pipe, DictionaryComponent)
    assert pipe.config.items() >= options.items()
    assert [(ent.text, ent.label_) for ent in nlp(TEXT).ents] == [("lung cancers", "Problem")]


def test_saved_and_opened_again(nlp: Language, tiny_kb: Path, tmp_path: Path) -> None:
    nlp.to_disk(tmp_path / "saved")
    again = load(tmp_path / "saved")
    assert to_document(again(TEXT)) == to_document(nlp(TEXT))
    uses = json.loads((tmp_path / "saved" / "biopipe_dictionary" / "cfg").read_text())["uses"]
    assert uses["kb"]["name"] == "tiny"


def test_the_tables_say_which_base_named_a_mention(nlp: Language) -> None:
    from biopipe.bulk.tables import document_tables

    assert predictors(nlp) is not None
    (document,), errors = annotate([Document("d", TEXT)], nlp)
    assert not errors
    rows = document_tables([document], {"": "another"})["mentions"].to_pylist()
    assert [(row["text"], row["concept_id"]) for row in rows] == FOUND
    assert {row["knowledge_base"] for row in rows} == {"tiny"}
    assert {row["source"] for row in rows} == {"dictionary:tiny"}


def test_the_linker_leaves_what_the_dictionary_named(tiny_kb: Path, tmp_path: Path) -> None:
    from biopipe.kb.build.compile import compile_kb
    from biopipe.kb.schema import Concept

    concepts = [
        Concept("OTHER:1", "ERBB1", types=("Gene",)),
        Concept("OTHER:2", "EGFR", types=("Gene",)),
    ]
    other = compile_kb(concepts, tmp_path / "kb", name="other", version="1", licence="", sources={})
    nlp = build(
        {
            "components": {
                "biopipe_dictionary": {"kb": str(tiny_kb), "labels": {"Gene": "Gene"}},
                "biopipe_linker": {"kb": str(other)},
            }
        }
    )
    found = [
        Mention(13, 17, "Gene", sources=("tagger",)),
        Mention(0, 5, "Gene", 0.9, sources=("tagger",)),
    ]
    chain = predictors(nlp)
    assert chain is not None
    documents = [Document("d", "ERBB1, or is EGFR", tuple(found))]
    for predictor in chain:
        documents = predictor.predict(documents)
    first, second = documents[0].mentions
    assert (first.sources, first.concept_ids) == (("dictionary:tiny", "tagger"), ("NCBIGene:1956",))
    assert second.concept_ids == ("NCBIGene:1956",)
    without = [Document("d", "ERBB1, or is EGFR", tuple(found))]
    assert [m.concept_ids for m in chain[1].predict(without)[0].mentions] == [
        ("OTHER:2",),
        ("OTHER:1",),
    ]


def test_wrong_options(tiny_kb: Path) -> None:
    with pytest.raises(ConfigError, match="Unknown option 'case'"):
        build({"components": {"biopipe_dictionary": {"case": "any"}}})
    with pytest.raises(ConfigValidationError, match="shortest"):
        spacy.blank("en").add_pipe("biopipe_dictionary", config={"shortest": "three"})
