"""SNOMED CT releases in Release Format 2, small ones with the oddities of real ones."""

import gzip
from collections.abc import Iterable
from pathlib import Path

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.build.sources.snomed import read, read_version
from biopipe.kb.schema import Concept

CORE, US_MODULE, SPANISH = "900000000000207008", "731000124108", "449081005"
FSN, SYNONYM = "900000000000003001", "900000000000013009"
US, GB, LATIN = "900000000000509007", "900000000000508004", "450828004"
PREFERRED, ACCEPTABLE = "900000000000548007", "900000000000549004"
IS_A, SITE = "116680003", "363698007"
SAME_AS, REPLACED_BY, POSSIBLY = "900000000000527005", "900000000000526001", "900000000000523009"
ROOT, FINDING, DIABETES, TYPE_2, ANEMIA, ARM, HAND = (
    "138875005",
    "404684003",
    "73211009",
    "44054006",
    "271737000",
    "53120007",
    "85562004",
)
OLD_DIABETES, OLDER_DIABETES, VAGUE, LOST = "154671004", "191044006", "267467004", "111111001"
NATIONAL = "10041000124104"

Row = tuple[str, ...]
HEADERS = {
    "Concept": "id effectiveTime active moduleId definitionStatusId",
    "Description": "id effectiveTime active moduleId conceptId languageCode typeId term caseSignificanceId",
    "Relationship": "id effectiveTime active moduleId sourceId destinationId relationshipGroup typeId "
    "characteristicTypeId modifierId",
    "Language": "id effectiveTime active moduleId refsetId referencedComponentId acceptabilityId",
    "Association": "id effectiveTime active moduleId refsetId referencedComponentId targetComponentId",
}
PLACES = {
    "Concept": "Terminology/sct2_Concept_Snapshot",
    "Description": "Terminology/sct2_Description_Snapshot-en",
    "TextDefinition": "Terminology/sct2_TextDefinition_Snapshot-en",
    "Relationship": "Terminology/sct2_Relationship_Snapshot",
    "Language": "Refset/Language/der2_cRefset_LanguageSnapshot-en",
    "Association": "Refset/Content/der2_cRefset_AssociationSnapshot",
}


def write(
    folder: Path,
    kind: str,
    rows: Iterable[Row],
    *,
    edition: str = "INT_20230731",
    place: str = "",
    end: str = "\r\n",
) -> Path:
    path = folder / "Snapshot" / f"{place or PLACES[kind]}_{edition}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    header = HEADERS["Description" if kind == "TextDefinition" else kind].split()
    path.write_bytes("".join("\t".join(row) + end for row in [tuple(header), *rows]).encode())
    return path


def concept(id_: str, *, active: str = "1", module: str = CORE) -> Row:
    return id_, "20020131", active, module, "900000000000074008"


def term(
    id_: str,
    concept: str,
    text: str,
    *,
    type_: str = SYNONYM,
    language: str = "en",
    active: str = "1",
    module: str = CORE,
) -> Row:
    return id_, "20170731", active, module, concept, language, type_, text, "900000000000448009"


def is_a(child: str, parent: str, *, active: str = "1", type_: str = IS_A) -> Row:
    number = f"{child}{parent}{active}"[:18]
    return (
        number,
        "20020131",
        active,
        CORE,
        child,
        parent,
        "0",
        type_,
        "900000000000011006",
        "900000000000451002",
    )


def preference(
    description: str, *, refset: str = US, acceptability: str = PREFERRED, active: str = "1"
) -> Row:
    return (
        f"80000517-8513-5ca0-a44c-{description}{refset}",
        "20020131",
        active,
        CORE,
        refset,
        description,
        acceptability,
    )


def association(old: str, new: str, *, refset: str = SAME_AS, active: str = "1") -> Row:
    return f"00dcd3e6-{refset}-{old}-{new}", "20020131", active, CORE, refset, old, new


