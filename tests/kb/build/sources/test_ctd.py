"""CTD's vocabularies, whose heading is a comment."""

import gzip
from pathlib import Path

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.ctd import read, read_version
from biopipe.kb.schema import Concept

DISEASES = (
    "# MEDIC disease vocabulary (CTD_diseases)\n# Report created: Thu May 30 10:57:28 EDT 2024\n#\n"
    "# Fields:\n"
    "# DiseaseName\tDiseaseID\tAltDiseaseIDs\tDefinition\tParentIDs\tTreeNumbers\t"
    "ParentTreeNumbers\tSynonyms\t"
    "SlimMappings\n#\n"
    "Asthma\tMESH:D001249\tDO:DOID:2841|OMIM:600807\tA form of disorder.\tMESH:D001982|"
    "MESH:D012130\tC08\tC08\t"
    "Bronchial Asthma|ASTHMA X, INCLUDED\tRespiratory\n"
)
CHEMICALS = (
    "# Fields:\n# ChemicalName\tChemicalID\tCasRN\tPubChemCID\tDTXSID\tInChIKey\tDefinition\t"
    "ParentIDs\tTreeNumbers\t"
    "ParentTreeNumbers\tMESHSynonyms\tCTDCuratedSynonyms\n"
    "Aspirin\tMESH:D001241\t50-78-2\t2244\t\t\tA drug.\tMESH:D000\t\t\tAcetysal|Aspirin\tASA\n"
)


def test_diseases(tmp_path: Path) -> None:
    path = tmp_path / "CTD_diseases.tsv.gz"
    path.write_bytes(gzip.compress(DISEASES.encode(), mtime=0))
    assert list(read(path)) == [
        Concept(
            "MESH:D001249",
            "Asthma",
            ("Bronchial Asthma", "ASTHMA X"),
            ("Disease",),
            "A form of disorder.",
            ("MESH:D001982", "MESH:D012130"),
            synonym_kinds=("exact", "related"),
            source="CTD",
        ),
        Concept("DOID:2841", "Asthma", replaced_by="MESH:D001249", source="CTD"),
        Concept("OMIM:600807", "Asthma", replaced_by="MESH:D001249", source="CTD"),
    ]
    assert read_version(path) == "Thu May 30 10:57:28 EDT 2024"


def test_chemicals(tmp_path: Path) -> None:
    path = tmp_path / "CTD_chemicals.tsv"
    path.write_text(CHEMICALS)
    assert list(read(path)) == [
        Concept(
            "MESH:D001241",
            "Aspirin",
            ("Acetysal", "ASA", "50-78-2"),
            ("Chemical",),
            "A drug.",
            ("MESH:D000",),
            synonym_kinds=("exact",) * 3,
            source="CTD",
        )
    ]
    assert read_version(path) == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# Fields:\n# DiseaseName\tOther\nx\ty\n", "line 3, has no column 'DiseaseID'"),
        ("D1||name\n", "line 1, has no column 'DiseaseName'"),
        (DISEASES + "cut off\n", "line 8, has no name or no id"),
    ],
)
def test_broken_files(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "CTD_diseases.tsv"
    path.write_text(text)
    with pytest.raises(KnowledgeBaseError, match=message):
        list(read(path))
