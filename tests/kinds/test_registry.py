"""Each kind answers what it is asked, whatever the mention says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biopipe.document import Document
from biopipe.document.labels import ENTITY_LABELS
from biopipe.kinds.context import DocumentContext
from biopipe.kinds.kind import names_to_look_up
from biopipe.kinds.registry import ENTITY_KINDS, KIND_CONCEPT_TYPES, concept_types_of

CONTEXT = DocumentContext(Document("1", "In humans E. coli, Escherichia coli, and V600E."))


def test_every_label_has_a_kind_and_other_labels_mean_the_type_of_their_name() -> None:
    assert set(ENTITY_KINDS) == set(ENTITY_LABELS)
    assert set(ENTITY_LABELS) == KIND_CONCEPT_TYPES
    assert concept_types_of("Phenotype") == ("Phenotype", "Disease")
    assert concept_types_of("Procedure") == ("Procedure",)


@pytest.mark.parametrize("label", sorted(ENTITY_KINDS))
@settings(max_examples=60)
@given(
    surface=st.one_of(
        st.text(max_size=30), st.text(alphabet="IL-1βabAB3 ()/>del.ceptor", max_size=25)
    )
)
def test_any_surface_has_an_answer(label: str, surface: str) -> None:
    kind = ENTITY_KINDS[label]
    in_text = () if kind.names_in_text is None else kind.names_in_text(surface, CONTEXT)
    names = names_to_look_up(kind, surface, in_text)
    assert surface not in names
    assert all(names)
    assert len(set(names)) == len(names)
    if kind.written_concept is not None:
        concept = kind.written_concept(surface, CONTEXT)
        assert concept is None or 0 < concept.score <= 1


@pytest.mark.parametrize("label", sorted(ENTITY_KINDS))
def test_short_forms_are_in_capitals(label: str) -> None:
    short_forms = ENTITY_KINDS[label].short_forms
    for short, long in ({} if short_forms is None else short_forms()).items():
        assert short == short.upper()
        assert long.strip() == long != ""
