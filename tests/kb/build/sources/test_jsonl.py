"""Concepts as JSON lines, ours and scispaCy's."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.jsonl import read
from biopipe.kb.schema import Concept


def write(path: Path, *lines: object) -> Path:
    path.write_text(
        "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
    )
    return path


def test_all_fields_come_back(tmp_path: Path) -> None:
    concept = Concept(
        "X:1",
        "a",
        ("b", "ç"),
        ("Gene",),
        "what",
        ("X:0",),
        synonym_kinds=("exact", "broad"),
        source="S",
    )
    path = write(
        tmp_path / "c.jsonl", asdict(concept), "", asdict(Concept("X:2", "c", replaced_by="X:1"))
    )
    assert list(read(path)) == [concept, Concept("X:2", "c", replaced_by="X:1")]


def test_scispacy_format(tmp_path: Path) -> None:
    path = write(
        tmp_path / "c.jsonl",
        {
            "concept_id": "C0001",
            "canonical_name": "a",
            "aliases": ["b"],
            "types": ["T047"],
            "definition": None,
        },
    )
    assert list(read(path)) == [Concept("C0001", "a", ("b",), ("T047",))]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 2, is not JSON"),
        ("[1]", "line 2, is not a JSON object"),
        (
            {"name": "a", "x": 1},
            r"line 2, has no 'id' \(or 'concept_id'\); its fields are: name, x",
        ),
        ({"id": "X:2"}, "line 2, has no 'name'"),
        ({"id": 5, "name": "a"}, "has 5 for 'id'; give a string"),
        ({"id": "X:2", "name": "a", "synonyms": "b"}, "has 'b' for 'synonyms'; give a list"),
        ({"id": "X:2", "name": "a", "types": [1]}, r"has \[1\] for 'types'"),
        (
            {"id": "X:2", "name": "a", "synonyms": ["b"], "synonym_kinds": ["odd"]},
            "'synonym_kinds'",
        ),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: object, message: str) -> None:
    path = write(tmp_path / "c.jsonl", {"id": "X:1", "name": "a"}, line)
    with pytest.raises(KnowledgeBaseError, match=message):
        list(read(path))


def test_a_json_list_as_scispacy_has_it(tmp_path: Path) -> None:
    path = tmp_path / "umls.json"
    concept = {
        "concept_id": "C1",
        "canonical_name": "gout",
        "aliases": ["podagra"],
        "types": ["T1"],
    }
    path.write_text(json.dumps([concept, concept | {"concept_id": "C2"}], indent=1))
    first, second = read(path)
    assert (first.id, first.name, first.synonyms, second.id) == ("C1", "gout", ("podagra",), "C2")
    path.write_text("[1]")
    with pytest.raises(KnowledgeBaseError, match="concept 0, is not a JSON object"):
        list(read(path))
