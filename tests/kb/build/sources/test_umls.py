"""UMLS releases in Rich Release Format, small ones with the oddities of real ones."""

import gzip
from collections.abc import Iterable
from pathlib import Path

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.build.sources.umls import available, read, read_version
from biopipe.kb.schema import Concept

DIABETES, TYPE_2, GENE, COLD, QUIET, BARE = (
    "C0011849",
    "C0011860",
    "C0017337",
    "C0009264",
    "C0099999",
    "C0100000",
)
RANKED = (
    "MSH|MH|N",
    "SNOMEDCT_US|PT|N",
    "SNOMEDCT_US|SY|N",
    "MSH|ET|N",
    "MSHSPA|MH|N",
    "MSHSPA|ET|N",
    "MSHFRE|MH|N",
    "MSH|DEV|Y",
    "MSH|ET|O",
)


def write(folder: Path, name: str, rows: Iterable[str], *, end: str = "\n") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.RRF"
    path.write_bytes("".join(f"{row}|{end}" for row in rows).encode())
    return path


def atom(
    cui: str,
    number: int,
    text: str,
    sab: str,
    tty: str,
    *,
    lat: str = "ENG",
    ts: str = "S",
    stt: str = "VO",
    ispref: str = "N",
    suppress: str = "N",
) -> str:
    head = f"{cui}|{lat}|{ts}|L{number:07}|{stt}|S{number:07}|{ispref}|A{number:07}||M1|D1"
    return f"{head}|{sab}|{tty}|U{number}|{text}|0|{suppress}|"


def relation(
    cui: str, rel: str, other: str, rela: str = "", *, sab: str = "MSH", suppress: str = "N"
) -> str:
    return f"{cui}|A1|SCUI|{rel}|{other}|A2|SCUI|{rela}|R1||{sab}|{sab}|||{suppress}|"


def vocabulary(
    sab: str, concepts: str, lat: str, *, current: str = "Y", included: str = "Y"
) -> str:
    return (
        f"C1|C2|{sab}_2024|{sab}|Name, of {sab}|{sab}|2024|||||Doe, J|Doe, J|0|10|{concepts}|FULL|"
        f"MH,ET|A|{lat}|"
        f"UTF-8|{current}|{included}|{sab}|;;;Cited | with a pipe;;"
    )


