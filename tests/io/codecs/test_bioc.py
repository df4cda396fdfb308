import json
from pathlib import Path
from typing import Any

import pytest

from biopipe.document import Document, Mention, Passage, Relation
from biopipe.io import RowError
from biopipe.io.codecs.bioc import document_from_bioc, read

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


@pytest.mark.parametrize("subject", ["MESH:D000002", {"identifier": "D000002"}, "Disease|D000002"])
def test_an_infon_says_which_end_acts(subject: object) -> None:
    infons = {"type": "Treat", "role1": "MESH:D1", "role2": "MESH:D000002", "subject": subject}
    record = {
        "id": "1",
        "passages": [{"offset": 0, "text": "x"}],
        "relations": [{"id": "R1", "infons": infons, "nodes": []}],
    }
    assert [r.subject for r in document_from_bioc(record, refuse).relations] == ["MESH:D000002"]


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
        "annotation a is left out (the mention of 5 characters is not the text at 0:5)",
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
    documents = [(d.id, d.text) for d in read(path, on_error=errors.append)]
    assert documents == [("2", ""), ("3", "x"), ("4", "")]
    assert [(e.row, e.document_id, e.error) for e in errors] == [
        (0, "", "the id is null"),
        (
            1,
            "2",
            "the offset of passage 0 is text, not a whole number; it is taken to follow the one "
            "before",
        ),
    ]


def bioc_record() -> dict[str, Any]:
    """A document of two passages, with an annotation in the second and a relation."""
    annotation = {
        "id": "1",
        "infons": {"type": "Chemical", "identifier": "MESH:D001241"},
        "text": "Aspirin",
        "locations": [{"offset": 7, "length": 7}],
    }
    return {
        "id": "1",
        "infons": {"date": "2020"},
        "passages": [
            {"offset": 0, "infons": {"type": "title"}, "text": "Title."},
            {"offset": 7, "infons": {}, "text": "Aspirin.", "annotations": [annotation]},
        ],
        "relations": [{"infons": {"type": "x", "entity1": "MESH:D1", "entity2": "MESH:D2"}}],
    }


@pytest.mark.parametrize("odd", [5, True, "x", 0.5, {"a": 1}, [1], [None], float("inf")])
@pytest.mark.parametrize("where", ["infons", "annotations", "relations"])
def test_an_optional_part_of_another_shape_costs_that_part(where: str, odd: object) -> None:
    record = bioc_record()
    (record["passages"][1] if where != "relations" else record)[where] = odd
    told: list[str] = []
    document = document_from_bioc(record, lambda _, error: told.append(error))
    assert document.text == "Title. Aspirin."
    assert document.meta == {"date": "2020"}
    assert len(document.mentions) == (where != "annotations")
    assert len(document.relations) == (where != "relations")
    assert told or (where, odd) == ("infons", {"a": 1})


@pytest.mark.parametrize("odd", [float("inf"), float("nan"), True, None, "Infinity", 10**400, "²"])
def test_an_odd_offset_of_a_passage_or_an_annotation(odd: object) -> None:
    told: list[str] = []
    record = bioc_record()
    record["passages"][1]["offset"] = odd
    document = document_from_bioc(record, lambda _, error: told.append(error))
    assert document.text == "Title. Aspirin."
    # Where nothing else is known the passage begins where the one before it ends.
    assert len(document.mentions) == (odd != 10**400)
    assert told
    record = bioc_record()
    record["passages"][1]["annotations"][0]["locations"][0]["length"] = odd
    told.clear()
    document = document_from_bioc(record, lambda _, error: told.append(error))
    assert document.text == "Title. Aspirin."
    # A length that is a number and not the word's is told, and the words say where they are.
    placed = isinstance(odd, int)
    assert [(m.start, m.end) for m in document.mentions] == ([(7, 14)] if placed else [])
    assert len(told) == 1


def test_json_of_the_same_content_gives_the_same_document() -> None:
    record = json.loads(
        '{"id": "12", "infons": {}, "passages": [{"offset": 0, "infons": {}, "text": "Second.",'
        ' "sentences": [], "annotations": [], "relations": []}], "annotations": [], "relations": []}'
    )
    assert document_from_bioc(record, refuse) == Document(
        "12", "Second.", passages=(Passage("passage", 0, 7),)
    )