def write_release(folder: Path) -> Path:
    """An international release: CRLF, inactive rows of every kind, non-ASCII terms, a cycle, chains
    of history.
    """
    write(
        folder,
        "Concept",
        [concept(id_) for id_ in (ROOT, FINDING, DIABETES, TYPE_2, ANEMIA, ARM, HAND)]
        + [concept(id_, active="0") for id_ in (OLD_DIABETES, OLDER_DIABETES, VAGUE, LOST)],
    )
    write(
        folder,
        "Description",
        [
            term("101", ROOT, "SNOMED CT Concept (SNOMED RT+CTV3)", type_=FSN),
            term("102", FINDING, "Clinical finding (finding)", type_=FSN),
            term("103", FINDING, "Clinical finding"),
            term("104", DIABETES, "Diabetes mellitus (disorder)", type_=FSN),
            term("105", DIABETES, "DM - Diabetes mellitus"),
            term("106", DIABETES, "Diabetes mellitus"),
            term("107", DIABETES, "Sugar", active="0"),
            term("108", TYPE_2, "Diabetes mellitus type 2 (disorder)", type_=FSN),
            term("109", TYPE_2, "Type II diabetes"),
            term("110", TYPE_2, "Diabetes mellitus | type 2"),
            term("111", ANEMIA, "Anemia (disorder)", type_=FSN),
            term("112", ANEMIA, "Anaemia"),
            term("113", ANEMIA, "Anemia"),
            term("114", ANEMIA, "Anämie – „Blutarmut“"),
            term("115", ARM, "Upper limb structure (body structure)", type_=FSN),
            term("116", ARM, "Arm (inclusive)"),
            term("117", HAND, "Hand structure (body structure)", type_=FSN),
            term("118", OLD_DIABETES, "Diabetes mellitus, NOS (disorder)", type_=FSN),
            term("119", OLDER_DIABETES, "Diabetes (disorder)", type_=FSN),
            term("120", VAGUE, "Diabetes or so (disorder)", type_=FSN),
            term("121", "999999990", "Name of nothing"),
            term("122", HAND, "   "),
        ],
    )
    definition = "900000000000550004"
    write(
        folder,
        "TextDefinition",
        [
            term("201", DIABETES, "Old words.", type_=definition, active="0"),
            term("202", DIABETES, 'Glucose is "high".', type_=definition),
            term("203", ANEMIA, "Pocos eritrocitos.", type_=definition, language="es"),
        ],
    )
    write(
        folder,
        "Relationship",
        [
            is_a(FINDING, ROOT),
            is_a(DIABETES, FINDING),
            is_a(TYPE_2, DIABETES),
            is_a(TYPE_2, DIABETES),
            is_a(TYPE_2, FINDING, active="0"),
            is_a(ANEMIA, FINDING),
            is_a(ANEMIA, ARM, type_=SITE),
            is_a(ARM, ROOT),
            is_a(HAND, ARM),
            is_a(ARM, HAND),
        ],
    )
    write(
        folder,
        "Language",
        [
            preference("103"),
            preference("104"),
            preference("105", acceptability=ACCEPTABLE),
            preference("106"),
            preference("109", active="0"),
            preference("110"),
            preference("112", refset=GB),
            preference("113"),
        ],
    )
    write(
        folder,
        "Association",
        [
            association(OLD_DIABETES, DIABETES, refset=REPLACED_BY),
            association(OLDER_DIABETES, OLD_DIABETES),
            association(VAGUE, DIABETES, refset=POSSIBLY),
            association(LOST, LOST),
            association(TYPE_2, ARM),
            association(VAGUE, TYPE_2, active="0"),
        ],
    )
    # Beside the Snapshot lie files that are not to be read.
    for other in ("Full/Terminology/sct2_Concept_Full_INT_20230731.txt", "Readme_en_20230731.txt"):
        path = folder / other
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("no\ttable\n")
    write(folder, "Relationship", [], place="Terminology/sct2_StatedRelationship_Snapshot")
    return folder


@pytest.fixture
def release(tmp_path: Path) -> Path:
    return write_release(tmp_path / "SnomedCT_InternationalRF2_PRODUCTION_20230731T120000Z")


def by_id(concepts: Iterable[Concept]) -> dict[str, Concept]:
    found = {each.id.removeprefix("SNOMEDCT:"): each for each in concepts}
    assert all(id_.isdecimal() for id_ in found)
    return found


def test_an_international_release(release: Path) -> None:
    found = list(read(release))
    assert (
        Concept(
            f"SNOMEDCT:{DIABETES}",
            "Diabetes mellitus",
            ("DM - Diabetes mellitus",),
            ("disorder",),
            'Glucose is "high".',
            (f"SNOMEDCT:{FINDING}",),
            source="SNOMED CT",
        )
        in found
    )
    ids = [int(each.id.partition(":")[2]) for each in found if not each.replaced_by]
    assert ids == sorted(map(int, (ROOT, FINDING, DIABETES, TYPE_2, ANEMIA, ARM, HAND)))
    assert len({each.id for each in found}) == len(found)


def test_names(release: Path) -> None:
    found = by_id(read(release))
    assert (found[ANEMIA].name, found[ANEMIA].synonyms) == (
        "Anemia",
        ("Anaemia", "Anämie – „Blutarmut“"),
    )
    assert (found[TYPE_2].name, found[TYPE_2].synonyms) == (
        "Diabetes mellitus | type 2",
        ("Type II diabetes", "Diabetes mellitus type 2"),
    )
    assert (found[ARM].name, found[ARM].synonyms) == ("Arm (inclusive)", ("Upper limb structure",))
    assert (found[HAND].name, found[HAND].synonyms) == ("Hand structure", ())
    assert found[ROOT].types == ("SNOMED RT+CTV3",)
    assert found[ANEMIA].definition == ""


