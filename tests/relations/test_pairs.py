from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from biopipe.document import Abbreviation, ConceptMentions, Document, Mention
from biopipe.relations.pairs import Pair, has_pair, pairs
from biopipe.text.concepts import concept_mentions, linked_concepts


def test_concepts_gather_their_mentions_in_order_of_the_text(linked_document: Document) -> None:
    found = linked_concepts(linked_document)
    assert [(c.id, c.label, len(c.mentions)) for c in found] == [
        ("NCBIGene:672", "Gene", 2),
        ("NCBIGene:7157", "Gene", 1),
        ("MESH:D001943", "Disease", 2),
        ("MESH:D002945", "Chemical", 1),
    ]


def test_a_mention_without_id_takes_part_under_its_name(linked_document: Document) -> None:
    assert concept_mentions(linked_document)[-1].id == "NIL:Chemical/olaparib"


def test_unlinked_short_and_long_form_are_one_concept() -> None:
    text = "tumour necrosis factor (TNF) and TNF"
    mentions = (Mention(0, 22, "Gene"), Mention(24, 27, "Gene"), Mention(33, 36, "Gene"))
    document = Document("1", text, mentions=mentions, abbreviations=(Abbreviation(24, 27, 0, 22),))
    assert [c.mentions for c in concept_mentions(document)] == [(0, 1, 2)]


def test_a_composite_mention_counts_for_each_of_its_concepts() -> None:
    document = Document(
        "1",
        "breast and ovarian cancer",
        mentions=(Mention(0, 25, "Disease", concept_ids=("A", "B")),),
    )
    assert [(c.id, c.mentions) for c in concept_mentions(document)] == [("A", (0,)), ("B", (0,))]


def test_the_most_frequent_label_wins() -> None:
    labels = ["Disease", "Gene", "Gene"]
    mentions = tuple(Mention(i, i + 1, label, concept_ids=("X",)) for i, label in enumerate(labels))
    assert concept_mentions(Document("1", "abc", mentions=mentions))[0].label == "Gene"


def test_pairs_are_those_of_the_scheme_each_once() -> None:
    found = [
        ConceptMentions("a", "Gene", (0,)),
        ConceptMentions("b", "Disease", (1,)),
        ConceptMentions("c", "Gene", (2,)),
    ]
    assert pairs(found, [("Gene", "Disease"), ("Gene", "Gene")]) == [
        Pair(0, 1),
        Pair(2, 1),
        Pair(0, 2, kind=1),
    ]
    assert pairs(found, [("Chemical", "Disease")]) == []


@given(st.lists(st.sampled_from("GDC"), max_size=12))
def test_no_pair_twice_and_never_with_itself(labels: list[str]) -> None:
    found = [ConceptMentions(str(i), label, (i,)) for i, label in enumerate(labels)]
    made = pairs(found, [("G", "D"), ("G", "G"), ("C", "D")])
    assert bool(made) == has_pair(found, [("G", "D"), ("G", "G"), ("C", "D")])
    keys = [frozenset((p.head, p.tail)) for p in made]
    assert len(set(keys)) == len(keys)
    assert all(len(key) == 2 for key in keys)


def test_ids_of_a_mention_listed_twice_count_once() -> None:
    document = Document("1", "x", mentions=(Mention(0, 1, "Gene", concept_ids=("A", "A")),))
    assert concept_mentions(document) == (ConceptMentions("A", "Gene", (0,)),)
    assert concept_mentions(replace(document, mentions=())) == []
