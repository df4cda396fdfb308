import pytest

from biopipe.document import Document, Mention
from biopipe.evaluate.canonical_ids import bare, linked_spans


@pytest.mark.parametrize(
    ("concept_id", "expected"),
    [
        ("MESH:D003924", "D003924"),
        ("D003924", "D003924"),
        ("OMIM:143100", "143100"),
        ("p|SUB|V|600|E", "p|SUB|V|600|E"),
        ("p|SUB|V|600|E;CorrespondingGene:673", "p|SUB|V|600|E"),
        ("p|SUB|V|600|E;CorrespondingGene:HGNC:1097", "p|SUB|V|600|E"),
        ("HLA-B*57:01", "HLA-B*57:01"),
        ("PUBCHEM.COMPOUND:2244", "2244"),
        ("odd:", "odd:"),
    ],
)
def test_bare(concept_id, expected):
    assert bare(concept_id) == expected


def test_linked_spans_merge_the_ids_of_a_span_annotated_twice():
    mentions = (
        Mention(0, 2, "Disease", concept_ids=("MESH:D1",)),
        Mention(0, 2, "Disease", concept_ids=("OMIM:7",)),
        Mention(0, 2, "Gene", concept_ids=("NCBIGene:5",)),
        Mention(3, 4, "Disease"),
    )
    found = linked_spans(Document("a", "ab cd", mentions=mentions), ["Disease"])
    assert found == {(0, 2, "Disease"): {"D1", "7"}, (3, 4, "Disease"): set()}
