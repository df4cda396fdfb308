from biopipe.document import Document, Mention, Relation
from biopipe.io.gold_ends import with_concepts_of_ends

TEXT = "Goitre, goitre and TSH by lithium"
MENTIONS = (
    Mention(0, 6, "Disease"),
    Mention(8, 14, "Disease"),
    Mention(19, 22, "Gene"),
    Mention(26, 33, "Chemical", concept_ids=("MESH:D008094",)),
)


def test_related_mentions_without_an_id_are_one_concept_by_label_and_words() -> None:
    relation = Relation("MESH:D008094", "NIL:Disease/goitre", "r", subject="NIL:Disease/goitre")
    document = with_concepts_of_ends(Document("1", TEXT, MENTIONS, (relation,)))
    assert [m.concept_ids for m in document.mentions] == [
        ("TEXT:Disease/goitre",),
        ("TEXT:Disease/goitre",),
        (),
        ("MESH:D008094",),
    ]
    (named,) = document.relations
    assert (named.head, named.tail) == ("MESH:D008094", "TEXT:Disease/goitre")
    assert named.subject == "TEXT:Disease/goitre"


def test_a_document_whose_relations_end_at_ids_stays_as_it_is() -> None:
    document = Document("1", TEXT, MENTIONS, (Relation("MESH:D008094", "MESH:D1", "r"),))
    assert with_concepts_of_ends(document) is document
