"""Amino acids and nucleotides by all their names, and the genetic code."""

__all__ = ["AMINO_ACIDS", "NUCLEOTIDES", "amino_acid", "nucleotides", "translate"]

# Name, three-letter and one-letter codes (IUPAC); X is a stop.
AMINO_ACIDS = {
    "alanine": "A",
    "arginine": "R",
    "asparagine": "N",
    "aspartic acid": "D",
    "aspartate": "D",
    "cysteine": "C",
    "glutamine": "Q",
    "glutamic acid": "E",
    "glutamate": "E",
    "glycine": "G",
    "histidine": "H",
    "isoleucine": "I",
    "leucine": "L",
    "lysine": "K",
    "methionine": "M",
    "phenylalanine": "F",
    "proline": "P",
    "serine": "S",
    "threonine": "T",
    "tryptophan": "W",
    "tryptophane": "W",
    "tyrosine": "Y",
    "valine": "V",
    "selenocysteine": "U",
    "ala": "A",
    "arg": "R",
    "asn": "N",
    "asp": "D",
    "cys": "C",
    "gln": "Q",
    "glu": "E",
    "gly": "G",
    "his": "H",
    "ile": "I",
    "leu": "L",
    "lys": "K",
    "met": "M",
    "phe": "F",
    "pro": "P",
    "ser": "S",
    "thr": "T",
    "trp": "W",
    "tyr": "Y",
    "val": "V",
    "sec": "U",
    "termination codon": "X",
    "stop codon": "X",
    "termination": "X",
    "terminal": "X",
    "stop": "X",
    "term": "X",
    "ter": "X",
}
NUCLEOTIDES = {
    "adenine": "A",
    "adenosine": "A",
    "cytosine": "C",
    "cytidine": "C",
    "guanine": "G",
    "guanosine": "G",
    "thymine": "T",
    "thymidine": "T",
    "uracil": "U",
    "uridine": "U",
}
_BASES = "TCAG"
_CODE = "FFLLSSSSYYXXCCXWLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"


def amino_acid(name: str) -> str:
    """One-letter code of an amino acid; "X" for a stop, "" for what is none."""
    letter = AMINO_ACIDS.get(name.lower())
    return letter or (
        "X" if name in ("X", "*", "x") else name if name in _CODE and len(name) == 1 else ""
    )


def nucleotides(name: str) -> str:
    """The letters of a nucleotide or of a sequence of them, in capitals."""
    return NUCLEOTIDES.get(name.lower(), name.upper())


def translate(codon: str) -> str:
    """The amino acid of a codon, "" for what is none."""
    places = [_BASES.find(base) for base in codon.upper().replace("U", "T")]
    if len(places) != 3 or -1 in places:
        return ""
    return _CODE[16 * places[0] + 4 * places[1] + places[2]]
