"""HGNC's tables, as they were and as they are."""

from pathlib import Path

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.hgnc import read
from biopipe.kb.schema import Concept

COMPLETE = (
    "hgnc_id\tsymbol\tname\tlocus_group\tstatus\talias_symbol\talias_name\tprev_symbol\tprev_name\t"
    "entrez_id\tcd\n"
    'HGNC:11998\tTP53\ttumor protein p53\tprotein-coding gene\tApproved\t"p53|LFS1"\t"Li-Fraumeni '
    'syndrome"\t\t'
    '"transformation related, protein 53|old name"\t7157\t\n'
    "HGNC:37133\tA1BG-AS1\tA1BG antisense RNA 1\tnon-coding RNA\tApproved\tFLJ23569\t\tTP53\t\t\t\n"
    "HGNC:500\tANPEP\talanyl aminopeptidase, membrane\tprotein-coding gene\tApproved\tgp150\t\t"
    "CD13\t\t290\tCD13\n"
)
CUSTOM = (
    "HGNC ID\tApproved symbol\tApproved name\tStatus\tPrevious symbols\tPrevious names\tAlias "
    "symbols\tAlias names\t"
    "NCBI Gene ID(supplied by NCBI)\n"
    'HGNC:11998\tTP53\ttumor protein p53\tApproved\tOLD1, OLD2\t"one, two", "three"\tp53, LFS1\t"a,'
    ' b"\t7157\n'
    "HGNC:6\tA1S9T~withdrawn\tsymbol withdrawn, see TP53\tSymbol Withdrawn\t\t\t\t\t\n"
    "HGNC:7\tGONE~withdrawn\tsymbol withdrawn, see NOWHERE\tSymbol Withdrawn\t\t\t\t\t\n"
    "HGNC:1\tA12M1~withdrawn\tentry withdrawn\tEntry Withdrawn\t\t\t\t\t\n"
)
TYPES = ("Gene", "NCBITaxon:9606")


def concepts(path: Path, text: str) -> list[Concept]:
    path.write_text(text)
    return list(read(path))


def test_the_complete_set(tmp_path: Path) -> None:
    assert concepts(tmp_path / "hgnc.txt", COMPLETE) == [
        Concept(
            "NCBIGene:7157",
            "TP53",
            (
                "tumor protein p53",
                "p53",
                "LFS1",
                "Li-Fraumeni syndrome",
                "transformation related, protein 53",
                "old name",
            ),
            TYPES,
            synonym_kinds=("exact",) * 4 + ("related",) * 2,
            source="HGNC",
            xrefs=("HGNC:11998",),
        ),
        Concept(
            "HGNC:37133",
            "A1BG-AS1",
            ("A1BG antisense RNA 1", "FLJ23569"),
            TYPES,
            synonym_kinds=("exact", "exact"),
            source="HGNC",
        ),
        Concept(
            "NCBIGene:290",
            "ANPEP",
            ("alanyl aminopeptidase, membrane", "gp150", "CD13"),
            TYPES,
            synonym_kinds=("exact",) * 3,
            source="HGNC",
            xrefs=("HGNC:500",),
        ),
    ], "a former symbol that is the symbol of another gene by now means that gene alone"


def test_a_custom_download(tmp_path: Path) -> None:
    gene, *retired = concepts(tmp_path / "hgnc.tsv", CUSTOM)
    assert gene.synonyms == (
        "tumor protein p53",
        "p53",
        "LFS1",
        "a, b",
        "OLD1",
        "OLD2",
        "one, two",
        "three",
    )
    assert gene.synonym_kinds == ("exact",) * 4 + ("related",) * 4
    assert [(each.id, each.name, each.replaced_by) for each in retired] == [
        ("HGNC:6", "A1S9T", "NCBIGene:7157"),
    ]


def test_the_headings_of_2017(tmp_path: Path) -> None:
    header = "HGNC ID\tApproved Symbol\tApproved Name\tStatus\tSynonyms\tEntrez Gene ID(supplied by NCBI)\n"
    (gene,) = concepts(
        tmp_path / "t", header + "HGNC:5\tA1BG\talpha-1-B glycoprotein\tApproved\tX1, X2\t1\n"
    )
    assert (gene.id, gene.synonyms) == ("NCBIGene:1", ("alpha-1-B glycoprotein", "X1", "X2"))


def test_a_name_is_one_without_its_blood_group_too(tmp_path: Path) -> None:
    header, *_ = COMPLETE.splitlines()
    cells = ["HGNC:108", "ACHE", "acetylcholinesterase (Yt blood group)"]
    row = dict.fromkeys(header.split("\t"), "")
    row |= dict(zip(("hgnc_id", "symbol", "name"), cells, strict=True)) | {"status": "Approved"}
    (gene,) = concepts(tmp_path / "hgnc.txt", header + "\n" + "\t".join(row.values()) + "\n")
    assert gene.synonyms == ("acetylcholinesterase (Yt blood group)", "acetylcholinesterase")


def test_ids_of_ensembl_and_uniprot(tmp_path: Path) -> None:
    header = "hgnc_id\tsymbol\tname\tensembl_gene_id\tuniprot_ids\tentrez_id\n"
    row = "HGNC:5\tA1BG\tx\tENSG00000121410\tP04217|Q9\t1\n"
    (gene,) = concepts(tmp_path / "t", header + row)
    assert gene.xrefs == ("HGNC:5", "ENSEMBL:ENSG00000121410", "UniProt:P04217", "UniProt:Q9")


def test_a_table_without_gene_ids(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeBaseError, match="has no column 'entrez_id'"):
        concepts(tmp_path / "t", "hgnc_id\tsymbol\tname\nHGNC:5\tA1BG\tx\n")
