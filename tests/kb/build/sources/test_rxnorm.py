"""A small RxNorm release in the published columns."""

from pathlib import Path

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources import rxnorm


def atom(
    rxcui: str,
    source: str,
    term_type: str,
    name: str,
    *,
    language: str = "ENG",
    suppress: str = "N",
) -> str:
    return (
        f"{rxcui}|{language}||||||{rxcui}1|{rxcui}||{rxcui}|{source}|{term_type}|{rxcui}|"
        f"{name}||{suppress}|4096|"
    )


ATOMS = (
    atom("6809", "MTHSPL", "SU", "METFORMIN"),
    atom("6809", "RXNORM", "IN", "metformin"),
    atom("6809", "RXNORM", "SY", "dimethylbiguanide"),
    atom("6809", "DRUGBANK", "FSY", "Metformina", language="SPA"),
    atom("6809", "MTHSPL", "SU", "old name", suppress="O"),
    atom(
        "860975",
        "RXNORM",
        "SCD",
        "24 HR metformin hydrochloride 500 MG Extended Release Oral Tablet",
    ),
    atom("860975", "RXNORM", "PSN", "metFORMIN HCl ER 500 MG 24HR Extended Release Oral Tablet"),
    atom("372803", "RXNORM", "SCDF", "metformin Oral Tablet"),
    atom("151827", "RXNORM", "BN", "Glucophage"),
    atom("99", "MTHSPL", "SU", "a substance that RxNorm has no name for"),
    atom("316945", "RXNORM", "DF", "Oral Tablet"),
)
RELATIONS = (
    "372803||CUI|RN|860975||CUI|isa|1||RXNORM||||N||",
    "860975||CUI|RB|372803||CUI|inverse_isa|2||RXNORM||||N||",
    "|1|AUI|SY||2|AUI||3||RXNORM||||N||",
)
ARCHIVED = (
    "1||metformin old|1|2|3|4||ENG|5|6|7|5555|RXNORM|IN|6809|",
    "1||metformin older|1|2|3|4||ENG|5|6|7|5555|RXNORM|SY|6809|",
    "1||metformin|1|2|3|4||ENG|5|6|7|6809|RXNORM|IN|6809|",
    "1||elsewhere|1|2|3|4||ENG|5|6|7|7777|MTHSPL|SU|6809|",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "RxNorm_full_11022026" / "rrf"
    folder.mkdir(parents=True)
    for name, lines in (("RXNCONSO", ATOMS), ("RXNREL", RELATIONS), ("RXNATOMARCHIVE", ARCHIVED)):
        (folder / f"{name}.RRF").write_bytes("".join(f"{line}\r\n" for line in lines).encode())
    return folder


def test_concepts_have_rxnorms_name_and_those_of_its_sources(folder: Path) -> None:
    concepts = {concept.id: concept for concept in rxnorm.read(folder)}
    assert list(concepts) == [f"RXNORM:{n}" for n in (6809, 151827, 316945, 372803, 860975, 5555)]
    metformin = concepts["RXNORM:6809"]
    assert (metformin.name, metformin.synonyms) == ("metformin", ("METFORMIN", "dimethylbiguanide"))
    assert metformin.types == ("Chemical", "Ingredient")
    assert concepts["RXNORM:151827"].types == ("Chemical", "Brand Name")
    assert concepts["RXNORM:860975"].types == ("Drug Product",)
    assert concepts["RXNORM:316945"].types == ("Dose Form",)


def test_is_a_goes_from_the_second_to_the_first(folder: Path) -> None:
    parents = {concept.id: concept.parents for concept in rxnorm.read(folder) if concept.parents}
    assert parents == {"RXNORM:860975": ("RXNORM:372803",)}


def test_merged_ids_lead_to_their_successors(folder: Path) -> None:
    assert [(each.id, each.replaced_by) for each in rxnorm.read(folder) if each.replaced_by] == [
        ("RXNORM:5555", "RXNORM:6809")
    ]


def test_the_prescribable_release_has_no_archive(folder: Path) -> None:
    for name in ("RXNREL", "RXNATOMARCHIVE"):
        (folder / f"{name}.RRF").unlink()
    concepts = list(rxnorm.read(folder / "RXNCONSO.RRF"))
    assert len(concepts) == 5
    assert not any(concept.parents or concept.replaced_by for concept in concepts)


def test_the_version_is_the_date_of_the_folder(folder: Path) -> None:
    assert rxnorm.read_version(folder) == "2026-11-02"
    assert (
        rxnorm.read_version(Path("RxNorm_full_prescribe_11042024/rrf/RXNCONSO.RRF")) == "2024-11-04"
    )
    assert rxnorm.read_version(Path("rrf")) == ""


def test_a_line_with_too_few_fields(folder: Path) -> None:
    (folder / "RXNCONSO.RRF").write_text(f"{ATOMS[0]}\n6809|ENG|\n")
    with pytest.raises(
        KnowledgeBaseError, match=r"RXNCONSO\.RRF, line 2, has 2 fields where RxNorm's has 18"
    ):
        list(rxnorm.read(folder))


def test_a_release_without_names_of_rxnorms_own(folder: Path) -> None:
    (folder / "RXNCONSO.RRF").write_text(f"{ATOMS[0]}\n")
    with pytest.raises(KnowledgeBaseError, match="holds no name of RxNorm's own"):
        list(rxnorm.read(folder))
