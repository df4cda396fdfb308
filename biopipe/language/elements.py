"""Symbols of chemical elements and ions that are no letters of the English name."""

__all__ = ["ION_LETTERS", "LATIN_SYMBOLS"]

# IUPAC's symbols of elements with names of Latin origin, by English name and adjective.
LATIN_SYMBOLS = {
    "antimony": "Sb",
    "copper": "Cu",
    "gold": "Au",
    "iron": "Fe",
    "lead": "Pb",
    "mercury": "Hg",
    "potassium": "K",
    "silver": "Ag",
    "sodium": "Na",
    "tin": "Sn",
    "tungsten": "W",
}
# Formulas of common ions, and what the name begins with ("sulfate", "bicarbonate").
ION_LETTERS = {
    "CO3": "C",
    "HCO3": "B",
    "NH4": "A",
    "NO3": "N",
    "OH": "H",
    "PO4": "P",
    "SO4": "S",
}
