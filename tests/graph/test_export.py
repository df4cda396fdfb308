import csv
import xml.etree.ElementTree as ET

import pyarrow.parquet as pq
import pytest

from biopipe.document import Candidate, Document, Mention, Relation
from biopipe.graph import GraphOptions, build_graph

NS = "{http://graphml.graphdrawing.org/xmlns}"
ODD = 'a "b" & <c>;\td\x07 \n é'


@pytest.fixture
def graph(write_run, tmp_path):
    mentions = (
        Mention(0, 1, "Gene", concept_ids=("G:1",), candidates=(Candidate("G:1", ODD, 1.0),)),
        Mention(2, 3, "Gene;Family", concept_ids=('G:"2"&',)),
        Mention(4, 5, "Disease", concept_ids=("D:3",)),
    )
    relations = (
        Relation("G:1", 'G:"2"&', "Positive_Correlation", 0.5),
        Relation("D:3", "G:1", "Association", 0.5),
    )
    documents = [Document("a", "a b c", mentions, relations, meta={"date": "2020"})]
    output = write_run("out", documents, assertions={("a", 1): ["Negated"]})
    build_graph([output], tmp_path / "graph", exports=["sif", "graphml", "neo4j"])
    return tmp_path / "graph"


def test_graphml_is_xml_with_all_nodes_and_edges(graph):
    root = ET.parse(graph / "graph.graphml").getroot()
    keys = {key.get("id"): key.get("attr.type") for key in root.iter(f"{NS}key")}
    nodes = {
        node.get("id"): {d.get("key"): d.text for d in node.iter(f"{NS}data")}
        for node in root.iter(f"{NS}node")
    }
    edges = [(edge.get("source"), edge.get("target")) for edge in root.iter(f"{NS}edge")]
    assert set(nodes) == {"G:1", 'G:"2"&', "D:3"}
    assert nodes["G:1"]["node_name"] == ODD.replace("\x07", "\ufffd")
    assert {key for data in nodes.values() for key in data} <= set(keys)
    assert keys["edge_confidence"] == "double"
    assert len(edges) == 2
    assert {end for edge in edges for end in edge} <= set(nodes)
    assert root.find(f"{NS}graph").get("edgedefault") == "undirected"


def test_neo4j_files_have_the_headers_of_the_importer(graph):
    with (graph / "neo4j" / "nodes.csv").open(encoding="utf-8", newline="") as file:
        nodes = list(csv.reader(file))
    with (graph / "neo4j" / "relationships.csv").open(encoding="utf-8", newline="") as file:
        edges = list(csv.reader(file))
    assert (nodes[0][0], nodes[0][-1]) == ("id:ID", ":LABEL")
    assert edges[0][:3] == [":START_ID", ":END_ID", ":TYPE"]
    assert "confidence:double" in edges[0]
    assert all(len(row) == len(nodes[0]) for row in nodes)
    labels = {row[0]: row[-1] for row in nodes[1:]}
    assert labels == {
        "G:1": "Concept;Gene",
        'G:"2"&': "Concept;Gene,Family",
        "D:3": "Concept;Disease",
    }
    assert {end for row in edges[1:] for end in row[:2]} <= set(labels)
    assert len((graph / "neo4j" / "nodes.csv").read_text().splitlines()) == 4


def test_sif_has_the_edges_with_support(graph):
    assert (graph / "graph.sif").read_text() == 'G:"2"&\tPositive_Correlation\tG:1\n'


def test_exports_follow_the_graph(graph, write_run):
    mentions = (
        Mention(0, 1, "Gene", concept_ids=("G:1",)),
        Mention(2, 3, "Gene", concept_ids=("G:9",)),
    )
    more = Document("b", "a b", mentions, (Relation("G:1", "G:9", "Association", 0.5),))
    build_graph([write_run("more", [more])], graph, add=True)
    assert "G:1\tAssociation\tG:9\n" in (graph / "graph.sif").read_text()
    assert "G:9" in (graph / "graph.graphml").read_text()


def test_an_existing_graph_can_be_exported(write_run, tmp_path):
    mentions = (
        Mention(0, 1, "Gene", concept_ids=("G:2",)),
        Mention(2, 3, "Gene", concept_ids=("G:1",)),
    )
    output = write_run(
        "o", [Document("b", "a b", mentions, (Relation("G:2", "G:1", "Association", 0.5),))]
    )
    build_graph([output], tmp_path / "g", options=GraphOptions(directed=True))
    before = pq.read_table(tmp_path / "g" / "edges.parquet")
    summary = build_graph([], tmp_path / "g", exports=["graphml"])
    assert summary.exports == ("graphml",)
    written = (tmp_path / "g" / "graph.graphml").read_text()
    assert 'edgedefault="directed"' in written
    assert 'directed="false"><data' in written
    assert pq.read_table(tmp_path / "g" / "edges.parquet").equals(before)
