from dataclasses import replace
from pathlib import Path

import spacy

from biopipe.components.document import annotate_doc, to_document
from biopipe.document import Document
from biopipe.relations.cooccurrence import CooccurrenceExtractor
from biopipe.relations.extractor import RelationExtractor


def test_finds_what_the_extractor_finds(tiny_relations: Path, linked_document: Document) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("biopipe_relations", config={"model": str(tiny_relations), "threshold": 0.0})
    empty = Document("e", "")
    documents = [linked_document, empty, replace(linked_document, mentions=())]
    expected = RelationExtractor(tiny_relations, threshold=0.0).predict(documents)
    docs = list(nlp.pipe(annotate_doc(nlp.make_doc(d.text), d) for d in documents))
    assert [to_document(doc) for doc in docs] == expected
    assert docs[0]._.relations == expected[0].relations
    assert len(expected[0].relations) > 2


def test_relations_between_entities_of_others(tiny_relations: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("biopipe_relations", config={"model": str(tiny_relations), "threshold": 0.0})
    doc = nlp.make_doc("BRCA1 and breast cancer.")
    doc.ents = [
        doc.char_span(0, 5, "Gene", "NCBIGene:672"),
        doc.char_span(10, 23, "Disease", "MESH:D001943"),
    ]
    (relation,) = nlp(doc)._.relations
    assert {relation.head, relation.tail} == {"NCBIGene:672", "MESH:D001943"}
    assert [ent.kb_id_ for ent in doc.ents] == ["NCBIGene:672", "MESH:D001943"]


def test_the_scheme_and_the_baseline_are_chosen_by_name(
    tiny_relations: Path, linked_document: Document
) -> None:
    nlp = spacy.blank("en")
    settings = {"model": str(tiny_relations), "scheme": "cid", "threshold": {"CID": 0.0}}
    nlp.add_pipe("biopipe_relations", config=settings)
    doc = nlp(annotate_doc(nlp.make_doc(linked_document.text), linked_document))
    assert {relation.label for relation in doc._.relations} == {"CID"}

    counted = spacy.blank("en")
    counted.add_pipe("biopipe_relations", config={"model": "cooccurrence", "threshold": 0.0})
    doc = counted(annotate_doc(counted.make_doc(linked_document.text), linked_document))
    expected = CooccurrenceExtractor(threshold=0.0).predict([linked_document])[0].relations
    assert doc._.relations == expected
    assert len(expected) > 2
