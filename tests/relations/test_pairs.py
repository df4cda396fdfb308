import re
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from biopipe.document import Abbreviation, ConceptMentions, Document, Mention
from biopipe.relations.pairs import allowed_pairs, has_pair
from biopipe.text.concepts import concept_mentions, concept_name, linked_concepts


def test_concepts_gather_their_mentions_in_order_of_the_text(linked_document: Document) -> None:
    found = linked_concepts(linked_document)
    assert [(c.id, c.label, len(c.mentions)) for c in found] == [
        ("NCBIGene:672", "Gene", 2),
        ("NCBIGene:7157", "Gene", 1),
        ("MESH:D001943", "Disease", 2),
        ("MESH:D002945", "Chemical", 1),
    ]


def test_a_mention_without_id_takes_part_under_its_name(linked_document: Document) -> None:
    concept = concept_mentions(linked_document)[-1]
    assert re.fullmatch(r"NIL:Chemical/[0-9a-f]{16}", concept.id)
    assert concept_name(linked_document, concept) == "olaparib"


def test_a_name_without_id_is_one_concept_in_every_document() -> None:
    texts = ("Olaparib", "a dose of olaparib")
    documents = [
        Document(text, text, (Mention(text.lower().index("olap"), len(text), "Chemical"),))
        for text in texts
    ]
    ids = {concept_mentions(document)[0].id for document in documents}
    assert len(ids) == 1
    other = Document("c", "olaparib", (Mention(0, 8, "Disease"),))
    assert concept_mentions(other)[0].id not in ids


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


def _rows(
    labels: list[str], allowed: list[tuple[str, str] | None], numbers: list[int] | None = None
) -> list[tuple[int, int, int]]:
    order = None if numbers is None else np.array(numbers)
    table = allowed_pairs(labels, allowed, numbers=order)
    return list(zip(table.heads.tolist(), table.tails.tolist(), table.kinds.tolist(), strict=True))


def test_pairs_are_those_of_the_scheme_each_once() -> None:
    labels = ["Gene", "Disease", "Gene"]
    assert _rows(labels, [("Gene", "Disease"), None, ("Gene", "Gene")]) == [
        (0, 1, 0),
        (2, 1, 0),
        (0, 2, 2),
    ]
    assert _rows(labels, [("Chemical", "Disease")]) == []


def test_of_two_concepts_of_a_label_the_one_of_the_lower_number_is_the_head() -> None:
    assert _rows(["Gene", "Gene", "Gene"], [("Gene", "Gene")], [5, 9, 2]) == [
        (0, 1, 0),
        (2, 0, 0),
        (2, 1, 0),
    ]


@given(st.lists(st.sampled_from("GDC"), max_size=12))
def test_no_pair_twice_and_never_with_itself(labels: list[str]) -> None:
    concepts = [ConceptMentions(str(i), label, (i,)) for i, label in enumerate(labels)]
    allowed: list[tuple[str, str] | None] = [("G", "D"), ("G", "G"), ("C", "D")]
    rows = _rows(labels, allowed)
    assert bool(rows) == has_pair(concepts, allowed)
    keys = [frozenset((head, tail)) for head, tail, _ in rows]
    assert len(set(keys)) == len(keys)
    assert all(len(key) == 2 for key in keys)


def test_ids_of_a_mention_listed_twice_count_once() -> None:
    document = Document("1", "x", mentions=(Mention(0, 1, "Gene", concept_ids=("A", "A")),))
    assert concept_mentions(document) == (ConceptMentions("A", "Gene", (0,)),)
    assert concept_mentions(replace(document, mentions=())) == ()
