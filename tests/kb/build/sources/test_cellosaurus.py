"""Cellosaurus in both of its forms."""

from pathlib import Path

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.cellosaurus import read, read_version
from biopipe.kb.schema import Concept

TEXT = """----------------------------------------------------------------------------
 CALIPHO group at the SIB - Swiss Institute of Bioinformatics
 Version: 49.0
----------------------------------------------------------------------------
ID         Identifier (cell line name)     Once; starts an entry
//         Terminator                      Once; ends an entry
ID   HeLa
AC   CVCL_0030
AS   CVCL_B510; CVCL_B511
SY   HELA; Hela; He La; He-La
DR   CLO; CLO_0003684
OX   NCBI_TaxID=9606; ! Homo sapiens (Human)
CA   Cancer cell line
//
ID   #15310-LN
AC   CVCL_E548
OX   NCBI_TaxID=9606; ! Homo sapiens (Human)
OX   NCBI_TaxID=10090; ! Mus musculus (Mouse)
HI   CVCL_0030 ! HeLa
//
"""
OBO = r"""format-version: 1.2
data-version: 49.0

[Term]
id: CVCL_0030
name: HeLa
synonym: "He \"La\"" RELATED []
subset: Cancer_cell_line
xref: NCBI_TaxID:9606 ! Homo sapiens (Human)
xref: CLO:CLO_0003684

[Term]
id: CVCL_E548
name: #15310-LN
xref: NCBI_TaxID:9606 ! Homo sapiens (Human)
relationship: derived_from CVCL_0030 ! HeLa
relationship: originate_from_same_individual_as CVCL_0031 ! x
"""
HELA = Concept(
    "Cellosaurus:CVCL_0030",
    "HeLa",
    ("HELA", "Hela", "He La", "He-La"),
    ("CellLine", "NCBITaxon:9606"),
    source="Cellosaurus",
)


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_text(tmp_path: Path) -> None:
    text = TEXT.partition("ID         Identifier")[0] + TEXT[TEXT.index("ID   HeLa") :]
    path = write(tmp_path / "cellosaurus.txt", text)
    hela, *old, child = read(path)
    assert hela == HELA
    assert [(each.id, each.replaced_by) for each in old] == [
        ("Cellosaurus:CVCL_B510", HELA.id),
        ("Cellosaurus:CVCL_B511", HELA.id),
    ]
    assert child == Concept(
        "Cellosaurus:CVCL_E548",
        "#15310-LN",
        types=("CellLine", "NCBITaxon:9606", "NCBITaxon:10090"),
        parents=(HELA.id,),
        source="Cellosaurus",
    )
    assert read_version(path) == "49.0"


def test_the_legend_of_the_header_is_no_entry(tmp_path: Path) -> None:
    assert next(read(write(tmp_path / "cellosaurus.txt", TEXT))) == HELA


def test_obo(tmp_path: Path) -> None:
    path = write(tmp_path / "cellosaurus.obo", OBO)
    hela, child = read(path)
    assert (hela.id, hela.types, hela.synonyms) == (HELA.id, HELA.types, ('He "La"',))
    assert (child.name, child.parents) == ("#15310-LN", (HELA.id,))
    assert read_version(path) == "49.0"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no cell line"),
        ("hello\n", "holds no cell line"),
        ("ID   HeLa\n//\n", "line 2, closes an entry without a name or a CVCL accession"),
        ("ID   HeLa\nAC   CVCL_0030\n", "ends within the cell line 'HeLa'"),
        ("format-version: 1.2\n\n[Term]\nid: X:1\nname: x\n", "term 'X:1', closes an entry"),
    ],
)
def test_broken_files(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(KnowledgeBaseError, match=message):
        list(read(write(tmp_path / "c", text)))
