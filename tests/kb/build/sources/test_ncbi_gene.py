"""gene_info and gene_history."""

import gzip
from pathlib import Path

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.ncbi_gene import read
from biopipe.kb.schema import Concept

HEADER = (
    "#tax_id\tGeneID\tSymbol\tLocusTag\tSynonyms\tdbXrefs\tchromosome\tmap_location\tdescription\t"
    "type_of_gene\t"
    "Symbol_from_nomenclature_authority\tFull_name_from_nomenclature_authority\t"
    "Nomenclature_status\t"
    "Other_designations\tModification_date\tFeature_type\n"
)
HUMAN = (
    "9606\t7157\tTP53\t-\tBCC7|LFS1|P53\tMIM:191170\t17\t17p13.1\ttumor protein p53\t"
    "protein-coding\tTP53\t"
    "tumor protein p53\tO\tcellular tumor antigen p53|P53\t20240101\t-\n"
)
MOUSE = "10090\t22059\tTrp53\tb0001\t-\t-\t11\t-\t-\tprotein-coding\t-\t-\t-\t-\t20240101\t-\n"
OTHERS = (
    "9606\t127814297\tLOC127814297\t-\t-\t-\t1\t-\tH3K27ac region\tbiological-region\t-\t-\t-\t-\t"
    "20240101\t-\n"
    "10090\t1\tNEWENTRY\t-\t-\t-\t-\t-\tRecord to support submission\tother\t-\t-\t-\t-\t20240101\t"
    "-\n"
)


@pytest.fixture
def gene_info(tmp_path: Path) -> Path:
    path = tmp_path / "gene_info.gz"
    path.write_bytes(gzip.compress((HEADER + HUMAN + MOUSE + OTHERS).encode(), mtime=0))
    return path


def test_genes(gene_info: Path) -> None:
    assert list(read(gene_info)) == [
        Concept(
            "NCBIGene:7157",
            "TP53",
            ("tumor protein p53", "BCC7", "LFS1", "P53", "cellular tumor antigen p53"),
            ("Gene", "NCBITaxon:9606"),
            synonym_kinds=("exact",) * 4 + ("related",),
            source="NCBI Gene",
        ),
        Concept(
            "NCBIGene:22059",
            "Trp53",
            ("b0001",),
            ("Gene", "NCBITaxon:10090"),
            synonym_kinds=("exact",),
            source="NCBI Gene",
        ),
    ]


@pytest.mark.parametrize("taxon", ["10090", "NCBITaxon:10090"])
def test_one_species(gene_info: Path, taxon: str) -> None:
    assert [gene.id for gene in read(gene_info, taxa=[taxon])] == ["NCBIGene:22059"]


def test_replaced_ids(gene_info: Path) -> None:
    (gene_info.parent / "gene_history").write_text(
        "#tax_id\tGeneID\tDiscontinued_GeneID\tDiscontinued_Symbol\tDiscontinue_Date\n"
        "9606\t7157\t100\tOLD\t20200101\n9606\t-\t101\tGONE\t20200101\n10090\t22059\t102\tOldm\t"
        "20200101\n"
    )
    retired = [gene for gene in read(gene_info, taxa=["9606"]) if gene.replaced_by]
    assert retired == [
        Concept("NCBIGene:100", "OLD", replaced_by="NCBIGene:7157", source="NCBI Gene")
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEADER.replace("Symbol\t", "Name\t", 1) + HUMAN, "line 1, has no column 'Symbol'"),
        (HEADER + HUMAN.replace("7157", "x7157"), "line 2, has the gene id 'x7157'"),
        (HEADER + "9606\t7157\n", "line 2, has 2 columns where its header has 16"),
    ],
)
def test_broken_files(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "gene_info"
    path.write_text(text)
    with pytest.raises(KnowledgeBaseError, match=message):
        list(read(path))


def test_a_taxon_that_is_no_number(gene_info: Path) -> None:
    with pytest.raises(KnowledgeBaseError, match="'human' is no taxon"):
        list(read(gene_info, taxa=["human"]))