def write_release(folder: Path, *, end: str = "\n") -> Path:
    meta = folder / "2024AA" / "META"
    write(
        meta,
        "MRCONSO",
        [
            atom(COLD, 1, "Cold", "SNOMEDCT_US", "PT", stt="PF", ispref="Y"),
            atom(COLD, 2, "Common Cold", "MSH", "MH", ts="P", stt="PF", ispref="Y"),
            atom(COLD, 3, "COLD|chronic obstructive lung disease", "MSH", "ET"),
            atom(DIABETES, 10, "Diabetes Mellitus", "MSH", "MH", ts="P", stt="PF", ispref="Y"),
            atom(DIABETES, 11, "Diabetes mellitus", "SNOMEDCT_US", "PT", ts="P"),
            atom(DIABETES, 12, "Diabetes Mellitus", "SNOMEDCT_US", "SY"),
            atom(DIABETES, 13, "DM", "SNOMEDCT_US", "SY"),
            atom(DIABETES, 14, "DM", "SNOMEDCT_US", "SY"),
            atom(DIABETES, 15, "diabetes sacarina", "MSHSPA", "ET", lat="SPA"),
            atom(DIABETES, 16, "Diabète sucré – „Zucker“", "MSHFRE", "MH", lat="FRE"),
            atom(DIABETES, 17, "DIABETES MELLITUS NOS", "MSH", "DEV", suppress="Y"),
            atom(DIABETES, 18, "Sugar diabetes", "MSH", "ET", suppress="O"),
            atom(DIABETES, 19, " ", "MSH", "ET"),
            atom(DIABETES, 20, "diabetes mellitus", "MSHSPA", "MH", lat="SPA"),
            atom(TYPE_2, 30, "Same rank, variant", "MSH", "MH"),
            atom(TYPE_2, 31, "Same rank, secondary", "MSH", "MH", stt="PF", ispref="Y"),
            atom(TYPE_2, 32, "Same rank, not preferred", "MSH", "MH", ts="P", stt="PF"),
            atom(
                TYPE_2, 33, "Diabetes Mellitus, Type 2", "MSH", "MH", ts="P", stt="PF", ispref="Y"
            ),
            atom(TYPE_2, 34, "Unranked term type", "MSH", "ZZ", ts="P", stt="PF", ispref="Y"),
            atom(GENE, 40, "Genes", "MSH", "MH", ts="P", stt="PF", ispref="Y"),
            atom(
                QUIET, 50, "Obsolete only", "MSH", "MH", ts="P", stt="PF", ispref="Y", suppress="O"
            ),
            atom(BARE, 60, "No semantic type", "MSH", "MH", ts="P", stt="PF", ispref="Y"),
        ],
        end=end,
    )
    write(
        meta,
        "MRSTY",
        [
            f"{COLD}|T047|B2.2.1.2.1|Disease or Syndrome|AT1|256",
            f"{DIABETES}|T047|B2.2.1.2.1|Disease or Syndrome|AT2|",
            f"{DIABETES}|T033|A2.2|Finding|AT3|",
            f"{TYPE_2}|T047|B2.2.1.2.1|Disease or Syndrome|AT4|",
            f"{GENE}|T028|A1.2.3.5|Gene or Genome|AT5|",
            f"{QUIET}|T121|A1.4.1.1.1|Pharmacologic Substance|AT6|",
            "C9999999|T047|B2.2.1.2.1|Disease or Syndrome|AT7|",
        ],
        end=end,
    )
    write(
        meta,
        "MRDEF",
        [
            "C0000001|A0|AT1||MSH|Of a concept without names.|N|",
            f"{DIABETES}|A0000016|AT2||MSHFRE|Maladie.|N|",
            f"{DIABETES}|A0000015|AT3||MSHSPA|Enfermedad.|N|",
            f"{DIABETES}|A0000013|AT4||SNOMEDCT_US|Less trusted.|N|",
            f"{DIABETES}|A0000010|AT5||MSH|High glucose | β-cells.|N|",
            f"{DIABETES}|A0000010|AT6||MSH|Second.|N|",
            f"{TYPE_2}|A0000033|AT7||MSH|Suppressed.|Y|",
            f"{GENE}|A7777777|AT8||MSH|Of an atom that the subset has not.|N|",
        ],
        end=end,
    )
    write(
        meta,
        "MRREL",
        [
            relation(DIABETES, "CHD", TYPE_2, "isa"),
            relation(DIABETES, "PAR", DIABETES),
            relation(DIABETES, "PAR", "C0012634"),
            relation(DIABETES, "PAR", "C0012634", "inverse_isa", sab="SNOMEDCT_US"),
            relation(DIABETES, "PAR", "C0014130", "inverse_isa", sab="SNOMEDCT_US"),
            relation(DIABETES, "PAR", "C0025517", "part_of"),
            relation(DIABETES, "RB", "C0178664", "inverse_isa", sab="SNOMEDCT_US"),
            relation(DIABETES, "RO", "C0000002", "PAR"),
            relation(DIABETES, "CHD", "C0000004", "inverse_isa"),
            relation(DIABETES, "PAR", "C0000005", "isa", sab="MSHFRE"),
            relation(TYPE_2, "PAR", DIABETES),
            relation(TYPE_2, "PAR", "C0000003", suppress="O"),
            relation(TYPE_2, "SIB", GENE),
        ],
        end=end,
    )
    write(
        meta,
        "MRRANK",
        [f"{900 - place:04}|{kind}" for place, kind in enumerate(RANKED)],
        end=end,
    )
    write(
        meta,
        "MRCUI",
        [
            "C0000100|2001AA|DEL||||",
            f"C0000101|2001AA|SY|||{TYPE_2}|Y",
            f"C0000102|2001AA|RB|||{DIABETES}|Y",
            f"C0000103|2001AB|SY|||{DIABETES}|Y",
            f"C0000104|2001AB|SY|||{DIABETES}|Y",
            "C0000105|2001AB|SY|||C8888888|N",
        ],
        end=end,
    )
    write(
        meta,
        "MRSAB",
        [
            vocabulary("MSH", "350000", "ENG"),
            vocabulary("MSHSPA", "", "SPA"),
            vocabulary("MSHFRE", "9", "FRE"),
            vocabulary("SNOMEDCT_US", "370000", "ENG"),
            vocabulary("SNOMEDCT", "1", "GER", current="N"),
        ],
        end=end,
    )
    (meta / "release.dat").write_text("umls.release.date=20240506\numls.release.name=2024AA\n")
    return meta


