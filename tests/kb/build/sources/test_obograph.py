"""Obograph JSON with the oddities of real releases, and lists of terms."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.obograph import read, read_licence, read_version
from biopipe.kb.schema import Concept

OBO = "http://purl.obolibrary.org/obo/"
IN_OWL = "http://www.geneontology.org/formats/oboInOwl#"


def node(id_: str, label: str | None, **meta: Any) -> dict[str, Any]:
    return {"id": id_, "type": "CLASS", "meta": meta} | (
        {"lbl": label} if label is not None else {}
    )


def properties(**values: str) -> list[dict[str, str]]:
    return [{"pred": IN_OWL + name, "val": value} for name, value in values.items()]


NODES = [
    node(
        OBO + "T_1",
        "tumor",
        definition={"val": "A growth."},
        synonyms=[
            {"pred": "hasExactSynonym", "val": "neoplasm"},
            {"pred": "hasRelatedSynonym", "val": "growth"},
            {"pred": "hasNarrowSynonym", "val": "small tumor"},
            {"pred": "hasBroadSynonym", "val": "mass"},
            {"pred": "hasExactSynonym", "val": " tumor "},
            {"pred": "somethingNew", "val": "new"},
            {"pred": "hasExactSynonym", "val": ""},
        ],
        basicPropertyValues=properties(hasOBONamespace="diseases", hasAlternativeId="T:101"),
    ),
    node(
        OBO + "T_2",
        "old",
        deprecated=True,
        basicPropertyValues=[{"pred": OBO + "IAO_0100001", "val": OBO + "T_1"}],
    ),
    node(OBO + "T_3", "old without successor", deprecated=True),
    node(OBO + "T_4", None),
    node("T:5", "by CURIE"),
    node("http://www.orpha.net/ORDO/Orphanet_6", "retired in ORDO"),
    {"id": OBO + "RO_1", "type": "PROPERTY", "lbl": "part of"},
    {"id": OBO + "T_7", "type": "CLASS", "lbl": "without meta"},
]
EDGES = [
    {"sub": OBO + "T_1", "pred": "is_a", "obj": "T:5"},
    {"sub": OBO + "T_1", "pred": OBO + "RO_1", "obj": OBO + "T_7"},
    {"sub": OBO + "T_1", "pred": "is_a", "obj": OBO + "T_7"},
    {"sub": OBO + "T_7", "pred": "is_a", "obj": "http://www.w3.org/2002/07/owl#Thing"},
    {
        "sub": "http://www.orpha.net/ORDO/Orphanet_6",
        "pred": "is_a",
        "obj": "http://www.orpha.net/ORDO/ObsoleteClass",
    },
]
LICENCE = [
    {
        "pred": "http://purl.org/dc/terms/license",
        "val": "https://creativecommons.org/publicdomain/zero/1.0/",
    }
]
IMPORTED = {"id": "ext.owl", "nodes": [node("UBERON:1", "organ")]}
RELEASE = {
    "graphs": [
        {"nodes": NODES, "edges": EDGES, "meta": {"version": "v9", "basicPropertyValues": LICENCE}},
        IMPORTED,
    ],
    "meta": {"a": [1]},
}
EXPECTED = [
    Concept(
        "T:1",
        "tumor",
        ("neoplasm", "growth", "small tumor", "mass", "new"),
        ("diseases",),
        "A growth.",
        ("T:5", "T:7"),
        synonym_kinds=("exact", "related", "narrow", "broad", "related"),
    ),
    Concept("T:101", "tumor", types=("diseases",), replaced_by="T:1"),
    Concept("T:2", "old", replaced_by="T:1"),
    Concept("T:5", "by CURIE"),
    Concept("T:7", "without meta"),
]


def write(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content, indent=1))
    return path


def test_classes(tmp_path: Path) -> None:
    path = write(tmp_path / "t.json", RELEASE)
    assert list(read(path)) == EXPECTED
    assert read_version(path) == "v9"
    assert read_licence(path) == "https://creativecommons.org/publicdomain/zero/1.0/"


@pytest.mark.parametrize(
    ("meta", "version"),
    [
        ({"version": "http://x.org/releases/2018-07-05/doid.owl"}, "2018-07-05"),
        (
            {
                "version": "http://x.org/o.owl",
                "basicPropertyValues": [{"pred": OBO + "owl_versionInfo", "val": "2.6"}],
            },
            "2.6",
        ),
        ({"version": "http://x.org/o.owl", "basicPropertyValues": []}, "http://x.org/o.owl"),
        ({"xrefs": []}, ""),
        (None, ""),
    ],
)
def test_versions(tmp_path: Path, meta: Any, version: str) -> None:
    assert (
        read_version(write(tmp_path / "t.json", {"graphs": [{"nodes": NODES, "meta": meta}]}))
        == version
    )


def test_gzip_and_edges_before_nodes(tmp_path: Path) -> None:
    path = tmp_path / "t.json.gz"
    graph = {"meta": {}, "edges": EDGES, "nodes": NODES}
    path.write_bytes(
        gzip.compress(json.dumps({"graphs": [{"nodes": []}, graph]}).encode(), mtime=0)
    )
    assert list(read(path)) == EXPECTED
    assert read_version(path) == ""


def test_a_list_of_terms(tmp_path: Path) -> None:
    terms = [
        {
            "id": "HP:1",
            "name": "All",
            "namespace": "hp",
            "synonyms": ["Everything", "All"],
            "xrefs": ["UMLS:C1"],
        },
        {"id": "HP:2", "name": "Two"},
    ]
    path = write(tmp_path / "t.json", terms)
    assert list(read(path)) == [
        Concept("HP:1", "All", ("Everything",), ("hp",)),
        Concept("HP:2", "Two"),
    ]
    assert read_version(path) == ""


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"graphs": []}, "holds no 'graphs' with 'nodes'"),
        ({"nodes": NODES}, "holds no 'graphs'"),
        ({"graphs": [{"nodes": [1]}]}, "has the node '1', which is no object"),
        ("text", "is not JSON; give an obograph file"),
        (
            [{"id": "X:1", "name": "one"}, {"id": "X:2"}],
            "element 2, is no object with 'id' and 'name'",
        ),
    ],
)
def test_other_json(tmp_path: Path, content: Any, message: str) -> None:
    with pytest.raises(KnowledgeBaseError, match=message):
        list(read(write(tmp_path / "t.json", content)))


def test_a_file_that_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text(json.dumps(RELEASE, indent=1)[:-300])
    with pytest.raises(KnowledgeBaseError, match=r"t\.json, line \d+, is not JSON or is cut off"):
        list(read(path))