def test_reference_sets_say_which_name_is_preferred(release: Path) -> None:
    assert by_id(read(release, refsets=[GB]))[ANEMIA].name == "Anaemia"
    assert by_id(read(release, refsets=[US, GB]))[ANEMIA].name == "Anemia"


def test_replaced_concepts_go_to_the_last_active_one(release: Path) -> None:
    replaced = {id_: each for id_, each in by_id(read(release)).items() if each.replaced_by}
    assert set(replaced) == {OLD_DIABETES, OLDER_DIABETES}
    assert replaced[OLDER_DIABETES].replaced_by == f"SNOMEDCT:{DIABETES}"
    assert replaced[OLD_DIABETES].name == "Diabetes mellitus, NOS"
    assert not any(each.replaced_by for each in read(release, retired=False))
    assert not any(each.replaced_by for each in read(release, branches=[ARM]))


def test_branches_are_taken_with_their_descendants(release: Path) -> None:
    assert set(by_id(read(release, branches=[FINDING], retired=False))) == {
        FINDING,
        DIABETES,
        TYPE_2,
        ANEMIA,
    }
    assert set(by_id(read(release, branches=[f"SNOMEDCT:{ARM}"]))) == {ARM, HAND}
    assert set(by_id(read(release, branches=[ARM, OLD_DIABETES], retired=True))) == {
        ARM,
        HAND,
        DIABETES,
        TYPE_2,
        OLD_DIABETES,
        OLDER_DIABETES,
    }


def test_types_are_semantic_tags(release: Path) -> None:
    assert set(by_id(read(release, types=["body structure", "finding"]))) == {FINDING, ARM, HAND}
    with pytest.raises(
        KnowledgeBaseError, match=r"semantic tag 'disorders'.*near it are: disorder"
    ):
        list(read(release, types=["disorders"]))


def test_a_spanish_extension_beside_the_international_release(
    tmp_path: Path, release: Path
) -> None:
    extension = tmp_path / "SnomedCT_ManagedServiceES"
    edition = "INT_20230930"
    write(
        extension,
        "Concept",
        [concept("450829007", module=SPANISH)],
        edition=edition,
        place="Terminology/sct2_Concept_SpanishExtensionSnapshot",
    )
    write(
        extension,
        "Description",
        [
            term(
                "301",
                DIABETES,
                "diabetes mellitus (trastorno)",
                type_=FSN,
                language="es",
                module=SPANISH,
            ),
            term("302", DIABETES, "diabetes sacarina", language="es", module=SPANISH),
            term("303", DIABETES, "diabetes mellitus", language="es", module=SPANISH),
            term(
                "304", TYPE_2, "diabetes de tipo dos, según la OMS", language="es", module=SPANISH
            ),
            # The extension takes back a description of the international release.
            term("105", DIABETES, "DM - Diabetes mellitus", active="0", module=SPANISH),
        ],
        edition=edition,
        place="Terminology/sct2_Description_SpanishExtensionSnapshot-es",
    )
    write(
        extension,
        "Language",
        [preference("303", refset=LATIN)],
        edition=edition,
        place="Refset/Language/der2_cRefset_LanguageSpanishExtensionSnapshot-es",
    )
    both = by_id(read(tmp_path, languages=["es", "en"]))[DIABETES]
    assert both.name == "diabetes mellitus"
    assert both.synonyms == ("diabetes sacarina", "Diabetes mellitus")
    assert both.types == ("disorder",)
    spanish = by_id(read(tmp_path, languages=["es"], retired=False))
    assert set(spanish) == {DIABETES, TYPE_2}
    assert spanish[TYPE_2].name == "diabetes de tipo dos, según la OMS"
    assert spanish[TYPE_2].types == ("disorder",)
    assert by_id(read(tmp_path))[DIABETES].synonyms == ()
    assert read_version(tmp_path) == "INT 20230731, INT 20230930"
    with pytest.raises(KnowledgeBaseError, match=r"Unknown language 'fr'.*there are: en, es"):
        list(read(tmp_path, languages=["fr"]))


