"""names.dmp with nodes.dmp and merged.dmp beside it."""

from pathlib import Path

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.taxonomy import read
from biopipe.kb.schema import Concept

NAMES = (
    "1\t|\troot\t|\t\t|\tscientific name\t|\n"
    "9606\t|\tHomo sapiens\t|\t\t|\tscientific name\t|\n"
    "9606\t|\tHomo sapiens Linnaeus, 1758\t|\t\t|\tauthority\t|\n"
    "9606\t|\thuman\t|\t\t|\tgenbank common name\t|\n"
    "9606\t|\tman | woman\t|\t\t|\tmisnomer\t|\n"
    "9606\t|\tprimates\t|\tprimates <x>\t|\tin-part\t|\n"
)
NODES = "1\t|\t1\t|\tno rank\t|\n9605\t|\t1\t|\tgenus\t|\n9606\t|\t9605\t|\tspecies\t|\n"


@pytest.fixture
def taxdump(tmp_path: Path) -> Path:
    (tmp_path / "names.dmp").write_text(NAMES)
    (tmp_path / "nodes.dmp").write_text(NODES)
    (tmp_path / "merged.dmp").write_text("63221\t|\t9606\t|\n")
    return tmp_path


def test_taxa(taxdump: Path) -> None:
    expected = [
        Concept("NCBITaxon:1", "root", types=("Species",), source="NCBI Taxonomy"),
        Concept(
            "NCBITaxon:9606",
            "Homo sapiens",
            ("human", "man | woman", "primates"),
            ("Species",),
            parents=("NCBITaxon:9605",),
            synonym_kinds=("exact", "related", "broad"),
            source="NCBI Taxonomy",
        ),
        Concept(
            "NCBITaxon:63221", "taxon 63221", replaced_by="NCBITaxon:9606", source="NCBI Taxonomy"
        ),
    ]
    assert list(read(taxdump / "names.dmp")) == expected
    assert list(read(taxdump)) == expected


def test_names_alone_have_no_parents(taxdump: Path) -> None:
    (taxdump / "nodes.dmp").unlink()
    (taxdump / "merged.dmp").unlink()
    assert [concept.parents for concept in read(taxdump)] == [(), ()]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id\tname\n", "names.dmp, line 1, is not a row of 4 or more columns"),
        (NAMES + "10\t|\tcut", "names.dmp, line 7, is not a row of 4 or more columns"),
        ("99999999999\t|\tx\t|\t\t|\tscientific name\t|\n", "names.dmp, line 1, is not a row"),
        (
            NAMES + "10\t|\tx\t|\t\t|\tsynonym\t|\n",
            "names.dmp, line 7, begins taxon 10, which has no scientific name",
        ),
    ],
)
def test_broken_files(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "names.dmp").write_text(text)
    with pytest.raises(KnowledgeBaseError, match=message):
        list(read(tmp_path))