@pytest.mark.parametrize(
    ("infons", "label", "ids"),
    [
        ({"cui": "D008012"}, "Disease", ("MESH:D008012",)),
        ({"cui": "C0006142"}, "Disease", ("UMLS:C0006142",)),
        ({"UMLS CUI": "C0006142"}, "Disease", ("UMLS:C0006142",)),
        ({"mesh_term_id": "D008012"}, "Disease", ("MESH:D008012",)),
        ({"mesh term": "Liver"}, "Disease", ()),
        ({"Uniprot accession": "P51587; Q9Y4X5"}, "Gene", ("UniProt:P51587", "UniProt:Q9Y4X5")),
        ({"RxNorm": "161"}, "Chemical", ("RXNORM:161",)),
        ({"MESH": "D008012"}, "Disease", ("MESH:D008012",)),
        ({"NCBI Gene": "672"}, "Gene", ("NCBIGene:672",)),
        ({"Entrez_Gene_ID": 672}, "Protein", ("NCBIGene:672",)),
        ({"entrez": "672,675"}, "Protein", ("NCBIGene:672", "NCBIGene:675")),
        ({"NCBI Taxonomy": "9606"}, "Organism", ("NCBITaxon:9606",)),
        ({"identifier": "672", "database": "ncbi_gene"}, "Gene", ("NCBIGene:672",)),
        ({"dbSNP": "rs334"}, "SNP", ("dbSNP:rs334",)),
        ({"HPO": "0001250"}, "Phenotype", ("HP:0001250",)),
        ({"concept": "MONDO:0005148"}, "Disease", ("MONDO:0005148",)),
        ({"id": "T12", "note": "see 5"}, "Disease", ()),
        ({"identifier": "-", "UMLS": "C0006142"}, "Disease", ("UMLS:C0006142",)),
        ({"identifier": None}, "Disease", ()),
        (
            {"identifier": "tmVar:p|SUB|L|858|R", "rsid": "rs121434568", "gene_id": 1956},
            "Variant",
            ("dbSNP:rs121434568",),
        ),
        (
            {"identifier": "tmVar:p|SUB|L|861|Q", "gene_id": 1956},
            "Variant",
            ("p|SUB|L|861|Q;CorrespondingGene:1956",),
        ),
    ],
)
def test_ids_under_any_key(infons: dict[str, Any], label: str, ids: tuple[str, ...]) -> None:
    item = annotation(0, "name") | {"infons": infons | {"type": label}}
    passage = {"offset": 0, "text": "name", "annotations": [item]}
    (mention,) = document_from_bioc({"id": "1", "passages": [passage]}, refuse).mentions
    assert mention.concept_ids == ids


def test_relations_between_annotations_whatever_key_holds_their_ids() -> None:
    items = [
        annotation(0, "lithium") | {"id": "a", "infons": {"type": "Chemical", "cui": "D008094"}},
        annotation(8, "tremor") | {"id": "b", "infons": {"type": "Disease", "cui": "D014202"}},
    ]
    relation = {"infons": {"type": "CID"}, "nodes": [{"refid": "a"}, {"refid": "b"}]}
    sentence = {"offset": 0, "text": "lithium tremor", "annotations": items}
    passage = {"offset": 0, "sentences": [sentence | {"relations": [relation]}]}
    document = document_from_bioc({"id": "1", "passages": [passage]}, refuse)
    assert document.relations == (Relation("MESH:D008094", "MESH:D014202", "CID"),)


def test_ends_of_relations_are_the_concepts_of_their_variants() -> None:
    infons = {
        "type": "Variant",
        "identifier": "tmVar:c|DEL|35|G;HGVS:c.35del;CorrespondingGene:2706",
    }
    item = annotation(0, "35delG") | {"infons": infons}
    ends = {
        "role1": {"identifier": "MESH:D003638", "type": "Disease"},
        "role2": {"identifier": "HGVS:c.35del;CorrespondingGene:2706", "type": "Variant"},
    }
    relation = {"infons": {"type": "Cause"} | ends}
    passage = {"offset": 0, "text": "35delG", "annotations": [item]}
    document = document_from_bioc(
        {"id": "1", "passages": [passage], "relations": [relation]}, refuse
    )
    assert document.mentions[0].concept_ids == ("c|DEL|35|G;CorrespondingGene:2706",)
    assert document.relations[0].tail == document.mentions[0].concept_ids[0]


def test_an_offset_that_counts_from_the_passage_is_read_where_the_copy_stands_there() -> None:
    passages = [
        {"offset": 0, "text": "A title.", "annotations": []},
        {"offset": 9, "text": "On aspirin.", "annotations": [annotation(3, "aspirin")]},
    ]
    document = document_from_bioc({"id": "1", "passages": passages}, refuse)
    (mention,) = document.mentions
    assert document.text[mention.start : mention.end] == "aspirin"
