"""MeSH's XML and the flat table."""

import gzip
from pathlib import Path

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.mesh import read, read_version
from biopipe.kb.schema import Concept


def descriptor(id_: str, name: str, trees: str, concepts: str) -> str:
    numbers = "".join(f"<TreeNumber>{number}</TreeNumber>" for number in trees.split())
    return (
        f"<DescriptorRecord DescriptorClass='1'><DescriptorUI>{id_}</DescriptorUI>"
        f"<DescriptorName><String>{name}</String></DescriptorName>"
        "<PharmacologicalActionList><PharmacologicalAction><DescriptorReferredTo><DescriptorUI>"
        "D000000"
        "</DescriptorUI></DescriptorReferredTo></PharmacologicalAction></PharmacologicalActionList>"
        f"<TreeNumberList>{numbers}</TreeNumberList><ConceptList>{concepts}</ConceptList>"
        "</DescriptorRecord>\n"
    )


def concept(preferred: str, note: str, *terms: str) -> str:
    listed = "".join(f"<Term><TermUI>T1</TermUI><String>{term}</String></Term>" for term in terms)
    scope = f"<ScopeNote>{note}\n    </ScopeNote>" if note else ""
    return (
        f"<Concept PreferredConceptYN='{preferred}'>{scope}<TermList>{listed}</TermList></Concept>"
    )


DESCRIPTORS = (
    "<?xml version='1.0'?>\n<!DOCTYPE DescriptorRecordSet SYSTEM 'https://www.nlm.nih.gov/x.dtd'>\n"
    "<DescriptorRecordSet LanguageCode='eng'>\n"
    + descriptor(
        "D003924",
        "Diabetes Mellitus, Type 2",
        "C18.452.394.750.149 C19.246.300",
        concept("N", "Of the narrower one.", "MODY", "NIDDM")
        + concept(
            "Y", "A subclass.", "Diabetes Mellitus, Type 2", "NIDDM", "Type 2 &amp; Diabetes"
        ),
    )
    + descriptor(
        "D003920",
        "Diabetes Mellitus",
        "C18.452.394.750 C19.246",
        concept("Y", "", "Diabetes Mellitus"),
    )
    + descriptor("D001523", "Mental Disorders", "F03", concept("Y", "", "Mental Disorders"))
    + descriptor("D001241", "Aspirin", "D02.1 F01.5", concept("Y", "", "Aspirin"))
    + descriptor("D005260", "Female", "", concept("Y", "", "Female"))
    + "</DescriptorRecordSet>\n"
)
SUPPLEMENT = (
    "<SupplementalRecordSet><SupplementalRecord SCRClass='3'><SupplementalRecordUI>"
    "C567755</SupplementalRecordUI>"
    "<SupplementalRecordName><String>Tooth Agenesis 6</String></SupplementalRecordName><Note>Said "
    "of it.</Note>"
    "<HeadingMappedToList><HeadingMappedTo><DescriptorReferredTo><DescriptorUI>"
    "*D000848</DescriptorUI>"
    "</DescriptorReferredTo></HeadingMappedTo></HeadingMappedToList>"
    "<ConceptList>"
    + concept("Y", "", "Tooth Agenesis 6", "STHAG6")
    + "</ConceptList></SupplementalRecord>"
    "</SupplementalRecordSet>"
)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_descriptors(tmp_path: Path) -> None:
    path = write(tmp_path / "desc2024.xml", DESCRIPTORS)
    diabetes, *others = read(path)
    assert diabetes == Concept(
        "MESH:D003924",
        "Diabetes Mellitus, Type 2",
        ("NIDDM", "Type 2 & Diabetes", "MODY"),
        ("Disease",),
        "A subclass.",
        ("MESH:D003920",),
        synonym_kinds=("exact", "exact", "related"),
        source="MeSH",
    )
    assert [(each.name, each.types, each.parents) for each in others] == [
        ("Diabetes Mellitus", ("Disease",), ()),
        ("Mental Disorders", ("Disease",), ()),
        ("Aspirin", ("Chemical", "Behavior"), ()),
        ("Female", (), ()),
    ]
    assert read_version(path) == "2024"


def test_supplementary_records(tmp_path: Path) -> None:
    path = tmp_path / "supp.gz"
    path.write_bytes(gzip.compress(SUPPLEMENT.encode(), mtime=0))
    assert list(read(path)) == [
        Concept(
            "MESH:C567755",
            "Tooth Agenesis 6",
            ("STHAG6",),
            ("Disease",),
            "Said of it.",
            ("MESH:D000848",),
            synonym_kinds=("exact",),
            source="MeSH",
        )
    ]
    assert read_version(path) == ""


def test_the_table(tmp_path: Path) -> None:
    path = write(
        tmp_path / "mesh.tsv",
        "D000001\tCalcimycin\t\r\nD000003\tAbattoirs\tAbattoir|Abattoirs|\n\nC000001\tx\n",
    )
    assert list(read(path)) == [
        Concept("MESH:D000001", "Calcimycin", source="MeSH"),
        Concept("MESH:D000003", "Abattoirs", ("Abattoir",), source="MeSH"),
        Concept("MESH:C000001", "x", source="MeSH"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (DESCRIPTORS[:900], r"is damaged or cut off \(.*line \d+"),
        ("<html></html>", "holds no DescriptorRecord and no SupplementalRecord"),
        (DESCRIPTORS.replace("D003924", "X1"), "has a DescriptorRecord with the DescriptorUI 'X1'"),
        (
            DESCRIPTORS.replace("<DescriptorName><String>Aspirin", "<DescriptorName><String>"),
            "record D001241 without a name",
        ),
        ("D000001\tCalcimycin\nX1\tname\n", "line 2, is not 'id<TAB>name"),
        ("D000001 Calcimycin\n", "line 1, is not 'id<TAB>name"),
    ],
)
def test_broken_files(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(KnowledgeBaseError, match=message):
        list(read(write(tmp_path / "mesh", text)))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeBaseError, match="Cannot read"):
        list(read(tmp_path / "none.xml"))
