"""LOINC's table, with quotes, commas and line ends inside of fields."""

from pathlib import Path

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources import loinc

COLUMNS = (
    "LOINC_NUM,COMPONENT,PROPERTY,TIME_ASPCT,SYSTEM,SCALE_TYP,METHOD_TYP,CLASS,"
    "DefinitionDescription,STATUS,"
    "CONSUMER_NAME,CLASSTYPE,RELATEDNAMES2,SHORTNAME,LONG_COMMON_NAME,DisplayName"
)
ROWS = (
    '"2345-7","Glucose","MCnc","Pt","Ser/Plas","Qn","","CHEM","Sugar,\r\nin ""mg/dL""","ACTIVE",'
    '"Glucose, Blood","1",'
    '"Glu; Point in time","Glucose SerPl-mCnc","Glucose [Mass/volume] in Serum or Plasma","Glucose '
    '(S/P)"',
    '"1-8","Acyclovir","Susc","Pt","Isolate","OrdQn","","ABXBACT","","DEPRECATED","","1","","",'
    '"Acyclovir [Susc]",""',
    '"2-6","Other","Susc","Pt","Isolate","OrdQn","","ABXBACT","","DEPRECATED","","1","","","Other '
    '[Susc]",""',
    '"44249-1","PHQ-9 score","-","Pt","^Patient","-","","SURVEY.GNHLTH","","TRIAL","","4","","",'
    '"PHQ-9 Übersicht",""',
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "Loinc_2.80" / "LoincTable"
    folder.mkdir(parents=True)
    path = folder / "Loinc.csv"
    path.write_bytes("\ufeff".encode() + "\r\n".join((COLUMNS, *ROWS, "")).encode())
    (folder / "MapTo.csv").write_text(
        '"LOINC","MAP_TO","COMMENT"\n"1-8","2345-7",""\n"9-9","2345-7",""\n'
    )
    return path


def test_terms_by_all_their_names(path: Path) -> None:
    glucose, survey, old = loinc.read(path)
    assert glucose.id == "LOINC:2345-7"
    assert glucose.name == "Glucose [Mass/volume] in Serum or Plasma"
    assert glucose.synonyms == (
        "Glucose SerPl-mCnc",
        "Glucose, Blood",
        "Glucose (S/P)",
        "Glucose:MCnc:Pt:Ser/Plas:Qn",
    )
    assert glucose.definition == 'Sugar,\r\nin "mg/dL"'
    assert glucose.types == ("Laboratory Test",)
    assert (survey.name, survey.types) == ("PHQ-9 Übersicht", ("Survey",))
    assert (old.id, old.replaced_by) == ("LOINC:1-8", "LOINC:2345-7")


def test_the_version_is_that_of_the_folder(path: Path, tmp_path: Path) -> None:
    assert loinc.read_version(path) == "2.80"
    assert loinc.read_version(tmp_path / "Loinc.csv") == ""


def test_deprecated_terms_without_a_map_are_not_there(path: Path) -> None:
    path.with_name("MapTo.csv").unlink()
    assert [concept.id for concept in loinc.read(path)] == ["LOINC:2345-7", "LOINC:44249-1"]


def test_a_column_that_is_missing(path: Path) -> None:
    path.write_text("LOINC_NUM,NAME\n1-8,x\n")
    with pytest.raises(
        KnowledgeBaseError, match=r"Loinc\.csv has no column 'LONG_COMMON_NAME'.*LOINC_NUM, NAME"
    ):
        list(loinc.read(path))


def test_a_file_that_is_cut_off(path: Path) -> None:
    path.write_text(f'{COLUMNS}\n"1-8","x"\n')
    with pytest.raises(KnowledgeBaseError, match="line 2, has 2 columns where its header has 16"):
        list(loinc.read(path))
    path.write_text(f'{COLUMNS}\n"1-8","x')
    with pytest.raises(KnowledgeBaseError, match="Cannot read"):
        list(loinc.read(path))
    with pytest.raises(KnowledgeBaseError, match="check that the file is there"):
        list(loinc.read(path.with_name("none.csv")))
