"""Builds of real files in several formats."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from biopipe.errors import ConfigError, KnowledgeBaseError
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.joining import TerminologySource, build_kb, has_more_names, read_sources
from biopipe.kb.build.merge import JoinPlan

MEDIC = "D001249|600807||Asthma|Bronchial Asthma\nD008171||Lung Diseases\n"
DOID = """data-version: v9
property_value: dcterms-license https://creativecommons.org/publicdomain/zero/1.0/ xsd:anyURI

[Term]
id: DOID:2841
name: asthma
namespace: disease_ontology
synonym: "chronic obstructive asthma" EXACT []
is_a: DOID:1 ! x

[Term]
id: DOID:1
name: lung disease
namespace: disease_ontology
"""
MORE = (
    "id\tname\ttypes\tparents\nDOID:5\tbrittle asthma\tDisease\tDOID:2841\nDOID:6\tcold\tCold\t\n"
)
MAPPINGS = "subject_id\tpredicate_id\tobject_id\nmesh:D001249\tskos:exactMatch\tDOID:2841\n"
SCISPACY = (
    '{"concept_id": "C0004096", "canonical_name": "Asthma", "aliases": ["BA"], "types": ["T047"], '
    '"definition": null}\n'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {
        "medic.txt": MEDIC,
        "doid.obo": DOID,
        "more.tsv": MORE,
        "maps.sssom.tsv": MAPPINGS,
        "kb.jsonl": SCISPACY,
    }.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def build(folder: Path, *sources: TerminologySource, mappings: bool = False) -> KnowledgeBase:
    mapped = [folder / "maps.sssom.tsv"] if mappings else []
    return KnowledgeBase.open(build_kb(sources, folder / "kb", name="t", mappings=mapped))


def test_several_formats_with_mappings(folder: Path) -> None:
    plans: list[JoinPlan] = []
    sources = [
        TerminologySource("medic", folder / "medic.txt"),
        TerminologySource("obo", folder / "doid.obo", type="Disease"),
    ]
    maps = [folder / "maps.sssom.tsv"]
    kb = KnowledgeBase.open(
        build_kb(sources, folder / "kb", name="t", mappings=maps, on_join=plans.append)
    )
    assert [plan.joined for plan in plans] == [1]
    asthma = kb.concept("MESH:D001249")
    assert (asthma.name, asthma.types) == ("Asthma", ("Disease", "disease_ontology"))
    assert asthma.synonyms == ("Bronchial Asthma", "asthma", "chronic obstructive asthma")
    assert asthma.parents == ("DOID:1",)
    assert {kb.canonical(id_) for id_ in ("OMIM:600807", "DOID:2841")} == {"MESH:D001249"}
    assert kb.manifest.version == "medic.txt: not stated; doid.obo: v9"
    assert set(kb.manifest.sources) == {"medic.txt", "doid.obo", "maps.sssom.tsv"}
    licence = "https://ctdbase.org/about/legal.jsp; doid.obo: https://creativecommons.org/publicdomain/zero/1.0/"
    assert kb.manifest.licence.endswith(licence)
    assert kb.select(sources=["DOID"]) is not None, (
        "concepts without a source have the prefix of their id"
    )


def test_scispacy_concepts_as_they_are(folder: Path) -> None:
    kb = build(folder, TerminologySource("jsonl", folder / "kb.jsonl"))
    concept = kb.concept("C0004096")
    assert (concept.name, concept.synonyms, concept.types) == ("Asthma", ("BA",), ("T047",))


def test_a_branch_goes_on_from_file_to_file(folder: Path) -> None:
    filters = {"branches": ["DOID:2841"], "types": [], "taxa": ()}
    sources = [
        TerminologySource("obo", folder / "doid.obo", filters=filters),
        TerminologySource("tsv", folder / "more.tsv", filters=filters),
    ]
    assert [concept.id for concept in read_sources(sources)] == ["DOID:2841", "DOID:5"]


def test_each_source_has_its_own_filters(folder: Path) -> None:
    sources = [
        TerminologySource("obo", folder / "doid.obo", filters={"branches": ["DOID:2841"]}),
        TerminologySource("tsv", folder / "more.tsv", filters={"types": ["Cold"]}),
        TerminologySource("medic", folder / "medic.txt"),
    ]
    living = [concept.id for concept in read_sources(sources) if not concept.replaced_by]
    assert living == ["DOID:2841", "DOID:6", "MESH:D001249", "MESH:D008171"]


@pytest.mark.parametrize(
    ("filters", "error", "message"),
    [
        (
            {"types": ["Diseese"]},
            KnowledgeBaseError,
            "No concept is of the type 'Diseese'; near it are: Disease",
        ),
        (
            {"branches": ["DOID:0"]},
            KnowledgeBaseError,
            "There is no concept 'DOID:0' to be a branch",
        ),
        (
            {"branches": ["DOID:6"], "types": ["Cold"], "sources": ["X"]},
            KnowledgeBaseError,
            "of the source 'X'",
        ),
        (
            {"taxa": ["9606"]},
            ConfigError,
            "The format 'tsv' cannot be narrowed by taxa; it can be by: branches, sou",
        ),
    ],
)
def test_filters_that_leave_nothing(
    folder: Path, filters: dict[str, list[str]], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        build(folder, TerminologySource("tsv", folder / "more.tsv", filters=filters))
    assert not (folder / "kb").exists()


def test_a_source_of_no_concepts(folder: Path) -> None:
    (folder / "none.tsv").write_text("id\tname\n")
    with pytest.raises(KnowledgeBaseError, match="hold no concept with a name"):
        build(folder, TerminologySource("tsv", folder / "none.tsv"))
    assert not [path for path in folder.iterdir() if "kb" in path.name and path.suffix != ".jsonl"]


@pytest.mark.parametrize(
    ("name", "format"), [("nothing.tsv", "tsv"), (".", "tsv"), ("gone", "umls")]
)
def test_a_source_that_is_not_there(folder: Path, name: str, format: str) -> None:
    with pytest.raises(KnowledgeBaseError, match="There is no file"):
        build(folder, TerminologySource(format, folder / name))


def test_how_many_names(folder: Path) -> None:
    sources = [TerminologySource("medic", folder / "medic.txt")]
    assert has_more_names(sources, 2)
    assert not has_more_names(sources, 3)


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """No file of this process may grow over `size` bytes: what a full disk does to a build."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("size", [1_000, 40_000, 100_000, 150_000])
def test_a_full_disk_leaves_nothing(tmp_path: Path, size: int) -> None:
    rows = "".join(f"X:{number}\tname {number} of a concept\n" for number in range(3_000))
    (tmp_path / "big.tsv").write_text("id\tname\n" + rows)
    with (
        files_up_to(size),
        pytest.raises(KnowledgeBaseError, match=r"cannot be written .*; nothing was left"),
    ):
        build_kb([TerminologySource("tsv", tmp_path / "big.tsv")], tmp_path / "kb", name="t")
    assert [path.name for path in tmp_path.iterdir()] == ["big.tsv"]
