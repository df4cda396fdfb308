"""Greek letters by name, by sign, and as names of genes write them in Latin."""

__all__ = [
    "DISTINCT_GREEK_NAMES",
    "GENE_SYMBOL_LETTERS",
    "GREEK_LOCANTS",
    "GREEK_NAMES",
    "SUBUNIT_GREEK_NAMES",
    "VIRUS_VARIANT_NAMES",
]

# Modern lower-case letters; a text's other forms (capitals, accents, final sigma) are folded first.
GREEK_NAMES = {
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "ε": "epsilon",
    "ζ": "zeta",
    "η": "eta",
    "θ": "theta",
    "ι": "iota",
    "κ": "kappa",
    "λ": "lambda",
    "μ": "mu",
    "ν": "nu",
    "ξ": "xi",
    "ο": "omicron",
    "π": "pi",
    "ρ": "rho",
    "σ": "sigma",
    "τ": "tau",
    "υ": "upsilon",
    "φ": "phi",
    "χ": "chi",
    "ψ": "psi",
    "ω": "omega",
}
# Names that are not also parts of many English words, as "eta", "mu" and "pi" are.
DISTINCT_GREEK_NAMES = (
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "zeta",
    "theta",
    "kappa",
    "lambda",
    "sigma",
    "omega",
)
# What subunits and isoforms are told apart by; texts write them as Latin letters too ("PKCa").
SUBUNIT_GREEK_NAMES = ("alpha", "beta", "gamma", "delta")
# In front of the name of a chemical they say which carbon is meant ("17 beta-estradiol").
GREEK_LOCANTS = tuple(form for sign, name in list(GREEK_NAMES.items())[:3] for form in (name, sign))
# The WHO's names of the variants of concern of SARS-CoV-2, which it takes from the Greek letters.
VIRUS_VARIANT_NAMES = ("Alpha", "Beta", "Gamma", "Delta", "Omicron")
# HGNC's guidelines turn Greek letters into Latin ones and put them at the end of a symbol (Bruford
# et al. 2020, Nat Genet 52:754); PRKCQ is the gene of protein kinase C theta.
GENE_SYMBOL_LETTERS = {
    "alpha": "A",
    "beta": "B",
    "gamma": "G",
    "delta": "D",
    "epsilon": "E",
    "zeta": "Z",
    "theta": "Q",
    "kappa": "K",
    "lambda": "L",
    "mu": "M",
    "sigma": "S",
}
