"""Chemicals by the names that texts use."""

import pytest

from biopipe.kinds.chemical.names import chemical_names


@pytest.mark.parametrize(
    ("surface", "name"),
    [
        ("Ca(2+)", "calcium"),
        ("Ca2 +", "calcium"),
        ("Na+", "sodium"),
        ("K", "potassium"),
        ("Cl-", "chloride"),
        ("NaCl", "sodium chloride"),
        ("ZnSO(4)", "zinc sulfate"),
        ("CaCl2", "calcium chloride"),
        ("H2O2", "hydrogen peroxide"),
        ("O2-", "superoxide"),
        ("[3H]nicotine", "nicotine"),
        ("[(3)H]-norepinephrine", "norepinephrine"),
        ("(R)-warfarin", "warfarin"),
        ("(+/-)-propranolol", "propranolol"),
        ("L-asparaginase", "asparaginase"),
        ("sodium valproate", "valproate"),
        ("sodium valproate", "valproic acid"),
        ("diclofenac sodium", "diclofenac"),
        ("imatinib mesylate", "imatinib"),
        ("caffeine monohydrate", "caffeine"),
        ("folate", "folic acid"),
        ("antithrombotic drugs", "antithrombotic agents"),
        ("selective serotonin reuptake inhibitors", "serotonin uptake inhibitors"),
        ("sulfonylurea", "sulfonylurea compounds"),
        ("Crocus sativus L. extract", "plant extracts"),
    ],
)
def test_names(surface: str, name: str) -> None:
    assert name in chemical_names(surface)


@pytest.mark.parametrize(
    ("surface", "name"),
    [
        ("lead acetate", "lead"),
        ("sodium chloride", "sodium"),
        ("K-252a", "potassium"),
        ("NADH", "nitrogen"),
        ("L-dopa", "L"),
        ("aspirin", "aspirin"),
        ("", ""),
    ],
)
def test_other_chemicals_are_not_taken_for_theirs(surface: str, name: str) -> None:
    assert name not in chemical_names(surface)
