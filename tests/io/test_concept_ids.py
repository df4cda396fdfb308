import pytest

from biopipe.io.concept_ids import bare_id, concept_ids, curies_by_bare_id, join_ids


@pytest.mark.parametrize(
    ("field", "label", "expected"),
    [
        ("D003924", "Disease", ("MESH:D003924",)),
        ("C535506", "Disease", ("MESH:C535506",)),
        ("MESH:D003924", "Disease", ("MESH:D003924",)),
        ("143100", "Disease", ("OMIM:143100",)),
        ("OMIM:143100", "Disease", ("OMIM:143100",)),
        ("OMIM_604121", "Disease", ("OMIM:604121",)),
        ("3175", "Gene", ("NCBIGene:3175",)),
        ("3175", "GeneOrGeneProduct", ("NCBIGene:3175",)),
        ("24513(tax:10116)", "Gene", ("NCBIGene:24513",)),
        ("9606", "Species", ("NCBITaxon:9606",)),
        ("9606", "CellLine", ("9606",)),
        ("CVCL_0045", "CellLine", ("Cellosaurus:CVCL_0045",)),
        ("rs1799853", "Variant", ("dbSNP:rs1799853",)),
        ("HP:0001250", "Phenotype", ("HP:0001250",)),
        ("p.G593S", "Variant", ("p.G593S",)),
        ("-", "Gene", ()),
        ("-1", "Chemical", ()),
        ("", "Chemical", ()),
        ("D007022|D001919", "Disease", ("MESH:D007022", "MESH:D001919")),
        ("D007153+D040181", "Disease", ("MESH:D007153", "MESH:D040181")),
        ("7040,7042; 7043", "Gene", ("NCBIGene:7040", "NCBIGene:7042", "NCBIGene:7043")),
        ("1;1", "Gene", ("NCBIGene:1",)),
        ("p|SUB|V|600|E", "Variant", ("p|SUB|V|600|E",)),
        ("|INS|118_119|A", "Variant", ("|INS|118_119|A",)),
        ("c|SUB|C||T,p|SUB|V|600|E", "Variant", ("c|SUB|C||T", "p|SUB|V|600|E")),
        ("rs1;p|SUB|V|600|E", "Variant", ("dbSNP:rs1", "p|SUB|V|600|E")),
        ("p|FS|Y|329||;Gene:9;Disease:C5,D1;VariantGroup:3", "Variant", ("p|FS|Y|329||",)),
        ("c|SUB|A|-1|G;Gene:3586;RS#:1800896;VariantGroup:0", "Variant", ("dbSNP:rs1800896",)),
        (
            "tmVar:p|SUB|L|858|R;HGVS:p.L858R;VariantGroup:1;CorrespondingGene:1956;RS#:121434568",
            "Variant",
            ("dbSNP:rs121434568",),
        ),
        ("RS#:121434568;HGVS:p.L858R;CorrespondingGene:1956", "", ("dbSNP:rs121434568",)),
        (
            "tmVar:p|SUB|L|861|Q;HGVS:p.L861Q;CorrespondingGene:1956;CorrespondingSpecies:9606",
            "ProteinMutation",
            ("p|SUB|L|861|Q;CorrespondingGene:1956",),
        ),
        (
            "p|SUB|L|861|Q;CorrespondingGene:1956,c|DEL|9|A",
            "Variant",
            ("p|SUB|L|861|Q;CorrespondingGene:1956", "c|DEL|9|A"),
        ),
        ("HGVS:p.L861Q;CorrespondingGene:1956", "", ("p|SUB|L|861|Q;CorrespondingGene:1956",)),
        ("HGVS:c.2582T>A;CorrespondingGene:9", "", ("c|SUB|T|2582|A;CorrespondingGene:9",)),
        ("HGVS:p.W24*", "", ("p|SUB|W|24|X",)),
        ("HGVS:c.35delG", "", ("c|DEL|35|G",)),
        ("HGVS:c.?", "", ("HGVS:c.?",)),
        (
            "CorrespondingGene:1956;CorrespondingSpecies:9606;VariantGroup:1;tmVar:p|Allele|H|1",
            "",
            ("p|Allele|H|1;CorrespondingGene:1956",),
        ),
        ("tmVar:rs2487032;VariantGroup:1;RS#:2487032", "SNP", ("dbSNP:rs2487032",)),
        ("tmVar:rs2487032;VariantGroup:1;CorrespondingGene:19", "SNP", ("dbSNP:rs2487032",)),
        ("C0006142", "Disease", ("UMLS:C0006142",)),
        ("C000596361", "Chemical", ("MESH:C000596361",)),
        ("CVCL:0062", "CellLine", ("Cellosaurus:CVCL_0062",)),
        ("CVCL_0062(NCBI_TaxID:9606)", "CellLine", ("Cellosaurus:CVCL_0062",)),
        ("HLA-B*57:01", "Variant", ("HLA-B*57:01",)),
        ("rs12;Disease:D017086,D006453;VariantGroup:0", "Variant", ("dbSNP:rs12",)),
    ],
)
def test_ids_of_a_column(field: str, label: str, expected: tuple[str, ...]) -> None:
    assert concept_ids(field, label) == expected


def test_only_prefixes_that_come_back_are_dropped() -> None:
    assert bare_id("NCBIGene:3175", "Gene") == "3175"
    assert bare_id("NCBIGene:3175", "Species") == "NCBIGene:3175"
    assert bare_id("HP:0001250", "Phenotype") == "HP:0001250"
    assert join_ids(("MESH:D000001", "OMIM:100001"), "Disease") == "D000001,100001"
    assert join_ids((), "Gene") == "-"


def test_known_ids_prefer_genes() -> None:
    known = curies_by_bare_id([("Species", ("NCBITaxon:1",)), ("Gene", ("NCBIGene:1",))])
    assert known["1"] == "NCBIGene:1"
    assert known["NCBITaxon:1"] == "NCBITaxon:1"
