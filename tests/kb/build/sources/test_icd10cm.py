"""The tabular list of ICD-10-CM, in the form of CDC's XML."""

from pathlib import Path

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources import icd10cm

XML = """<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular>
  <version>2027</version>
  <introduction><introSection type="title"><title>ICD-10-CM</title></introSection></introduction>
  <chapter>
    <name>4</name>
    <desc>Endocrine, nutritional and metabolic diseases (E00-E89)</desc>
    <includes><note>all of them</note></includes>
    <sectionIndex>
      <sectionRef first="E08" last="E13" id="E08-E13">Diabetes mellitus</sectionRef>
    </sectionIndex>
    <section id="E08-E13">
      <desc>Diabetes mellitus (E08-E13)</desc>
      <diag>
        <name>E11</name>
        <desc>Type 2 diabetes mellitus</desc>
        <includes><note>diabetes NOS</note><note>insulin resistant diabetes (mellitus)</note></includes>
        <excludes1><note>gestational diabetes (O24.4-)</note></excludes1>
        <diag>
          <name>E11.9</name>
          <desc>Type 2 diabetes mellitus
             without complications</desc>
          <inclusionTerm><note>Typ-2-Diabetes (Sjögren)</note></inclusionTerm>
        </diag>
      </diag>
    </section>
    <section id="E75"><desc>Lipid storage (E75)</desc>
      <diag><name>E75</name><desc>Sphingolipids</desc></diag></section>
  </chapter>
  <chapter>
    <name>18</name>
    <desc>Symptoms, signs and abnormal findings (R00-R99)</desc>
    <section id="R50-R69"><desc>General (R50-R69)</desc>
      <diag><name>R51</name><desc>Headache</desc></diag></section>
  </chapter>
</ICD10CM.tabular>
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "icd10cm-tabular-2027.xml"
    path.write_text(XML, encoding="utf-8")
    return path


def test_codes_lie_under_what_holds_them(path: Path) -> None:
    parents = {concept.id: concept.parents for concept in icd10cm.read(path)}
    assert parents == {
        "ICD10CM:E00-E89": (),
        "ICD10CM:E08-E13": ("ICD10CM:E00-E89",),
        "ICD10CM:E11": ("ICD10CM:E08-E13",),
        "ICD10CM:E11.9": ("ICD10CM:E11",),
        "ICD10CM:E75": ("ICD10CM:E00-E89",),
        "ICD10CM:R00-R99": (),
        "ICD10CM:R50-R69": ("ICD10CM:R00-R99",),
        "ICD10CM:R51": ("ICD10CM:R50-R69",),
    }


def test_names_types_and_what_a_code_covers(path: Path) -> None:
    concepts = {concept.id: concept for concept in icd10cm.read(path)}
    assert concepts["ICD10CM:E08-E13"].name == "Diabetes mellitus"
    assert concepts["ICD10CM:E11"].synonyms == (
        "diabetes NOS",
        "insulin resistant diabetes (mellitus)",
    )
    assert concepts["ICD10CM:E11"].synonym_kinds == ("related", "related")
    assert concepts["ICD10CM:E11.9"].name == "Type 2 diabetes mellitus without complications"
    assert concepts["ICD10CM:E11.9"].synonyms == ("Typ-2-Diabetes (Sjögren)",)
    assert concepts["ICD10CM:E75"].name == "Sphingolipids"
    assert concepts["ICD10CM:E11"].types == ("Disease",)
    assert concepts["ICD10CM:R51"].types == ("Phenotype",)
    assert icd10cm.read_version(path) == "2027"


@pytest.mark.parametrize("content", [XML[:900], "<ICD10CM.index/>", "no XML"])
def test_a_file_that_is_cut_off_or_another_one(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.xml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(KnowledgeBaseError, match=r"x\.xml.*icd10cm-tabular-YEAR\.xml"):
        list(icd10cm.read(path))
    assert icd10cm.read_version(path) in ("", "2027")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeBaseError, match="Cannot read"):
        list(icd10cm.read(tmp_path / "x.xml"))
