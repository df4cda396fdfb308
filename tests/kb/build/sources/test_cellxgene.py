"""Ontologies of cellxgene-ontology-guide, written small in their layout."""

import json
from pathlib import Path
from typing import Any

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources import cell_lines_package, chebi_package, mondo_package
from biopipe.kb.build.sources.cell_lines_package import cell_line_spellings
from biopipe.kb.schema import Concept

zstandard = pytest.importorskip("zstandard", reason="needs the extra 'kb': zstandard")


def written(path: Path, terms: dict[str, dict[str, Any]]) -> Path:
    text = json.dumps(terms, separators=(",", ":"))
    path.write_bytes(zstandard.compress(text.encode()))
    return path


def term(label: str, *ancestors: str, **more: Any) -> dict[str, Any]:
    distances = {ancestor: place for place, ancestor in enumerate(ancestors, start=1)}
    return {"ancestors": distances, "label": label, **more, "deprecated": more.pop("old", False)}


def test_mondo(tmp_path: Path) -> None:
    terms = {
        "MONDO:1": term("disease"),
        "MONDO:2": term("asthma", "MONDO:1", synonyms=["asthma (disease)", "bronchial asthma"]),
        "MONDO:3": term("asthma, cat", "MONDO:0005583", "MONDO:1"),
        "MONDO:4": term("obsolete asthma", replaced_by="MONDO:2", old=True),
        "MONDO:5": term("obsolete thing", old=True),
    }
    assert list(mondo_package.read(written(tmp_path / "m", terms))) == [
        Concept("MONDO:1", "disease", types=("Disease",), source="MONDO"),
        Concept(
            "MONDO:2",
            "asthma",
            ("bronchial asthma",),
            ("Disease",),
            parents=("MONDO:1",),
            source="MONDO",
        ),
        Concept("MONDO:4", "asthma", replaced_by="MONDO:2", source="MONDO"),
    ]


def test_chebi(tmp_path: Path) -> None:
    terms = {
        "CHEBI:1": term("", old=True, replaced_by="CHEBI:2"),
        "CHEBI:2": term('a "quoted" acid', "CHEBI:24431"),
        "CHEBI:3": term("antibiotic", "CHEBI:50906"),
        "CHEBI:4": term("lipid", "CHEBI:24431", description="Made of } and \\."),
    }
    path = written(tmp_path / "c", terms)
    # As the package has it: a deprecated term names its successor after the mark.
    content = json.loads(zstandard.decompress(path.read_bytes()))
    content["CHEBI:1"] = {
        "ancestors": {},
        "label": "",
        "deprecated": True,
        "replaced_by": "CHEBI:2",
    }
    path = written(path, content)
    assert [(each.id, each.name) for each in chebi_package.read(path)] == [
        ("CHEBI:2", 'a "quoted" acid'),
        ("CHEBI:4", "lipid"),
    ]
    with pytest.raises(KnowledgeBaseError, match="4 labels, of which 3 can be read"):
        list(chebi_package.read(written(path, content | {"CHEBI:4": {"label": "lipid"}})))


def test_cell_lines(tmp_path: Path) -> None:
    terms = {
        "CVCL_0063": term("HEK293T"),
        "CVCL_0045": term("HEK293"),
        "CVCL_0060": term("NCI-H1299"),
        "CVCL_0019": term("SH-SY5Y"),
        "CVCL_9999": term("SHSY5Y"),
        "CVCL_A1A1": term("Abcam HeLa TP53 KO"),
        "CVCL_B2B2": term("LP [Human lymphoma]"),
    }
    concepts = {each.id: each for each in cell_lines_package.read(written(tmp_path / "c", terms))}
    assert list(concepts) == sorted(concepts), "the older lines first"
    names = {id_.partition("CVCL_")[2]: each.synonyms for id_, each in concepts.items()}
    assert names == {
        "0019": (),
        "0045": (),
        "0060": ("H1299", "NCIH1299"),
        "0063": ("293T",),
        "9999": (),
        "B2B2": (),
    }


@pytest.mark.parametrize(
    ("label", "spellings"),
    [
        ("SH-SY5Y", ["SHSY5Y"]),
        ("NCI-H1299", ["H1299", "NCIH1299"]),
        ("HEK293T", ["293T"]),
        ("HEK293", []),
        ("U-2 OS", ["U2OS"]),
        ("RAW 264.7", ["RAW2647"]),
        ("HAP1 [Human]", ["HAP1"]),
    ],
)
def test_spellings(label: str, spellings: list[str]) -> None:
    assert cell_line_spellings(label) == spellings


def test_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "damaged"
    path.write_bytes(b"no archive")
    with pytest.raises(KnowledgeBaseError, match="install its package again"):
        list(mondo_package.read(path))
    path.write_bytes(zstandard.compress(b"[1"))
    with pytest.raises(KnowledgeBaseError, match="is no JSON"):
        list(mondo_package.read(path))
