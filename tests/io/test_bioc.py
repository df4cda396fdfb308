import json
from pathlib import Path
from typing import Any

from biopipe.document import Document, Mention, Passage, Relation
from biopipe.io import RowError
from biopipe.io.bioc import document_from_bioc, read

XML = """<?xml version="1.0"?><!DOCTYPE collection SYSTEM "BioC.dtd">
<collection><source>PubTator</source><date/><key/>
<document><id>11</id><infon key="journal">J Test</infon><infon key="year">2019</infon>
<passage><infon key="type">title</infon><offset>0</offset><text>SLC5A5 in goitre.</text>
<annotation id="2"><infon key="identifier">6528</infon><infon key="type">Gene</infon>
<location offset="0" length="6"/><text>SLC5A5</text></annotation></passage>
<passage><infon key="type">abstract</infon><offset>18</offset><text>A  patient.</text>
<annotation id="3"><infon key="type">Species</infon><infon key="NCBI Gene">-</infon>
<location offset="21" length="7"/><text>patient</text></annotation>
<annotation id="4"><infon key="type">Disease</infon><infon key="MESH">D006042</infon>
<location offset="18" length="1"/><location offset="21" length="7"/>
<text>A patient</text></annotation></passage>
<relation id="R1"><infon key="type">Association</infon><infon key="novel">Novel</infon>
<infon key="entity1">6528</infon><infon key="entity2">D006042</infon></relation>
<relation id="R2"><infon key="type">Bind</infon>
<node refid="2" role="a"/><node refid="4" role="b"/></relation>
</document>
<document><id>12</id><passage><offset>0</offset><text>Second.</text></passage></document>
</collection>"""


def refuse(document_id: str, error: str) -> None:
    raise AssertionError(error)


def complaints(record: Any) -> tuple[Document, list[str]]:
    told: list[str] = []
    return document_from_bioc(record, lambda _, error: told.append(error)), told


def test_xml(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(XML)
    first, second = read(path)
    assert first == Document(
        "11",
        "SLC5A5 in goitre. A  patient.",
        (
            Mention(0, 6, "Gene", concept_ids=("NCBIGene:6528",)),
            Mention(21, 28, "Species"),
            Mention(18, 28, "Disease", concept_ids=("MESH:D006042",)),
        ),
        (
            Relation("NCBIGene:6528", "MESH:D006042", "Association", novel=True),
            Relation("NCBIGene:6528", "MESH:D006042", "Bind"),
        ),
        (Passage("title", 0, 17), Passage("abstract", 18, 29)),
        meta={"journal": "J Test", "date": "2019"},
    )
    assert second == Document("12", "Second.", passages=(Passage("passage", 0, 7),))


def annotation(offset: int, text: str, **infons: str) -> dict[str, Any]:
    locations = [{"offset": offset, "length": len(text)}]
    return {"id": "a", "infons": {"type": "Gene"} | infons, "text": text, "locations": locations}


def test_passages_that_start_anywhere_are_set_side_by_side() -> None:
    record = {
        "id": 7,
        "passages": [
            {"offset": 100, "text": "one", "annotations": [annotation(100, "one")]},
            {"offset": 500, "text": "", "annotations": []},
            {"offset": 900, "text": "two x", "annotations": [annotation(904, "x")]},
            {"offset": 0, "text": "three", "annotations": [annotation(0, "three")]},
        ],
    }
    document = document_from_bioc(record, refuse)
    assert (document.id, document.text) == ("7", "one two x three")
    assert [document.text[m.start : m.end] for m in document.mentions] == ["one", "x", "three"]
    assert [document.text[p.start : p.end] for p in document.passages] == ["one", "two x", "three"]


def test_a_gap_of_two_is_kept() -> None:
    record = {"id": "1", "passages": [{"offset": 0, "text": "a"}, {"offset": 3, "text": "b"}]}
    assert document_from_bioc(record, refuse).text == "a  b"


def test_sentences_stand_in_for_the_text_of_a_passage() -> None:
    sentences = [
        {"offset": 10, "text": "Aspirin.", "annotations": [annotation(10, "Aspirin")]},
        {"offset": 19, "text": "It helps.", "annotations": []},
    ]
    passage = {"offset": 10, "infons": {"section_type": "ABSTRACT"}, "sentences": sentences}
    document = document_from_bioc(
        {"id": "1", "passages": [passage | {"annotations": [annotation(22, "helps")]}]}, refuse
    )
    assert document.text == "Aspirin. It helps."
    assert sorted(document.text[m.start : m.end] for m in document.mentions) == ["Aspirin", "helps"]
    assert document.passages == (Passage("abstract", 0, 18),)


def test_relations_as_pubtator_writes_them() -> None:
    ends = {"role1": {"identifier": "MESH:D1"}, "role2": "Disease|MESH:D000002"}
    relation = {"id": "R1", "infons": {"type": "Treat", "score": "0.5"} | ends, "nodes": []}
    record = {"id": "1", "passages": [{"offset": 0, "text": "x"}], "relations": [relation]}
    assert document_from_bioc(record, refuse).relations == (
        Relation("MESH:D1", "MESH:D000002", "Treat", 0.5),
    )


def test_what_does_not_fit_is_told_and_the_rest_is_read() -> None:
    relation = {"id": "R1", "infons": {"type": "Bind"}, "nodes": [{"refid": "b"}, {"refid": "c"}]}
    passage = {
        "offset": 0,
        "text": "aspirin",
        "annotations": [
            annotation(0, "wrong"),
            {"id": "b", "locations": [{}]},
            annotation(0, "aspirin"),
        ],
    }
    document, told = complaints({"id": "1", "passages": [passage], "relations": [relation]})
    assert document.mentions == (Mention(0, 7, "Gene"),)
    assert told == [
        "annotation a is left out (the mention 'wrong' is not the text at 0:5, 'aspir')",
        "annotation b is left out (it has no 'offset')",
        "relation R1 is left out (its node 'b' is not an annotation with a concept id)",
    ]


def test_a_bad_document_is_an_error_row(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    passages = [
        "<passage><offset>0</offset><text>x</text></passage>",
        "<passage><offset>no</offset></passage>",
    ]
    bodies = [passages[0], f"<id>2</id>{passages[1]}", f"<id>3</id>{passages[0]}", "<id>4</id>"]
    path.write_text(
        "<collection>"
        + "".join(f"<document>{body}</document>" for body in bodies)
        + "</collection>"
    )
    errors: list[RowError] = []
    assert [(d.id, d.text) for d in read(path, on_error=errors.append)] == [("3", "x"), ("4", "")]
    assert [(e.row, e.document_id, e.error[:40]) for e in errors] == [
        (0, "", "the id is null"),
        (1, "2", "the document is not as BioC describes it"),
    ]


def test_json_of_the_same_content_gives_the_same_document() -> None:
    record = json.loads(
        '{"id": "12", "infons": {}, "passages": [{"offset": 0, "infons": {}, "text": "Second.",'
        ' "sentences": [], "annotations": [], "relations": []}], "annotations": [], "relations": []}'
    )
    assert document_from_bioc(record, refuse) == Document(
        "12", "Second.", passages=(Passage("passage", 0, 7),)
    )
