from dataclasses import replace

from biopipe.document import Document, Mention, Relation
from biopipe.io.relation_ends import concept_of_mention, distinct_relations, mentions_of_ends

TEXT = "A b. Acetyl-salicylic acid and B."
MENTIONS = (
    Mention(0, 1, "Gene", concept_ids=("X:1", "X:2")),
    Mention(2, 3, "Gene", concept_ids=("X:3",)),
    Mention(5, 26, "Chemical"),
    Mention(31, 32, "Gene", concept_ids=("X:3",)),
)
ACID = "NIL:Chemical/acetyl-salicylic_acid"


def ends(*relations: Relation) -> list[tuple[int, int] | None]:
    return mentions_of_ends(Document("1", TEXT, MENTIONS, relations))


def test_the_nearest_mentions_are_the_ends() -> None:
    assert ends(Relation("X:1", "X:3", "r"), Relation(ACID, "X:3", "r")) == [(0, 1), (2, 1)]


def test_those_in_the_evidence_come_first() -> None:
    assert ends(Relation("X:1", "X:3", "r", evidence=((5, 33),))) == [(0, 3)]


def test_names_without_an_id_are_compared_by_letters() -> None:
    assert concept_of_mention(TEXT, MENTIONS[2]) == ACID
    assert ends(Relation("X:1", "NIL:Chemical/acetyl_salicylic_acid", "r")) == [(0, 2)]


def test_an_end_without_a_mention_of_its_own_is_none() -> None:
    assert ends(Relation("X:2", "X:3", "r"), Relation("X:1", "X:9", "r")) == [None, None]
    assert mentions_of_ends(Document("1", "x")) == []


def test_a_relation_at_several_places_is_one() -> None:
    low, high = Relation("X:1", "X:3", "r", 0.5), Relation("X:1", "X:3", "r", 0.75)
    other = replace(low, label="s")
    assert distinct_relations([low, other, high]) == (high, other)
