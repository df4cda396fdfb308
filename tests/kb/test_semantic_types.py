"""The UMLS Semantic Network's types and groups."""

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.semantic_types import SEMANTIC_GROUPS, SEMANTIC_TYPES, semantic_types


def test_every_type_is_in_one_group() -> None:
    by_group = [tui for code in SEMANTIC_GROUPS for tui in semantic_types([code])]
    assert len(SEMANTIC_GROUPS) == 15
    assert sorted(by_group) == sorted(SEMANTIC_TYPES)
    assert len(SEMANTIC_TYPES) == len(set(SEMANTIC_TYPES.values())) == 127


@pytest.mark.parametrize("given", ["T047", "t047 ", "Disease or Syndrome", "DISEASE OR SYNDROME"])
def test_a_type_by_code_or_name(given: str) -> None:
    assert semantic_types([given]) == ("T047",)


@pytest.mark.parametrize("given", ["DEVI", "devi", "Devices"])
def test_a_group_by_code_or_name(given: str) -> None:
    assert semantic_types([given]) == ("T203", "T074", "T075")


def test_each_type_once_in_the_order_given() -> None:
    assert semantic_types(["T125", "DEVI", "Medical Device", "hormone"]) == (
        "T125",
        "T203",
        "T074",
        "T075",
    )
    assert semantic_types([]) == ()


@pytest.mark.parametrize(
    ("given", "near"),
    [("T0477", "T047"), ("Disease", "Disease or Syndrome"), ("disorder", "Disorders")],
)
def test_an_unknown_one_lists_near_ones(given: str, near: str) -> None:
    with pytest.raises(
        KnowledgeBaseError, match=f"Unknown semantic type or group '{given}' .*{near}"
    ):
        semantic_types([given])
