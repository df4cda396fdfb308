import json

import spacy
from hypothesis import given
from hypothesis import strategies as st

import biopipe
from biopipe.document import Candidate, Document, Mention
from biopipe.document.metadata import document_metadata

TEXT = "Iressa for lung cancer, no asthma. Gefitinib again, and an odd thing."


def mention(
    surface: str, label: str, id: str = "", name: str = "", denied: bool = False
) -> Mention:
    start = TEXT.index(surface)
    return Mention(
        start,
        start + len(surface),
        label,
        concept_ids=(id,) if id else (),
        candidates=(Candidate(id, name, 0.9),) if name else (),
        assertion=frozenset({"negated"} if denied else ()),
    )


DOCUMENT = Document(
    "1",
    TEXT,
    mentions=(
        mention("Iressa", "Chemical", "MESH:D000077156", "gefitinib"),
        mention("lung cancer", "Disease", "MESH:D008175"),
        mention("asthma", "Disease", "MESH:D001249", "Asthma", denied=True),
        mention("Gefitinib", "Chemical", "MESH:D000077156", "gefitinib"),
        mention("odd thing", "Disease"),
    ),
)


def test_concepts_of_a_document() -> None:
    assert document_metadata(DOCUMENT) == {
        "chemical": ["gefitinib"],
        "disease": ["lung cancer", "odd thing"],
        "concept_ids": ["MESH:D000077156", "MESH:D008175"],
        "concept_names": ["gefitinib", "lung cancer"],
        "denied_concept_ids": ["MESH:D001249"],
    }


def test_a_document_a_doc_and_a_text_say_the_same() -> None:
    doc = biopipe.annotate_doc(spacy.blank("en")(TEXT), DOCUMENT)
    assert biopipe.metadata(doc) == biopipe.metadata(DOCUMENT) == document_metadata(DOCUMENT)

    def annotated(text: str) -> object:
        return biopipe.annotate_doc(spacy.blank("en")(text), DOCUMENT)

    assert biopipe.metadata(TEXT, nlp=annotated) == document_metadata(DOCUMENT)


def test_a_concept_denied_once_and_stated_once_is_stated() -> None:
    both = Document(
        "1", TEXT, mentions=(mention("asthma", "Disease", "A:1", denied=True), DOCUMENT.mentions[0])
    )
    stated = Document("1", TEXT, mentions=(*both.mentions, mention("lung", "Disease", "A:1")))
    assert document_metadata(both)["denied_concept_ids"] == ["A:1"]
    assert document_metadata(stated)["denied_concept_ids"] == []


@given(
    st.lists(
        st.tuples(
            st.integers(0, 20),
            st.sampled_from(["A", "B"]),
            st.lists(st.sampled_from(["X:1", "X:2", "Y:3"]), max_size=2, unique=True),
            st.booleans(),
        )
    )
)
def test_every_concept_is_in_one_list_once(rows: list[tuple[int, str, list[str], bool]]) -> None:
    mentions = tuple(
        Mention(
            start,
            start + 3,
            label,
            concept_ids=tuple(ids),
            assertion=frozenset({"negated"} if denied else ()),
        )
        for start, label, ids, denied in rows
    )
    metadata = document_metadata(Document("1", "x" * 30, mentions=mentions))
    ids = metadata["concept_ids"] + metadata["denied_concept_ids"]
    assert sorted(ids) == sorted({id for m in mentions for id in m.concept_ids})
    assert len(metadata["concept_names"]) == len(metadata["concept_ids"])
    assert json.loads(json.dumps(metadata)) == metadata
