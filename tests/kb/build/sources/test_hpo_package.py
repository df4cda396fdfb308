"""Names in OMIM titles; what the package holds is tested in tests/kb/test_default.py."""

import pytest

from biopipe.kb.build.sources.hpo_package import natural_names


@pytest.mark.parametrize(
    ("title", "names"),
    [
        (
            "DIABETES MELLITUS, NONINSULIN-DEPENDENT; NIDDM",
            [
                "Diabetes Mellitus, Noninsulin-Dependent",
                "Noninsulin-Dependent Diabetes Mellitus",
                "NIDDM",
            ],
        ),
        (
            "Deafness, autosomal recessive 1A",
            ["Deafness, autosomal recessive 1A", "autosomal recessive Deafness 1A"],
        ),
        (
            "Epileptic encephalopathy, early infantile, 13",
            [
                "Epileptic encephalopathy, early infantile, 13",
                "early infantile Epileptic encephalopathy 13",
            ],
        ),
        (
            "Pseudohypoaldosteronism, type IIC",
            ["Pseudohypoaldosteronism, type IIC", "Pseudohypoaldosteronism type IIC"],
        ),
        ("Asthma, susceptibility to", ["Asthma, susceptibility to"]),
        ("Asthma, short stature, and elevated iga", ["Asthma, short stature, and elevated iga"]),
        ("Cystic fibrosis", ["Cystic fibrosis"]),
        ("OBESITY", ["Obesity"]),
        ("COACH syndrome 1", ["COACH syndrome 1"]),
        ("SCAD", ["SCAD"]),
    ],
)
def test_natural_names(title: str, names: list[str]) -> None:
    assert natural_names(title) == names
