"""Genes of animals for human ones, beside the concepts of a base."""

import hashlib
import json
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.errors import KnowledgeBaseError
from biopipe.io.manifest_files import MANIFEST
from biopipe.kb import manifest as manifest_module
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.build.ortholog_build import write_orthologs
from biopipe.kb.orthologs import ORTHOLOGS_FILE, Ortholog, Orthologs, ortholog_of
from biopipe.kb.schema import Concept

MOUSE, RAT = "NCBITaxon:10090", "NCBITaxon:10116"
GENES = [
    Concept("NCBIGene:7186", "TRAF2", types=("Gene", "NCBITaxon:9606")),
    Concept("NCBIGene:367", "AR", ("androgen receptor",), ("Gene", "NCBITaxon:9606")),
]
ORTHOLOGS = [
    Ortholog(7186, 10090, 22030, "Traf2"),
    Ortholog(367, 10116, 24208, "Ar"),
    Ortholog(367, 10090, 11835, "Ar"),
]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return compile_kb(
        GENES,
        tmp_path / "kb",
        name="genes",
        version="1",
        licence="",
        sources={},
        orthologs=ORTHOLOGS,
    )


def test_a_gene_of_an_animal_is_found_from_the_human_one_and_by_its_id(directory: Path) -> None:
    base = KnowledgeBase.open(directory)
    mouse = base.ortholog("NCBIGene:367", MOUSE)
    assert mouse is not None
    assert (mouse.id, mouse.name, mouse.types) == ("NCBIGene:11835", "Ar", ("Gene", MOUSE))
    assert base.ortholog("NCBIGene:7186", RAT) is None
    assert base.concepts_with_id("NCBIGene:22030")[0].name == "Traf2"
    assert base.concepts_with_id("22030")[0].id == "NCBIGene:22030"
    assert base.canonical("NCBIGene:22030") == "NCBIGene:22030"
    assert base.canonical("NCBIGene:5") is None
    assert base.concepts_with_id("NCBIGene:5") == []
    for gene in ("MESH:D1", "NCBIGene:", "NCBIGene:x", f"NCBIGene:{10**40}", "NCBIGene:²"):
        assert base.ortholog(gene, MOUSE) is None


def test_they_have_no_names_of_their_own(directory: Path) -> None:
    base = KnowledgeBase.open(directory)
    assert [c.concept_id for c in base.lookup("Ar")] == ["NCBIGene:367"]
    assert len(base) == len(GENES)
    assert MOUSE not in base.types


def test_a_base_without_them_has_none(tmp_path: Path) -> None:
    path = compile_kb(GENES, tmp_path / "kb", name="x", version="1", licence="", sources={})
    assert KnowledgeBase.open(path).ortholog("NCBIGene:367", MOUSE) is None
    assert not (path / ORTHOLOGS_FILE).exists()


def test_rows_that_lead_out_of_the_table_are_refused(directory: Path) -> None:
    table = pa.ipc.open_file(directory / ORTHOLOGS_FILE).read_all()
    changed = table.set_column(3, "by_id", pa.array([0, 1, 9], pa.uint32())).combine_chunks()
    with pa.ipc.new_file(str(directory / ORTHOLOGS_FILE), changed.schema) as writer:
        writer.write_table(changed)
    content = (directory / ORTHOLOGS_FILE).read_bytes()
    manifest = json.loads((directory / MANIFEST).read_text())
    about = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    manifest["files"][ORTHOLOGS_FILE] = about
    manifest["sha256"] = manifest_module._sha256_of_fields(manifest)
    (directory / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(KnowledgeBaseError, match="leads to rows that it does not have"):
        KnowledgeBase.open(directory)


@given(
    st.dictionaries(
        st.tuples(st.integers(1, 10**9 - 1), st.sampled_from([10090, 10116, 7955])),
        st.integers(1, 10**9 - 1),
        min_size=1,
        max_size=30,
    )
)
def test_every_row_is_found_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, rows: dict[tuple[int, int], int]
) -> None:
    folder = tmp_path_factory.mktemp("o")
    written = [Ortholog(*key, gene, f"g{gene}") for key, gene in rows.items()]
    assert write_orthologs(folder, written) == len(rows)
    table = Orthologs(folder)
    for human, taxon, gene, symbol in written:
        found = table.of(f"NCBIGene:{human}", f"NCBITaxon:{taxon}")
        assert found is not None
        assert (found.id, found.name) == (f"NCBIGene:{gene}", symbol)
        by_id = table.concept(found.id)
        assert by_id is not None
        assert by_id.id == found.id
        if (human, 9913) not in rows:
            assert table.of(f"NCBIGene:{human}", "NCBITaxon:9913") is None


def test_a_row_of_a_table_is_an_ortholog() -> None:
    gene = Concept("NCBIGene:11474", "Actn3", types=("Gene", MOUSE), xrefs=("NCBIGene:89",))
    assert ortholog_of(gene) == Ortholog(89, 10090, 11474, "Actn3")


@pytest.mark.parametrize(
    ("id_", "types", "xrefs"),
    [
        ("NCBIGene:11474", ("Gene",), ("NCBIGene:89",)),
        ("NCBIGene:11474", ("Gene", MOUSE), ("HGNC:165",)),
        ("MGI:99678", ("Gene", MOUSE), ("NCBIGene:89",)),
    ],
)
def test_what_says_no_taxon_or_human_gene_is_none(
    id_: str, types: tuple[str, ...], xrefs: tuple[str, ...]
) -> None:
    with pytest.raises(KnowledgeBaseError, match=rf"{id_} \(Actn3\) should have"):
        ortholog_of(Concept(id_, "Actn3", types=types, xrefs=xrefs))