def test_a_national_edition_by_module(tmp_path: Path) -> None:
    folder = write_release(tmp_path / "SnomedCT_ManagedServiceUS")
    for path in folder.rglob("*_INT_20230731.txt"):
        path.rename(path.with_name(path.name.replace("INT_20230731", "US1000124_20230901")))
    names = next(folder.rglob("sct2_Description_*"))
    with names.open("a", encoding="utf-8", newline="") as file:
        file.write(
            "\t".join(
                term("401", NATIONAL, "Anemia at camp (finding)", type_=FSN, module=US_MODULE)
            )
            + "\r\n"
        )
        file.write("\t".join(term("402", DIABETES, "Sweet blood", module=US_MODULE)) + "\r\n")
    concepts = next((folder / "Snapshot").rglob("sct2_Concept_*"))
    with concepts.open("a", encoding="utf-8", newline="") as file:
        file.write("\t".join(concept(NATIONAL, module=US_MODULE)) + "\r\n")
    assert NATIONAL in by_id(read(folder))
    assert set(by_id(read(folder, modules=[US_MODULE]))) == {NATIONAL}
    core = by_id(read(folder, modules=[CORE]))
    assert NATIONAL not in core
    assert "Sweet blood" not in core[DIABETES].synonyms
    assert read_version(folder) == "US1000124 20230901"
    with pytest.raises(KnowledgeBaseError, match=f"Unknown module '731'.*{US_MODULE}"):
        list(read(folder, modules=["731"]))


def test_gzipped_files(release: Path) -> None:
    plain = list(read(release))
    for path in [*release.rglob("*Snapshot*.txt")]:
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
        path.unlink()
    assert list(read(release)) == plain


@pytest.mark.parametrize("kind", list(PLACES))
def test_a_missing_file_is_named_at_once(release: Path, kind: str) -> None:
    next(release.glob(f"Snapshot/{PLACES[kind]}_*")).unlink()
    start = PLACES[kind].rpartition("/")[2].partition("Snapshot")[0]
    with pytest.raises(KnowledgeBaseError, match=f"no file {start}.*Snapshot"):
        read(release)
    if kind == "TextDefinition":
        assert by_id(read(release, definitions=False))[DIABETES].definition == ""
    if kind == "Association":
        assert DIABETES in by_id(read(release, retired=False))


def test_a_missing_column_is_named(release: Path) -> None:
    path = next(release.rglob("sct2_Relationship_*"))
    path.write_bytes(path.read_bytes().replace(b"typeId", b"kind", 1))
    with pytest.raises(
        KnowledgeBaseError, match=r"sct2_Relationship_.*no column 'typeId'.*destinationId"
    ):
        list(read(release))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            b"123\t20230731\t1\t900000000000207008\t404684003\ten",
            "line 24, has 6 columns.*first missing is typeId",
        ),
        (
            "\t".join(term("12x", DIABETES, "a")).encode(),
            "line 24, has no number in one of id, conceptId",
        ),
        (
            "\t".join(term("123", DIABETES, "a\tb")).encode(),
            "line 24, has 10 columns where its header has 9",
        ),
        (b"123\t20230731\t1\t9\t404684003\ten\t9\t\xe9\t9", r"line 24, is not UTF-8"),
    ],
)
def test_a_broken_row_is_named(release: Path, line: bytes, message: str) -> None:
    path = next(release.rglob("sct2_Description_*"))
    path.write_bytes(path.read_bytes() + line + b"\r\n")
    with pytest.raises(KnowledgeBaseError, match=message):
        list(read(release))


@pytest.mark.parametrize("branch", ["999", "clinical finding", LOST])
def test_an_unknown_branch(release: Path, branch: str) -> None:
    with pytest.raises(KnowledgeBaseError, match=f"no active concept '{branch}'"):
        list(read(release, branches=[branch]))


def test_unknown_reference_set(release: Path) -> None:
    with pytest.raises(KnowledgeBaseError, match=f"reference set '{LATIN}'.*{GB}"):
        list(read(release, refsets=[LATIN]))


def test_filters_that_leave_nothing(release: Path) -> None:
    with pytest.raises(
        KnowledgeBaseError, match=f"passes all filters .branches {ARM}; types finding"
    ):
        list(read(release, branches=[ARM], types=["finding"]))


def test_two_dates_of_one_package(tmp_path: Path, release: Path) -> None:
    write(tmp_path / "older", "Concept", [], edition="INT_20220731")
    with pytest.raises(KnowledgeBaseError, match=r"holds two releases, .*INT_20"):
        read(tmp_path)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeBaseError, match="no folder"):
        read(tmp_path / "none")
    with pytest.raises(KnowledgeBaseError, match="no file sct2_Concept_Snapshot"):
        read(tmp_path)


def test_compiled(release: Path, tmp_path: Path) -> None:
    kb = KnowledgeBase.open(
        compile_kb(
            read(release), tmp_path / "kb", name="snomed", version="1", licence="x", sources={}
        )
    )
    assert [each.concept_id for each in kb.lookup("diabetes mellitus")] == [f"SNOMEDCT:{DIABETES}"]
    assert kb.concept(f"SNOMEDCT:{OLDER_DIABETES}").replaced_by == f"SNOMEDCT:{DIABETES}"
    assert len(kb) == 7
