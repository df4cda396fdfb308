"""Ids as files write them."""

import pytest

from biopipe.kb.build.sources.curie import disease_id, normal_curie


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("mesh:D004194", "MESH:D004194"),
        ("MSH:D004194", "MESH:D004194"),
        ("UMLS_CUI:C0018923", "UMLS:C0018923"),
        ("NCI:C3088", "NCIT:C3088"),
        ("SNOMEDCT_US_2018_03_01:33176006", "SNOMEDCT:33176006"),
        ("SCTID:33176006", "SNOMEDCT:33176006"),
        ("Orphanet:124", "ORPHA:124"),
        ("DO:DOID:0110042", "DOID:0110042"),
        ("MONDO:0000001", "MONDO:0000001"),
        ("OMIMPS:100070", "OMIMPS:100070"),
        ("http://purl.obolibrary.org/obo/DOID_8718", "DOID:8718"),
        ("http://www.orpha.net/ORDO/Orphanet_124", "ORPHA:124"),
        ("http://identifiers.org/mesh/D004194", "MESH:D004194"),
        ("https://omim.org/entry/100070", "OMIM:100070"),
        ("http://snomed.info/id/33176006", "SNOMEDCT:33176006"),
        ("http://www.w3.org/2002/07/owl#Thing", ""),
        ("no id", "no id"),
        ("", ""),
    ],
)
def test_normal_curie(given: str, expected: str) -> None:
    assert normal_curie(given) == expected
    assert normal_curie(expected) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("D003924", "MESH:D003924"),
        ("C567755", "MESH:C567755"),
        ("C", "MESH:C"),
        ("613097", "OMIM:613097"),
        ("omim:613097", "OMIM:613097"),
        ("x", "x"),
    ],
)
def test_disease_id(given: str, expected: str) -> None:
    assert disease_id(given) == expected
