"""OBO files with the oddities of real releases."""

from pathlib import Path

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.obo import read, read_licence, read_version
from biopipe.kb.schema import Concept

RELEASE = r"""format-version: 1.2
data-version: releases/2016-09-01
ontology: test

[Term]
id: T:1
name: tumor \"one\" \! here ! a comment
namespace: cells
alt_id: T:101
def: "Says\, \"so\"." [url:http\://x.y/z "why"]
synonym: "neoplasm" EXACT [] {source="x"}
synonym: "growth" RELATED layperson [PMID:1]
synonym: "mass" BROAD []
synonym: "tiny tumor" NARROW []
synonym: "unscoped" []
synonym: "tumor \"one\" ! here" EXACT []
is_a: T:0 {is_inferred="true"} ! root
is_a: T:00 ! other
relationship: part_of T:9 ! organ

[Term]
id: T:2
name: broken quotes
def: An unquoted definition that strict parsers stop at.
synonym: unquoted EXACT []

[Term]
id: T:3
name: obsolete thing
is_obsolete: true
replaced_by: T:1

[Term]
id: T:4
name: obsolete without successor
is_obsolete: true
consider: T:1

[Typedef]
id: part_of
name: part of

[Term]
id: T:5
name: last
"""


@pytest.fixture
def release(tmp_path: Path) -> Path:
    path = tmp_path / "t.obo"
    path.write_text(RELEASE, encoding="utf-8")
    return path


def test_terms(release: Path) -> None:
    concepts = {concept.id: concept for concept in read(release)}
    assert list(concepts) == ["T:1", "T:101", "T:2", "T:3", "T:5"]
    name = 'tumor "one" ! here'
    assert concepts["T:1"] == Concept(
        "T:1",
        name,
        ("neoplasm", "growth", "mass", "tiny tumor", "unscoped"),
        ("cells",),
        'Says, "so".',
        ("T:0", "T:00"),
        synonym_kinds=("exact", "related", "broad", "narrow", "related"),
    )
    assert concepts["T:2"] == Concept("T:2", "broken quotes")
    assert concepts["T:5"] == Concept("T:5", "last")


def test_retired_ids_name_their_successor(release: Path) -> None:
    retired = {concept.id: concept.replaced_by for concept in read(release) if concept.replaced_by}
    assert retired == {"T:101": "T:1", "T:3": "T:1"}


def test_version(release: Path, tmp_path: Path) -> None:
    assert read_version(release) == "releases/2016-09-01"
    other = tmp_path / "other.obo"
    other.write_text("format-version: 1.2\n\n[Term]\nid: T:1\nname: data-version: none\n")
    assert read_version(other) == ""


@pytest.mark.parametrize(
    "line",
    [
        "property_value: dcterms-license http://x.org/by/4.0/ xsd:anyURI",
        'property_value: terms:license "http://x.org/by/4.0/" xsd:string',
        "property_value: http://purl.org/dc/terms/license http://x.org/by/4.0/",
    ],
)
def test_licence(release: Path, tmp_path: Path, line: str) -> None:
    assert read_licence(release) == ""
    other = tmp_path / "other.obo"
    other.write_text(f"format-version: 1.2\n{line}\n\n[Term]\nid: T:1\nname: one\n")
    assert read_licence(other) == "http://x.org/by/4.0/"


def test_a_file_without_terms(tmp_path: Path) -> None:
    path = tmp_path / "t.obo"
    path.write_text("hello\n")
    with pytest.raises(KnowledgeBaseError, match=r"holds no \[Term\]"):
        list(read(path))


def test_the_default_namespace_and_synonyms_of_obo_1(tmp_path: Path) -> None:
    path = tmp_path / "old.obo"
    path.write_text(
        "format-version: 1.0\ndefault-namespace: anatomy\n\n"
        '[Term]\nid: X:1\nname: eye\nexact_synonym: "organ of sight" []\n'
        'narrow_synonym: "left eye" [X:9]\n\n[Term]\nid: X:2\nname: ear\nnamespace: other\n'
    )
    with pytest.warns(UserWarning, match=r"tags of OBO 1\.0"):
        eye, ear = read(path)
    assert (eye.synonyms, eye.synonym_kinds) == (
        ("organ of sight", "left eye"),
        ("exact", "narrow"),
    )
    assert (eye.types, ear.types) == (("anatomy",), ("other",))
