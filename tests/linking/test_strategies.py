"""Each kind answers every question of the seam, whatever the mention says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biopipe.kinds.context import DocumentContext
from biopipe.linking.strategies import STRATEGIES

FACTS = DocumentContext(
    species=("NCBITaxon:9606",), binomials=(("E. coli", "Escherichia coli"),), codons=(600,)
)


@pytest.mark.parametrize("label", ["CellLine", "Gene", "Species", "Variant"])
@settings(max_examples=60, deadline=None)
@given(
    surface=st.one_of(
        st.text(max_size=30), st.text(alphabet="IL-1βabAB3 ()/>del.ceptor", max_size=25)
    )
)
def test_any_surface_has_an_answer(label: str, surface: str) -> None:
    strategy = STRATEGIES[label]
    names = strategy.names(surface, FACTS)
    assert surface not in names
    assert all(names)
    assert names == strategy.names(surface, FACTS)
    concept = strategy.concept(surface, FACTS)
    assert concept is None or 0 < concept.score <= 1
