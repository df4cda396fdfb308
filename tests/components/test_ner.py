import json
from dataclasses import replace
from pathlib import Path

import pytest
import spacy
from confection import ConfigValidationError

from biopipe.components.document import to_document
from biopipe.components.ner import NerComponent
from biopipe.document import Document
from biopipe.document.plain import KEY
from biopipe.errors import ConfigError, ModelError
from biopipe.evaluate.mention_scores import score_ner
from biopipe.evaluate.thresholds import propose_thresholds
from biopipe.ner.tagger import Tagger
from biopipe.pipeline import build, load

TEXT = (
    "Aspirin in patients with breast cancer: the BRCA1 gene, c.68_69delAG (HeLa), "
    "👩\u200d🔬 e\u0301tude."
)


def test_finds_what_the_tagger_finds(tiny_tagger: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("biopipe_ner", config={"model": str(tiny_tagger)})
    texts = [TEXT, "", "  \n ", TEXT * 40]
    expected = Tagger(tiny_tagger).predict([Document("", text) for text in texts])
    docs = list(nlp.pipe(texts))
    assert [to_document(doc) for doc in docs] == expected
    assert len(docs[0].spans[KEY]) == len(expected[0].mentions) > 0
    assert docs[1].user_data[KEY]["mentions"] == []


def test_options_reach_the_tagger(tiny_tagger: Path) -> None:
    nlp = spacy.blank("en")
    config = {"model": str(tiny_tagger), "threshold": {"Gene": 1}, "agreement": 0.5, "threads": 1}
    pipe = nlp.add_pipe("biopipe_ner", config=config)
    assert isinstance(pipe, NerComponent)
    others = {
        "spans_key": "biopipe",
        "short_forms": None,
        "guideline": "",
        "kb": None,
        "lines": False,
        "device": "cpu",
    }
    assert pipe.config == {**config, **others}
    assert pipe.predictor.agreement == 0.5
    assert "Gene" not in {ent.label_ for ent in nlp(TEXT).ents}
    assert pipe.labels == Tagger(tiny_tagger).labels


def test_entities_set_before_stay(tiny_tagger: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "PLACE", "pattern": "breast cancer"}])
    nlp.add_pipe("biopipe_ner", config={"model": str(tiny_tagger)})
    doc = nlp(TEXT)
    assert ("breast cancer", "PLACE") in [(ent.text, ent.label_) for ent in doc.ents]
    assert "PLACE" not in {span.label_ for span in doc.spans[KEY]}


def test_wrong_options() -> None:
    nlp = spacy.blank("en")
    with pytest.raises(ConfigValidationError, match="threshold"):
        nlp.add_pipe("biopipe_ner", config={"threshold": "high"})
    nlp.add_pipe("biopipe_ner", config={"model": "no-such-model"})
    with pytest.raises(ModelError, match="There is no model 'no-such-model'"):
        nlp(TEXT)


def test_a_base_for_all_components_is_left_aside_by_a_tagger_that_is_told_no_names(
    tiny_tagger: Path, tmp_path: Path
) -> None:
    config = {"kb": str(tmp_path), "components": {"biopipe_ner": {"model": str(tiny_tagger)}}}
    assert len(build(config).get_pipe("biopipe_ner").predictor.resources()) == 1
    config["components"]["biopipe_ner"]["kb"] = [str(tmp_path)]
    with pytest.raises(ConfigError, match="is told no names of knowledge bases"):
        build(config).get_pipe("biopipe_ner").predictor.resources()


def test_unknown_label(tiny_tagger: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("biopipe_ner", config={"model": str(tiny_tagger), "threshold": {"Drug": 0.5}})
    with pytest.raises(ConfigError, match="Unknown label 'Drug'"):
        nlp(TEXT)


def test_thresholds_proposed_on_a_gold_serve_in_a_configuration(
    tiny_tagger: Path, tmp_path: Path
) -> None:
    texts = [TEXT.replace("Aspirin", f"Aspirin {i}") for i in range(8)]
    found = predict(texts, tmp_path / "plain.json", {"model": str(tiny_tagger)})
    gold = [replace(document, mentions=document.mentions[::2]) for document in found]
    proposed = propose_thresholds(gold, found)
    thresholds = {label: row["threshold"] for label, row in proposed.items()}
    assert any(thresholds.values())
    kept = predict(
        texts, tmp_path / "cut.json", {"model": str(tiny_tagger), "threshold": thresholds}
    )
    scores = score_ner(gold, kept)["types"]
    assert {label: scores[label]["f1"] for label in proposed} == pytest.approx(
        {label: row["f1"] for label, row in proposed.items()}
    )


def predict(texts: list[str], path: Path, options: dict[str, object]) -> list[Document]:
    """What a pipeline of NER alone finds that is saved, loaded by its configuration and run."""
    path.write_text(json.dumps({"components": {"biopipe_ner": options}}))
    nlp = load(path)
    nlp.to_disk(path.with_suffix(""))
    docs = load(path.with_suffix("")).pipe(texts)
    return [replace(to_document(doc), id=str(number)) for number, doc in enumerate(docs)]
