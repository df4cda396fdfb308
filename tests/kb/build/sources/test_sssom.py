"""SSSOM mappings."""

from pathlib import Path

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.sssom import read

MAPPINGS = """# curie_map:
#   mesh: http://identifiers.org/mesh/
subject_id\tsubject_label\tpredicate_id\tpredicate_modifier\tobject_id\tmapping_justification
MONDO:1\tone\tskos:exactMatch\t\tmesh:D000001\tsemapv:ManualMappingCuration
MONDO:2\ttwo\tskos:closeMatch\t\tOrphanet:2\tsemapv:ManualMappingCuration
MONDO:3\tthree\tskos:exactMatch\tNot\tmesh:D000003\tsemapv:ManualMappingCuration
MONDO:4\tfour\tskos:broadMatch\t\tmesh:D000004\tsemapv:ManualMappingCuration
MONDO:5\tfive\towl:equivalentClass\t\tOMIM:5\tsemapv:ManualMappingCuration
"""


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_exact_matches(tmp_path: Path) -> None:
    path = write(tmp_path / "m.sssom.tsv", MAPPINGS)
    exact = [("MONDO:1", "MESH:D000001"), ("MONDO:5", "OMIM:5")]
    assert list(read(path)) == exact
    assert list(read(path, close=True)) == [exact[0], ("MONDO:2", "ORPHA:2"), exact[1]]


def test_a_file_without_modifiers(tmp_path: Path) -> None:
    text = "subject_id\tpredicate_id\tobject_id\nA:1\tskos:exactMatch\tB:1\n"
    assert list(read(write(tmp_path / "m", text))) == [("A:1", "B:1")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# only\n", "holds no table"),
        ("# x\nsubject_id\tobject_id\nA:1\tB:1\n", "line 2, has no column 'predicate_id'"),
        ("subject_id\tpredicate_id\tobject_id\nA:1\tskos:exactMatch\n", "line 2, is cut off"),
    ],
)
def test_broken_files(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(KnowledgeBaseError, match=message):
        list(read(write(tmp_path / "m", text)))