@pytest.fixture
def meta(tmp_path: Path) -> Path:
    return write_release(tmp_path / "umls")


def of(concepts: Iterable[Concept], cui: str) -> list[Concept]:
    return [concept for concept in concepts if concept.id == f"UMLS:{cui}"]


def names(concepts: Iterable[Concept], cui: str) -> dict[str, list[str]]:
    return {each.source: [each.name, *each.synonyms] for each in of(concepts, cui)}


def test_a_concept_with_all_its_parts(meta: Path) -> None:
    assert of(read(meta), DIABETES) == [
        Concept(
            f"UMLS:{DIABETES}",
            "Diabetes Mellitus",
            types=("Disease or Syndrome", "Finding"),
            definition="High glucose | β-cells.",
            parents=("UMLS:C0012634", "UMLS:C0014130", "UMLS:C0178664", "UMLS:C0000005"),
            source="MSH",
        ),
        Concept(
            f"UMLS:{DIABETES}",
            "Diabetes mellitus",
            ("DM", "Diabetes Mellitus"),
            source="SNOMEDCT_US",
        ),
    ]


def test_concepts_come_in_order_and_those_of_one_id_together(meta: Path) -> None:
    ids = list(dict.fromkeys(concept.id for concept in read(meta, retired=False)))
    assert ids == [f"UMLS:{cui}" for cui in (COLD, DIABETES, TYPE_2, GENE, BARE)]
    assert of(read(meta), BARE)[0].types == ()
    assert of(read(meta), GENE)[0].definition == "Of an atom that the subset has not."


def test_the_preferred_name_is_that_of_the_highest_rank_then_of_the_preferred_atom(
    meta: Path,
) -> None:
    found = list(read(meta))
    assert of(found, COLD)[0].name == "Common Cold"
    assert names(found, TYPE_2)["MSH"] == [
        "Diabetes Mellitus, Type 2",
        "Same rank, not preferred",
        "Same rank, secondary",
        "Same rank, variant",
        "Unranked term type",
    ]
    assert of(found, TYPE_2)[0].definition == ""


def test_a_pipe_in_a_name_belongs_to_it(meta: Path) -> None:
    assert names(read(meta), COLD)["MSH"] == [
        "Common Cold",
        "COLD|chronic obstructive lung disease",
    ]


def test_sources(meta: Path) -> None:
    found = list(read(meta, sources=["SNOMEDCT_US"]))
    assert names(found, DIABETES) == {
        "SNOMEDCT_US": ["Diabetes mellitus", "DM", "Diabetes Mellitus"]
    }
    assert of(found, DIABETES)[0].definition == "Less trusted."
    assert of(found, DIABETES)[0].parents == ("UMLS:C0012634", "UMLS:C0014130", "UMLS:C0178664")
    assert not of(found, TYPE_2)
    assert of(read(meta, sources=["MSH"]), DIABETES)[0].parents == ("UMLS:C0012634",)


@pytest.mark.parametrize(
    "type_",
    ["T028", "t028", "Gene or Genome", "gene or genome", "GENE", "Genes & Molecular Sequences"],
)
def test_types_by_code_or_name_or_group(meta: Path, type_: str) -> None:
    assert {each.id for each in read(meta, types=[type_])} == {f"UMLS:{GENE}"}


def test_a_concept_of_a_wanted_type_keeps_its_other_types(meta: Path) -> None:
    found = list(read(meta, types=["T033"]))
    assert {each.id for each in found if not each.replaced_by} == {f"UMLS:{DIABETES}"}
    assert found[0].types == ("Disease or Syndrome", "Finding")


def test_languages_the_first_is_preferred(meta: Path) -> None:
    found = list(read(meta, languages=["SPA", "ENG"]))
    assert list(names(found, DIABETES)) == ["MSHSPA", "MSH", "SNOMEDCT_US"]
    assert names(found, DIABETES)["MSHSPA"] == ["diabetes mellitus", "diabetes sacarina"]
    assert of(found, DIABETES)[0].definition == "Enfermedad."
    assert of(found, COLD)[0].name == "Common Cold"
    french = list(read(meta, languages=["FRE"]))
    assert names(french, DIABETES) == {"MSHFRE": ["Diabète sucré – „Zucker“"]}
    assert not of(french, COLD)


