"""DocBin files of biopipe and of spaCy itself."""

from pathlib import Path

import pytest
import spacy
from spacy.tokens import Doc, DocBin, Span

from biopipe.components.docbin import all_formats
from biopipe.document import Candidate, Document, Mention, Relation
from biopipe.errors import InputError
from biopipe.io import RowError
from biopipe.io.formats import read, write

FORMATS = all_formats()


def read_all(path: Path) -> tuple[list[Document], list[RowError]]:
    errors: list[RowError] = []
    return list(read(path, on_error=errors.append, formats=FORMATS)), errors


def test_everything_comes_back_and_spacy_trains_on_it(tmp_path: Path) -> None:
    candidates = (Candidate("MESH:D1", "lithium", 0.5),)
    mentions = (
        Mention(3, 10, "Chemical", 0.5, ("MESH:D1",), candidates, frozenset({"negated"}), ("m",)),
        Mention(3, 16, "Event"),
        Mention(11, 14, "Gene", long_form="x"),
    )
    relations = (
        Relation("MESH:D1", "NIL:Gene/tsh", "r", 0.5, evidence=((0, 16),), subject="MESH:D1"),
    )
    document = Document("1", "🧬\r\nlithium TSH-x", mentions, relations, meta={"date": "2020"})
    written = write([document, Document("2", "")], tmp_path / "a.spacy", formats=FORMATS)
    assert (written.documents, bool(written.losses)) == (2, False)
    assert read_all(tmp_path / "a.spacy") == ([document, Document("2", "")], [])
    doc, _ = DocBin().from_disk(tmp_path / "a.spacy").get_docs(spacy.blank("en").vocab)
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("lithium TSH-x", "Event")]
    assert len(doc.spans["biopipe"]) == 3


def test_docs_of_other_programs(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    with_ents, with_spans = nlp.make_doc("lithium raises TSH"), nlp.make_doc("β TSH")
    with_ents.ents = [Span(with_ents, 0, 1, "DRUG", kb_id="D008094")]
    with_spans.spans["sc"] = [Span(with_spans, 0, 2, "X"), Span(with_spans, 1, 2, "Y")]
    DocBin(docs=[with_ents, with_spans]).to_disk(tmp_path / "train.spacy")
    documents, errors = read_all(tmp_path / "train.spacy")
    assert errors == []
    assert [d.id for d in documents] == ["train-1", "train-2"]
    assert documents[0].mentions == (
        Mention(0, 7, "DRUG", concept_ids=("D008094",), sources=("doc.ents",)),
    )
    assert [(m.start, m.end, m.label) for m in documents[1].mentions] == [(0, 5, "X"), (2, 5, "Y")]


def test_mentions_of_no_characters_are_left_out_and_counted(tmp_path: Path) -> None:
    document = Document("1", "x", (Mention(0, 0, "Gene"),))
    written = write([document], tmp_path / "a.spacy", formats=FORMATS)
    assert written.losses.counts == {"mentions of no words": 1}
    assert read_all(tmp_path / "a.spacy")[0] == [Document("1", "x")]


@pytest.mark.parametrize("content", [b"", b"\x00\xff" * 500, b"{}"])
def test_what_is_no_docbin_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.spacy").write_bytes(content)
    documents, errors = read_all(tmp_path / "a.spacy")
    assert documents == []
    assert [error.error.partition(" (")[0] for error in errors] == [
        "the file is no DocBin of spaCy"
    ]
    with pytest.raises(InputError, match=r"a\.spacy, record 0: the file is no DocBin"):
        list(read(tmp_path / "a.spacy", formats=FORMATS))
    with pytest.raises(InputError, match="does not exist"):
        read_all(tmp_path / "b.spacy")


def test_a_doc_that_biopipe_annotated_without_an_id_gets_one(tmp_path: Path) -> None:
    doc: Doc = spacy.blank("en").make_doc("x")
    doc.user_data["biopipe"] = {"format": 2, "mentions": []}
    DocBin(docs=[doc], store_user_data=True).to_disk(tmp_path / "a.spacy")
    assert read_all(tmp_path / "a.spacy") == ([Document("a-1", "x")], [])
