from pathlib import Path

import pytest
import spacy
from spacy.tokens import DocBin

from biopipe.assertion.classifier import AssertionClassifier
from biopipe.bulk.tables import document_tables
from biopipe.components.document import annotate_doc, to_document
from biopipe.document import Document, Mention, Relation
from biopipe.errors import ConfigError
from biopipe.pipeline import build, describe, load

TEXT = "No fever was seen. Aspirin was not associated with ulcers."
DOCUMENT = Document(
    "d",
    TEXT,
    (
        Mention(3, 8, "Disease"),
        Mention(19, 26, "Chemical", concept_ids=("MESH:D001241",)),
        Mention(51, 57, "Disease", concept_ids=("MESH:D014456",)),
    ),
    (Relation("MESH:D001241", "MESH:D014456", "Association", 0.5, evidence=((19, 58),)),),
)


def pipeline(**options: object) -> spacy.language.Language:
    return build({"components": {"biopipe_assertion": options}})


def test_finds_what_the_classifier_finds_and_reaches_doc_and_tables() -> None:
    nlp = pipeline()
    (doc,) = nlp.pipe([annotate_doc(nlp.make_doc(TEXT), DOCUMENT)])
    (expected,) = AssertionClassifier().predict([DOCUMENT])
    assert to_document(doc) == expected
    assert [sorted(mention.assertion) for mention in doc._.mentions] == [["negated"], [], []]
    assert [sorted(relation.assertion) for relation in doc._.relations] == [["negated"]]
    tables = document_tables([to_document(doc)], {})
    assert tables["mentions"]["assertion"].to_pylist() == [["negated"], [], []]
    assert tables["relations"]["assertion"].to_pylist() == [["negated"]]
    (again,) = DocBin(docs=[doc], store_user_data=True).get_docs(nlp.vocab)
    assert to_document(again) == expected


def test_entities_of_others() -> None:
    nlp = pipeline()
    doc = nlp.make_doc(TEXT)
    doc.ents = [doc.char_span(3, 8, "Disease")]
    assert [sorted(mention.assertion) for mention in nlp(doc)._.mentions] == [["negated"]]


def test_a_saved_pipeline_works_without_the_users_file(tmp_path: Path) -> None:
    mine = tmp_path / "mine.tsv"
    mine.write_text("term\tcategory\tdirection\tscope\nnullo\tnegated\tforward\n")
    nlp = pipeline(triggers=str(mine))
    nlp.to_disk(tmp_path / "saved")
    mine.unlink()
    again = load(tmp_path / "saved")
    document = Document("d", "nullo fever", (Mention(6, 11, "Disease"),))
    doc = again(annotate_doc(again.make_doc(document.text), document))
    assert sorted(doc._.mentions[0].assertion) == ["negated"]
    assert describe(again)["components"][0]["uses"] == describe(nlp)["components"][0]["uses"]


def test_without_a_copy_other_triggers_are_refused(tmp_path: Path) -> None:
    mine = tmp_path / "mine.tsv"
    mine.write_text("term\tcategory\tdirection\tscope\nnullo\tnegated\tforward\n")
    pipe = pipeline(triggers=[str(mine)]).get_pipe("biopipe_assertion")
    pipe.to_disk(tmp_path / "saved", exclude=["model"])
    assert not (tmp_path / "saved" / "model").exists()
    mine.write_text("term\tcategory\tdirection\tscope\nnullo\tpossible\tforward\n")
    with pytest.raises(ConfigError, match=r"saved with the model 'assertion triggers \(en\)'"):
        _ = pipe.from_disk(tmp_path / "saved").predictor


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"language": "xx"}, "for the language 'xx'; there are: en, es"),
        ({"triggers": "none.tsv"}, "Cannot read the assertion triggers none.tsv"),
        ({"extend": False}, "there must be a file of triggers"),
        (
            {"trigger": "x"},
            "Unknown option 'trigger' of biopipe_assertion .*: extend, language, spans_key, trig",
        ),
    ],
)
def test_wrong_options_are_told_at_once(options: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        pipeline(**options)
