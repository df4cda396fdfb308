import pytest

from biopipe.document import Mention
from biopipe.kinds.chemical.charges import with_charges
from biopipe.kinds.chemical.names import chemical_names


def charged(text: str, surface: str, label: str = "Chemical") -> str:
    start = text.index(surface)
    (mention,) = with_charges(text, [Mention(start, start + len(surface), label)])
    assert mention.start == start
    return text[mention.start : mention.end]


@pytest.mark.parametrize(
    ("text", "surface", "expected"),
    [
        ("superoxide (O2-) production", "O2", "O2-"),
        ("Cl- and K+", "Cl", "Cl-"),
        ("the HCO3\u2212/Cl\u2212 exchanger", "HCO3", "HCO3\u2212"),
        ("NO3\u207b, NO2\u207b", "NO2", "NO2\u207b"),
        ("scavenges ONOO-.", "ONOO", "ONOO-"),
        ("reduced I-", "I", "I-"),
        ("a Cl-channel", "Cl", "Cl"),
        ("S- and R-warfarin", "S", "S"),
        ("Na- and K-channels", "Na", "Na"),
        ("CO2--dependent", "CO2", "CO2"),
        ("pH and O2", "O2", "O2"),
        ("Cl--bound", "Cl", "Cl"),
    ],
)
def test_the_minus_of_an_anion_is_part_of_it(text: str, surface: str, expected: str) -> None:
    assert charged(text, surface) == expected


def test_other_labels_have_no_charge() -> None:
    assert charged("the Cl- gene", "Cl", "Gene") == "Cl"


def test_anions_have_names() -> None:
    assert "superoxide" in chemical_names("O2-")
    assert "chloride" in chemical_names("Cl-")
    assert "peroxynitrite" in chemical_names("ONOO-")
