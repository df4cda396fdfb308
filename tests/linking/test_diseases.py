"""Causes and grades are stripped; what changes the concept is not."""

import pytest

from biopipe.linking.diseases import DiseaseStrategy
from biopipe.linking.facts import Facts


@pytest.mark.parametrize(
    ("surface", "forms"),
    [
        ("ribavirin-induced hemolytic anemia", ("hemolytic anemia",)),
        ("contrast media-induced nephropathy", ("nephropathy",)),
        ("severe bilateral uveitis", ("uveitis",)),
        ("cisplatin-associated severe nausea", ("severe nausea", "nausea")),
        ("chronic hepatitis", ()),
        ("hereditary breast cancer", ()),
        ("asthma", ()),
        ("severe", ()),
        ("drug-induced", ()),
    ],
)
def test_plainer_forms(surface: str, forms: tuple[str, ...]) -> None:
    assert DiseaseStrategy().names(surface, Facts()) == forms
