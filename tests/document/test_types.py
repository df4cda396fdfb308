"""Documents keep their groups of concepts as long as these hold, and no longer."""

import pickle
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from biopipe.document import Abbreviation, Document, Mention
from biopipe.text.concepts import concept_mentions, with_concepts

TEXT = "Aspirin and aspirin; tumor necrosis factor (TNF)."
ASPIRIN = Mention(0, 7, "Chemical", concept_ids=("MESH:D001241",))
MENTIONS = st.lists(
    st.builds(
        Mention,
        st.integers(0, 20),
        st.integers(21, len(TEXT)),
        st.sampled_from(["Chemical", "Gene"]),
        concept_ids=st.sampled_from([(), ("A",), ("B",), ("A", "B")]),
        assertion=st.sampled_from([frozenset(), frozenset({"negated"})]),
    ),
    max_size=4,
).map(tuple)


@given(MENTIONS, MENTIONS)
def test_groups_are_always_those_of_the_mentions(
    before: tuple[Mention, ...], after: tuple[Mention, ...]
) -> None:
    document = replace(with_concepts(Document("a", TEXT, before)), mentions=after)
    assert concept_mentions(document) == concept_mentions(Document("a", TEXT, after))


def test_groups_stay_where_something_else_is_said_of_the_same_mentions() -> None:
    document = with_concepts(Document("a", TEXT, (ASPIRIN,)))
    denied = replace(ASPIRIN, assertion=frozenset({"negated"}), score=0.5)
    for copy in (
        replace(document, mentions=(denied,)),
        replace(document, meta={"pmid": "1"}),
        pickle.loads(pickle.dumps(document)),
    ):
        assert copy.concepts == document.concepts is not None
        assert replace(copy, mentions=()).concepts is None


def test_groups_go_with_the_text_and_the_short_forms_they_were_made_with() -> None:
    document = with_concepts(Document("a", TEXT, (Mention(44, 47, "Gene"),)))
    assert document.concepts is not None
    (concept,) = document.concepts
    assert concept.id.startswith("NIL:Gene/")
    assert "tnf" not in concept.id
    defined = replace(document, abbreviations=(Abbreviation(44, 47, 21, 42),))
    assert defined.concepts is None
    long_form = Document("b", "A Tumor-Necrosis  factor", (Mention(2, 24, "Gene"),))
    assert [concept.id for concept in concept_mentions(defined)] == [
        other.id for other in concept_mentions(long_form)
    ]
    assert concept_mentions(defined)[0].id != concept.id
    assert replace(document, text=TEXT.lower()).concepts is None


def test_other_groups_are_taken_as_they_are() -> None:
    document = with_concepts(Document("a", TEXT, (ASPIRIN,)))
    assert document.concepts is not None
    renamed = (replace(document.concepts[0], id="CHEBI:15365"),)
    assert replace(document, concepts=renamed).concepts == renamed
