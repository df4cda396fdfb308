import pytest

from biopipe.kinds.registry import ENTITY_KINDS


@pytest.mark.parametrize(
    ("label", "name", "misleads"),
    [
        ("Gene", "VEGFR", True),
        ("Gene", "VEGF receptors", True),
        ("Gene", "PI3K", True),
        # Annotators mean one gene by these, nearly always.
        ("Gene", "AKT", False),
        ("Gene", "NF-κB", False),
        ("Gene", "VEGF", False),
        ("Gene", "BRCA1", False),
        # No plural of the enolases.
        ("Gene", "eNOS", False),
        ("Gene", "ENO", True),
        ("Chemical", "methyl", True),
        ("Chemical", "methyl chloride", False),
        ("Disease", "pituitary gland", True),
        ("Disease", "Hypophysitis", False),
    ],
)
def test_names_of_families_groups_and_organs_mislead(label: str, name: str, misleads: bool) -> None:
    is_misleading = ENTITY_KINDS[label].is_misleading
    assert is_misleading is not None
    assert is_misleading(name) is misleads


def test_the_full_name_of_a_gene_is_no_family() -> None:
    is_misleading = ENTITY_KINDS["Gene"].is_misleading
    assert is_misleading is not None
    assert is_misleading("VEGFR")
    assert not is_misleading("calcium sensing receptor")


@pytest.mark.parametrize(
    ("label", "name", "otherwise"),
    [
        ("Gene", "LPS", True),
        ("Gene", "Lps", False),
        ("Gene", "TNF", False),
        ("Disease", "MS", False),
    ],
)
def test_short_forms_that_texts_define_as_something_else(
    label: str, name: str, otherwise: bool
) -> None:
    is_defined_otherwise = ENTITY_KINDS[label].is_defined_otherwise
    assert is_defined_otherwise is not None
    assert is_defined_otherwise(name) is otherwise
