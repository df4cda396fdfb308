"""The key of the mentions in `doc.spans` is one option of the whole pipeline."""

import json
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import DocBin

from biopipe.components.document import annotate_doc, to_document
from biopipe.document import Document, Mention
from biopipe.errors import ConfigError
from biopipe.pipeline import build, load

TEXT = "lung cancer of ERBB1 type"
DOCUMENT = Document("d", TEXT, (Mention(0, 11, "Disease"), Mention(5, 11, "Disease", 0.5)))
COMPONENTS: dict[str, object] = {"biopipe_abbreviations": {}, "biopipe_assertion": {}}


def annotated(nlp: Language) -> spacy.tokens.Doc:
    doc = nlp.make_doc(TEXT)
    return nlp(annotate_doc(doc, DOCUMENT))


def test_one_key_for_the_pipeline() -> None:
    nlp = build({"spans_key": "bio", "components": COMPONENTS})
    doc = annotated(nlp)
    # The Doc came with the mentions under the usual key.
    assert list(doc.spans) == ["bio"]
    assert [span.text for span in doc.spans["bio"]] == ["lung cancer", "cancer"]
    assert doc.spans["bio"].attrs["scores"] == [1.0, 0.5]
    assert [ent.text for ent in doc.ents] == ["lung cancer"]
    assert to_document(doc).mentions == DOCUMENT.mentions


@pytest.mark.parametrize("kind", ["folder", "json", "cfg", "bytes"])
def test_kept_by_a_saved_pipeline(kind: str, tmp_path: Path) -> None:
    config = {"spans_key": "bio", "components": COMPONENTS}
    nlp = build(config)
    if kind == "bytes":
        again = build(config).from_bytes(nlp.to_bytes())
    elif kind == "folder":
        nlp.to_disk(tmp_path / "saved")
        again = load(tmp_path / "saved")
    else:
        path = tmp_path / f"pipeline.{kind}"
        path.write_text(json.dumps(config) if kind == "json" else nlp.config.to_str())
        again = load(path)
    assert list(annotated(again).spans) == ["bio"]


def test_kept_by_docbin_and_annotated_again() -> None:
    nlp = build({"spans_key": "bio", "components": COMPONENTS})
    data = DocBin(store_user_data=True, docs=[annotated(nlp)]).to_bytes()
    (doc,) = DocBin(store_user_data=True).from_bytes(data).get_docs(nlp.vocab)
    assert [span.text for span in doc.spans["bio"]] == ["lung cancer", "cancer"]
    assert doc.spans["bio"][0]._.score == 1.0
    annotate_doc(doc, Document("d", TEXT, (Mention(15, 20, "Gene"),)))
    assert {key: [span.text for span in group] for key, group in doc.spans.items()} == {
        "bio": ["ERBB1"]
    }
    annotate_doc(doc, Document("d", TEXT), spans_key="other")
    assert {key: list(group) for key, group in doc.spans.items()} == {"other": []}


def test_groups_of_others_stay() -> None:
    nlp = build({"spans_key": "bio", "components": COMPONENTS})
    doc = nlp.make_doc(TEXT)
    doc.spans["biopipe"] = [doc[0:1]]
    doc = nlp(doc)
    assert [span.text for span in doc.spans["biopipe"]] == ["lung"]


def test_components_that_disagree() -> None:
    components = {**COMPONENTS, "biopipe_assertion": {"spans_key": "mine"}}
    with pytest.raises(
        ConfigError,
        match=r"'biopipe_abbreviations' writes to doc.spans\['biopipe'\] and 'biopipe_assertion' "
        r"to doc.spans\['mine'\]; give all the same spans_key",
    ):
        build({"components": components})
    own = {"biopipe_abbreviations": {"spans_key": "mine"}, "biopipe_assertion": {}}
    assert build({"spans_key": "mine", "components": own}).pipe_names == list(own)
