"""Which concepts a label may mean."""

from pathlib import Path

import numpy as np
import pytest

from biopipe.errors import ConfigError, KnowledgeBaseError
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept
from biopipe.linking.filters import ConceptFilters, ConceptSelection, filters_by_section


def test_filters_of_a_label_and_of_any_other() -> None:
    filters = filters_by_section({"Gene": ["G"]}, {"": ["MeSH"]}, {})
    assert filters == {
        "": {
            "": ConceptFilters(sources=("MeSH",)),
            "Gene": ConceptFilters(types=("G",), sources=("MeSH",)),
        }
    }


def test_filters_of_a_label_in_a_section() -> None:
    types = {"Disease": ["D"], "Disease@family_history": ["F"], "@allergies": ["A"], "": ["X"]}
    filters = filters_by_section(types, {"Disease": ["MSH"]}, {})
    assert filters.keys() == {"", "family_history", "allergies"}
    assert filters[""]["Disease"] == ConceptFilters(("D",), ("MSH",))
    assert filters["family_history"] == {
        "Disease": ConceptFilters(("F",), ("MSH",)),
        "": ConceptFilters(("X",)),
    }
    assert filters["allergies"] == {
        "Disease": ConceptFilters(("A",), ("MSH",)),
        "": ConceptFilters(("A",)),
    }


@pytest.mark.parametrize("key", ["Disease@", "@"])
def test_a_filter_of_no_section_is_refused(key: str) -> None:
    with pytest.raises(ConfigError, match="names no section"):
        filters_by_section({}, {key: ["MSH"]}, {})


def test_types_are_those_of_the_kind_that_the_base_has(kb_path: Path) -> None:
    selection = ConceptSelection(KnowledgeBase.open(kb_path), {})
    assert selection.types("Disease") == ("Disease", "Phenotype")
    assert selection.types("Phenotype") == ("Phenotype", "Disease")
    assert selection.types("CellLine") == ()
    assert selection.types("Procedure") == ()


def test_a_base_with_types_of_its_own_is_asked_for_none(tmp_path: Path) -> None:
    path = compile_kb(
        [Concept("X:1", "a name", types=("T047",))],
        tmp_path / "kb",
        name="n",
        version="1",
        licence="CC0",
        sources={},
    )
    selection = ConceptSelection(KnowledgeBase.open(path), {})
    assert selection.types("Disease") is None
    assert selection.mask("Disease") is None
    assert selection.row("Disease", "X:1") == 0


def test_rows_and_ranks(kb_path: Path) -> None:
    kb = KnowledgeBase.open(kb_path)
    selection = ConceptSelection(kb, {})
    seizure, cancer = (kb.concept_row(id_) for id_ in ("HP:0001250", "MESH:D001943"))
    assert selection.row("Disease", "HP:0001250") == seizure
    assert selection.row("Gene", "HP:0001250") is None
    assert selection.row("Disease", "X:0") is None
    rows = np.array([seizure, cancer])
    assert selection.type_ranks("Disease", rows).tolist() == [1, 0]
    assert selection.type_ranks("Phenotype", rows).tolist() == [0, 1]


def test_a_filter_that_nothing_passes_is_refused(kb_path: Path) -> None:
    filters = filters_by_section({"Gene": ["Enzyme"]}, {}, {})[""]
    with pytest.raises(KnowledgeBaseError, match="no type 'Enzyme'"):
        ConceptSelection(KnowledgeBase.open(kb_path), filters).mask("Gene")