def test_suppressed_atoms(meta: Path) -> None:
    assert not of(read(meta), QUIET)
    found = list(read(meta, suppressed=True))
    assert of(found, QUIET)[0].name == "Obsolete only"
    assert names(found, DIABETES)["MSH"] == [
        "Diabetes Mellitus",
        "DIABETES MELLITUS NOS",
        "Sugar diabetes",
    ]
    assert of(found, TYPE_2)[0].definition == "Suppressed."
    assert of(found, TYPE_2)[0].parents == (f"UMLS:{DIABETES}", "UMLS:C0000003")


def test_retired_cuis_that_were_merged(meta: Path) -> None:
    retired = [each for each in read(meta) if each.replaced_by]
    types = ("Disease or Syndrome", "Finding")
    assert retired == [
        Concept("UMLS:C0000103", "Diabetes Mellitus", types=types, replaced_by=f"UMLS:{DIABETES}"),
        Concept("UMLS:C0000104", "Diabetes Mellitus", types=types, replaced_by=f"UMLS:{DIABETES}"),
        Concept(
            "UMLS:C0000101",
            "Diabetes Mellitus, Type 2",
            types=types[:1],
            replaced_by=f"UMLS:{TYPE_2}",
        ),
    ]


def test_crlf_and_gzip_make_no_difference(tmp_path: Path, meta: Path) -> None:
    plain = list(read(meta))
    other = write_release(tmp_path / "crlf", end="\r\n")
    assert list(read(other)) == plain
    for path in list(other.glob("*.RRF")):
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
        path.unlink()
    assert list(read(other)) == plain


def test_the_folder_may_be_above_meta(meta: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert list(read(meta.parent)) == list(read(meta.parent.parent)) == list(read(meta))
    with pytest.raises(KnowledgeBaseError, match="no folder"):
        read(meta / "none")
    with pytest.raises(KnowledgeBaseError, match=r"no MRCONSO\.RRF"):
        read(tmp_path / "empty")


def test_files_in_parts_are_to_be_joined(meta: Path) -> None:
    plain = list(read(meta))
    path = meta / "MRREL.RRF"
    content = path.read_bytes()
    path.unlink()
    parts = [meta / "MRREL.RRF.aa.gz", meta / "MRREL.RRF.ab.gz"]
    for part, half in zip(parts, (content[:300], content[300:]), strict=True):
        part.write_bytes(gzip.compress(half, mtime=0))
    with pytest.raises(
        KnowledgeBaseError, match=r"MRREL.RRF in 2 parts.*cat MRREL.RRF.a\?.gz > MRREL.RRF.gz"
    ):
        read(meta)
    (meta / "MRREL.RRF.gz").write_bytes(b"".join(part.read_bytes() for part in parts))
    assert list(read(meta)) == plain


def test_a_missing_file_is_named_at_once(meta: Path) -> None:
    (meta / "MRSTY.RRF").unlink()
    with pytest.raises(KnowledgeBaseError, match=r"no MRSTY\.RRF .*it holds"):
        read(meta)


@pytest.mark.parametrize("name", ["MRDEF", "MRREL", "MRRANK", "MRCUI"])
def test_a_file_that_names_can_do_without_may_be_missing(meta: Path, name: str) -> None:
    whole = {concept.id for concept in read(meta) if not concept.replaced_by}
    (meta / f"{name}.RRF").unlink()
    with pytest.warns(UserWarning, match=rf"no {name}\.RRF .* is built without"):
        concepts = list(read(meta))
    assert {concept.id for concept in concepts if not concept.replaced_by} == whole


def test_names_and_types_alone_make_a_base(meta: Path) -> None:
    for path in meta.glob("*.RRF"):
        if path.stem not in ("MRCONSO", "MRSTY"):
            path.unlink()
    with pytest.warns(UserWarning, match="is built without"):
        concepts = list(read(meta, sources=["MSH"]))
    assert {concept.source for concept in concepts} == {"MSH"}
    assert any(concept.types for concept in concepts)


def test_empty_files_will_do_for_what_is_not_needed(meta: Path) -> None:
    for name in ("MRDEF", "MRREL", "MRCUI"):
        (meta / f"{name}.RRF").write_bytes(b"")
    assert list(read(meta)) == list(read(meta, definitions=False, parents=False, retired=False))
    (meta / "MRCONSO.RRF").write_bytes(b"")
    with pytest.raises(KnowledgeBaseError, match="passes all filters"):
        list(read(meta))


def test_files_that_are_not_wanted_may_be_missing(meta: Path) -> None:
    for name in ("MRDEF", "MRREL", "MRCUI", "MRSAB"):
        (meta / f"{name}.RRF").unlink()
    found = list(read(meta, definitions=False, parents=False, retired=False))
    assert len(found) == 7
    assert not any(each.definition or each.parents or each.replaced_by for each in found)


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        ("MRCONSO", "C0200000|ENG|P|L1|PF|S1|Y|A1||", "line 23, ends before the column SCUI"),
        ("MRSTY", "D0200000|T047|", r"MRSTY\.RRF, line 8, ends before the column STN \(2 of 6"),
        (
            "MRSTY",
            "D0200000|T047|B|Disease|AT|256|1|",
            "line 8, has 7 columns where MRSTY.RRF has 6",
        ),
        ("MRRANK", "first|MSH|MH|N|", "line 10, has the RANK 'first'"),
        (
            "MRCONSO",
            atom(COLD, 9, "Cold again", "MSH", "ET"),
            f"line 23, has '{COLD}' after '{BARE}'.*sort",
        ),
        (
            "MRREL",
            relation("C0000001", "PAR", GENE),
            f"MRREL.RRF, line 14, has 'C0000001' after '{TYPE_2}'",
        ),
        ("MRCUI", f"{'C' * 30}|2001AA|SY|||{GENE}|Y|", "line 7, maps 'CCC"),
        ("MRDEF", "D0000000|A1|AT1||MSH|caf\udce9|N||", r"line 9, is not UTF-8"),
    ],
)
def test_a_broken_row_is_named(meta: Path, name: str, line: str, message: str) -> None:
    path = meta / f"{name}.RRF"
    path.write_bytes(path.read_bytes() + line.encode("utf-8", "surrogateescape") + b"\n")
    with pytest.raises(KnowledgeBaseError, match=message):
        list(read(meta))


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"sources": ["SNOMEDCT"]}, r"Unknown source 'SNOMEDCT' in .*near it are: SNOMEDCT_US"),
        ({"languages": ["EN"]}, r"Unknown language 'EN' in .*: ENG"),
        ({"types": ["Disease"]}, r"semantic type or group 'Disease' .*Disease or Syndrome"),
    ],
)
def test_an_unknown_filter_value_lists_the_near_ones_at_once(
    meta: Path, filters: dict[str, list[str]], message: str
) -> None:
    with pytest.raises(KnowledgeBaseError, match=message):
        read(meta, **filters)  # type: ignore[arg-type]


