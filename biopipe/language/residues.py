"""Amino acids and nucleotides by all their names, and the genetic code."""

__all__ = [
    "AMINO_ACIDS",
    "NUCLEOTIDES",
    "RESIDUES",
    "RESIDUES_AND_STOP",
    "RESIDUES_NOT_BASES",
    "THREE_LETTER_CODES",
    "amino_acid",
    "nucleotides",
    "translate",
]

# IUPAC-IUB (1984), Eur J Biochem 138:9: one letter, three letters, names; those of the genetic
# code.
_STANDARD = (
    ("A", "Ala", "alanine"),
    ("R", "Arg", "arginine"),
    ("N", "Asn", "asparagine"),
    ("D", "Asp", "aspartic acid", "aspartate"),
    ("C", "Cys", "cysteine"),
    ("Q", "Gln", "glutamine"),
    ("E", "Glu", "glutamic acid", "glutamate"),
    ("G", "Gly", "glycine"),
    ("H", "His", "histidine"),
    ("I", "Ile", "isoleucine"),
    ("L", "Leu", "leucine"),
    ("K", "Lys", "lysine"),
    ("M", "Met", "methionine"),
    ("F", "Phe", "phenylalanine"),
    ("P", "Pro", "proline"),
    ("S", "Ser", "serine"),
    ("T", "Thr", "threonine"),
    ("W", "Trp", "tryptophan", "tryptophane"),
    ("Y", "Tyr", "tyrosine"),
    ("V", "Val", "valine"),
)
# X is a stop: HGVS once wrote it so, and texts still do.
_OTHERS = (
    ("U", "Sec", "selenocysteine"),
    ("X", "Ter", "termination codon", "stop codon", "termination", "terminal", "stop", "term"),
)
# One-letter codes for a character class, without and with the stop.
RESIDUES = "".join(sorted(letter for letter, *_ in _STANDARD))
RESIDUES_AND_STOP = RESIDUES + "X"
# A change that has one of them on one side is of amino acids: A, C, G and T are bases as well.
RESIDUES_NOT_BASES = "".join(letter for letter in RESIDUES if letter not in "ACGT")
THREE_LETTER_CODES = (*(code for _, code, *_ in _STANDARD), "Ter")
# Every name and three-letter code, in lower case, to its letter.
AMINO_ACIDS = {name.lower(): letter for letter, *names in (*_STANDARD, *_OTHERS) for name in names}
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