def test_filters_that_leave_nothing(meta: Path) -> None:
    with pytest.raises(
        KnowledgeBaseError, match=r"passes all filters .sources MSHSPA; types GENE; languages ENG"
    ):
        list(read(meta, sources=["MSHSPA"], types=["GENE"]))


def test_what_is_available(meta: Path) -> None:
    found = available(meta)
    assert found.sources == {"MSH": 350000, "MSHSPA": 0, "MSHFRE": 9, "SNOMEDCT_US": 370000}
    assert found.languages == ("ENG", "FRE", "SPA")
    assert found.types["Disease or Syndrome"] == 4


def test_the_version(meta: Path) -> None:
    assert read_version(meta) == "2024AA"
    (meta / "release.dat").unlink()
    assert read_version(meta) == "2024AA"
    meta.parent.rename(meta.parent.with_name("umls"))
    assert read_version(meta.parent.with_name("umls")) == ""


def test_compiled_names_keep_their_sources(meta: Path, tmp_path: Path) -> None:
    kb = KnowledgeBase.open(
        compile_kb(read(meta), tmp_path / "kb", name="umls", version="1", licence="x", sources={})
    )
    concept = kb.concept(f"UMLS:{DIABETES}")
    assert concept.name == "Diabetes Mellitus"
    assert concept.types == ("Disease or Syndrome", "Finding")
    assert concept.definition == "High glucose | β-cells."
    assert set(concept.synonyms) == {"Diabetes mellitus", "DM"}
    assert [each.concept_id for each in kb.lookup("DM")] == [f"UMLS:{DIABETES}"]
    assert kb.concept("UMLS:C0000103").replaced_by == f"UMLS:{DIABETES}"
    snomed = kb.select(sources=["SNOMEDCT_US"])
    assert snomed is not None
    assert int(snomed.sum()) == 2
