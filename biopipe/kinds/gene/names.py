"""Genes: the names a gene goes by in text, made from the words of a mention, and the species of the
document.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache

from biopipe.kinds.context import DocumentContext
from biopipe.kinds.gene.serotypes import bare_serotype, locus_of_antigen
from biopipe.language.greek import GENE_SYMBOL_LETTERS, GREEK_NAMES, SUBUNIT_GREEK_NAMES
from biopipe.language.roman import ROMAN_TO_NINE
from biopipe.language.species_words import HUMAN_TAXON, MOUSE_TAXON, RAT_TAXON, species_words
from biopipe.language.tables import read_table

__all__ = [
    "gene_names",
    "gene_species",
    "gene_spelled_out",
    "is_about_animals",
    "species_of_gene",
    "unlikely_species",
]

_MOST_NAMES = 12
# Yeast, worm, fly and thale cress have nomenclatures of their own; genes of vertebrates are named
# after the human ones. Of 267 human genes linked in the texts of BioRED and NLM-Gene that name one
# of the four and no human 9 were meant.
_NAMED_APART = frozenset({"NCBITaxon:4932", "NCBITaxon:6239", "NCBITaxon:7227", "NCBITaxon:3702"})

# One word may be the model of a human disease alone.
_FEWEST_PLACES = 2

_RODENTS = frozenset({MOUSE_TAXON, RAT_TAXON})
# As the nomenclature of mice and rats has it; ours are capitals throughout (MGI and HGNC guidelines).
_RODENT_SYMBOL = re.compile(r"[A-Z](?=[a-z]*\d|[b-df-hj-np-tv-xz]+\Z)[a-z]{1,5}\d*[a-z]?\d*")

# Words that say what kind of thing is meant, or whose, but not which. "receptor" is not one of
# them.
_BEFORE = (
    r"recombinant|wild[- ]type|wt|mutant|mutated|endogenous|exogenous|soluble|serum|plasma"
    r"|circulating|total|native"
    r"|(?:constitutively )?active|activated|dominant[- ]negative|cleaved|secreted|membrane[- ]bound"
    r"|germline|somatic|oncogenic|the|phospho(?:rylated)?|anti|pro|full[- ]length|truncated"
)
_AFTER = re.compile(
    r"(?:[ -]+(?i:genes?|proteins?|polypeptides?|peptides?|m?rnas?|cdnas?|transcripts?|promoters?"
    r"|alleles?|loc(?:us|i)"
    r"|antigens?|isoforms?|subunits?|precursors?|molecules?|family|enzymes?|homologu?es?"
    r"|channels?|oncogenes?|mutations?|mutants?|variants?|polymorphisms?|genotypes?|haplotypes?"
    r"|expression|levels?))+\Z"
)
# The m of mTOR stands for mechanistic, not for mouse.
_SPECIES_LETTER = re.compile(
    r"(?!mTOR)(?:[hps](?=[A-Z])|(?:[mr]|hs|hu|mu)(?=[A-Z][A-Za-z]*[A-Z0-9]))"
)
# The complexes of mTOR go by the kinase that names them (GO:0031931 and GO:0031932), in the gold of
# BioRED and NLM-Gene too: 14 mentions.
_MTOR_COMPLEX = re.compile(r"mTOR(?:C| [Cc]omplex )[12]")
_ISOFORM = re.compile(
    rf"(?:v\d+|(?<=\d)(?:[ -]?(?:{'|'.join(SUBUNIT_GREEK_NAMES)})|[abp])|[ -][LS])\Z"
)
# Categories of the TNM classification (UICC), of the tumour removed or after treatment: "pT1b".
_STAGE = re.compile(r"(?:y?[apr]|[cpy])(?:T(?:[0-4][a-d]?|is|X)|N[0-3X][a-d]?|M[01X][a-d]?)+")
# Subunits and classes of receptors: what they are of is said elsewhere.
_LETTER_AND_NUMBER = re.compile(
    r"\W*(?:" + "|".join([*GREEK_NAMES, *GREEK_NAMES.values()]) + r")?[\W\d]*"
)
_BRACKET = re.compile(r" ?[(\[]([^()\[\]]*)[)\]]")
# Of the symbol itself, as in "HbA(1c)", "PI(3)K".
_INDEX = re.compile(r"[(\[]\w?\d?[a-z]?[)\]]")

_LATIN_FOR_GREEK = GENE_SYMBOL_LETTERS | {
    sign: GENE_SYMBOL_LETTERS[name]
    for sign, name in GREEK_NAMES.items()
    if name in GENE_SYMBOL_LETTERS
}
_GREEK = re.compile("|".join(_LATIN_FOR_GREEK))
_LETTER_FOR_GREEK = re.compile(r"(?<=[A-Z0-9])[- ]?([abgd])(\d?)\Z|(?<=[a-z])-([abgd])\Z")
_GREEK_FIRST = re.compile(r"([abgd])-(?=\d|[a-z]{4})")
_GREEK_FOR_LATIN = {name[0]: name for name in SUBUNIT_GREEK_NAMES}
_SEPARATORS = re.compile(r"[\s/(),.-]+")
_INITIALS = re.compile(r"[A-Z][a-z](?=[A-Z]+[a-z]*\d*)")
_MICRO_RNA = re.compile(r"(?i:mir|let)-?\d+[a-z]?")
_RECEPTOR = re.compile(r"([A-Za-z][\w-]{0,11}?)[ -]?receptors?[ -]?(\d+|I{1,3}|IV|[A-D])?")
_LONGEST_FIRST = sorted(ROMAN_TO_NINE, key=len, reverse=True)
_ROMAN_END = re.compile(rf"(?<=[A-Za-z])({'|'.join(_LONGEST_FIRST)})\Z")
_CYTOCHROME = re.compile(
    r"(?:(?:cytochrome[ -]*)?p[ -]?450|CYP)[ -]*(?:\(?CYP\)?[ -]*)?(\d+)([A-Z]\d+)?", re.IGNORECASE
)
_HLA_LOCUS = re.compile(r"D[MOPQR][AB]\d?")
# Antigens as serology names them, "HLA-B27" and "HLA-Cw6".
_HLA_SEROTYPE = re.compile(r"HLA[- ]?(A|B|C|D[PQR])w?(\d{1,3})?", re.IGNORECASE)
_INTERLEUKIN = re.compile(r"IL-?(\d+[A-Z]?) (?=[a-z])")
_FACTOR = re.compile(r"factor ([IVX]+[a-z]?|[BDHI])")
# The three alleles of one gene: "APOE4", "apoE ε4", "apolipoprotein E epsilon 4".
_APOE_ALLELE = re.compile(
    r"(?:apo(?:lipoprotein)?[ -]?E)[ -]*(?:ε|epsilon|e)?[ -]?[234]", re.IGNORECASE
)
_SMALL_WORDS = frozenset({"of", "the", "and", "to", "in", "for", "with", "like"})
_WORD = re.compile(r"[A-Za-z]+|\d+[A-Za-z]?")


def gene_species(context: DocumentContext) -> tuple[str, ...]:
    """The taxa of the document, the most mentioned first; human where it names none."""
    return context.species or (HUMAN_TAXON,)


def species_of_gene(surface: str, context: DocumentContext) -> tuple[str, ...]:
    """The taxon that the mention or the word before it says ("mouse Ldlr"); () where none does, or
    where the text says several.
    """
    words = surface.split()
    own = species_words("gene").get(words[0].lower()) if len(words) > 1 else None
    taxon = own.taxon if own is not None else context.species_before.get(words[0] if words else "")
    return (taxon,) if taxon else ()


def unlikely_species(surface: str, context: DocumentContext) -> tuple[str, ...]:
    """Human, where the mention or else the document names organisms alone whose genes have names
    apart from ours, or mice or rats where the mention is a symbol as their genes have: "Ldlr"; and
    where it names a protein of viruses: "spike protein", though CHMP5 was called Spike. Human and
    the animals of the text, where the mention begins with the binomial of another organism, or its
    initials, "PfPLP1", or stands behind it in a text that names no people.
    """
    if _plain_words(surface) in _viral_proteins():
        return (HUMAN_TAXON,)
    if _is_of_other_organism(surface, context):
        return tuple({HUMAN_TAXON, *context.species})
    taxa = species_of_gene(surface, context) or context.species or context.taxa_of_binomials
    if taxa and _NAMED_APART.issuperset(taxa):
        return (HUMAN_TAXON,)
    is_rodent = _RODENT_SYMBOL.fullmatch(surface) and _is_of_rodents(surface, context)
    return (HUMAN_TAXON,) if is_rodent else ()


def is_about_animals(context: DocumentContext) -> bool:
    """Whether the text names organisms in several places and people in none."""
    is_told = len(context.species_places) >= _FEWEST_PLACES
    return is_told and HUMAN_TAXON not in context.species


def _is_of_other_organism(surface: str, context: DocumentContext) -> bool:
    """Of 11 mentions behind a binomial in GNormPlus train that are a name of a human gene one meant
    it.
    """
    initials = _INITIALS.match(surface)
    if initials and initials[0] in context.initials_of_binomials:
        return True
    if context.begins_with_binomial(surface):
        return True
    first = surface.partition(" ")[0]
    return HUMAN_TAXON not in context.species and first in context.names_behind_binomials


def gene_spelled_out(surface: str, context: DocumentContext) -> str | None:
    """The gene of an antigen of HLA that is written without it, where the text speaks of HLA; and a
    symbol as mice and rats have it in capitals, as the human gene has it, unless the text is about
    organisms whose genes have names apart.
    """
    if context.names_hla and (serotype := bare_serotype(surface)):
        return serotype
    if not _RODENT_SYMBOL.fullmatch(surface):
        return None
    taxa = species_of_gene(surface, context) or context.species or context.taxa_of_binomials
    return surface.upper() if _NAMED_APART.isdisjoint(taxa) else None


def _is_of_rodents(surface: str, context: DocumentContext) -> bool:
    """Whether the mention, or else the text, says mice or rats and no people."""
    taxa = species_of_gene(surface, context) or context.species or context.taxa_of_binomials
    return HUMAN_TAXON not in taxa and not _RODENTS.isdisjoint(taxa)


@cache
def _before() -> re.Pattern[str]:
    species = "|".join(species_words("gene"))
    return re.compile(rf"(?:(?i:{species}|{_BEFORE})[ -]+|p-(?=[A-Z]))+")


@cache
def _viral_proteins() -> frozenset[str]:
    return frozenset(word for word, *_ in read_table("biopipe.kinds.gene", "viral_proteins.tsv"))


def _plain_words(surface: str) -> str:
    """The surface in small letters, without "protein" or "glycoprotein"."""
    return re.sub(r"\W+(?:glyco)?proteins?\Z", "", surface.lower())


@cache
def _stems() -> Mapping[str, str]:
    """What a name's words become in a symbol; any other word gives its first letter."""
    rows = read_table("biopipe.kinds.gene", "stems.tsv")
    return {word: letters for word, letters, *_ in rows}


# Mentions come again and again in a corpus.
@lru_cache(maxsize=4096)
def gene_names(surface: str) -> tuple[str, ...]:
    """At most a dozen symbols and names from the forms that texts use: "IL-1β", "PKCalpha",
    "hPER2", "VEGF receptor 2".

    The surface with less around it comes first, guesses at its symbol last. A stage of a tumour and
    a Greek letter alone ("α2") have none.
    """
    if _STAGE.fullmatch(surface) or _LETTER_AND_NUMBER.fullmatch(surface):
        return ()
    names: dict[str, None] = {}
    bases = list(dict.fromkeys([surface, *_plainer(surface)]))
    for base in bases:
        names[base] = None
    for make in _WAYS:
        for base in bases:
            names.update(dict.fromkeys(make(base)))
    names.pop(surface)
    return tuple(name for name in names if len(name) > 1)[:_MOST_NAMES]


def _plainer(surface: str) -> Iterator[str]:
    """The mention without words around the name, without a bracket, without the letter of its
    species.
    """
    plain = _AFTER.sub(
        "", surface[match.end() :] if (match := _before().match(surface)) else surface
    )
    if plain:
        yield plain
    if (bracket := _BRACKET.search(plain)) and not _INDEX.fullmatch(bracket[0]):
        rest = plain[bracket.end() :]
        yield plain[: bracket.start()] + rest
        yield bracket[1] + rest
    if _MTOR_COMPLEX.fullmatch(plain):
        yield "mTOR"
    if letter := _SPECIES_LETTER.match(plain):
        yield plain[letter.end() :]


def _greek_as_letter(name: str) -> Iterator[str]:
    if _GREEK.search(name) and len(name.split()) < 3:
        symbol = _SEPARATORS.sub("", _GREEK.sub(lambda match: _LATIN_FOR_GREEK[match[0]], name))
        yield symbol
        if symbol.startswith("PKC"):
            yield f"PRKC{symbol[3:]}"
        if not symbol[-1:].isdigit():
            yield f"{symbol}1"


def _letter_as_greek(name: str) -> Iterator[str]:
    if match := _LETTER_FOR_GREEK.search(name):
        yield f"{name[: match.start()]}-{_GREEK_FOR_LATIN[match[1] or match[3]]}{match[2] or ''}"
    if match := _GREEK_FIRST.match(name):
        yield f"{_GREEK_FOR_LATIN[match[1]]}-{name[match.end() :]}"


def _joined(name: str) -> Iterator[str]:
    joined = _SEPARATORS.sub("", name)
    if joined != name and len(joined) <= 8:
        yield joined


def _receptor(name: str) -> Iterator[str]:
    if match := _RECEPTOR.fullmatch(name):
        ligand, number = match.groups()
        letters = _GREEK.sub(lambda letter: _LATIN_FOR_GREEK[letter[0]], ligand)
        yield (
            _SEPARATORS.sub("", letters).upper() + "R" + ROMAN_TO_NINE.get(number, number)
            if number
            else f"{ligand}R"
        )


def _arabic(name: str) -> Iterator[str]:
    if " " not in name and (match := _ROMAN_END.search(name)):
        for base in _greek_as_letter(name[: match.start()]):
            yield base + ROMAN_TO_NINE[match[1]]
        yield name[: match.start()] + ROMAN_TO_NINE[match[1]]


def _cytochrome(name: str) -> Iterator[str]:
    if match := _CYTOCHROME.fullmatch(name):
        yield f"CYP{match[1]}{(match[2] or 'A1').upper()}"


def _hla(name: str) -> Iterator[str]:
    if _HLA_LOCUS.fullmatch(name):
        yield f"HLA-{name}"
    elif (serotype := _HLA_SEROTYPE.fullmatch(name)) and (serotype[2] or name[-1] == "w"):
        yield locus_of_antigen(serotype[1].upper(), serotype[2] or "")


def _apolipoprotein_e(name: str) -> Iterator[str]:
    if _APOE_ALLELE.fullmatch(name):
        yield "APOE"


def _blood_factor(name: str) -> Iterator[str]:
    if match := _FACTOR.fullmatch(name):
        system = "complement" if match[1] in {"B", "D", "H", "I"} else "coagulation"
        yield f"{system} factor {match[1]}"


def _synthase(name: str) -> Iterator[str]:
    for one, other in (("synthase", "synthetase"), ("synthetase", "synthase")):
        if one in name:
            yield name.replace(one, other)


def _written_out(name: str) -> Iterator[str]:
    if match := _INTERLEUKIN.match(name):
        yield f"interleukin {match[1]} {name[match.end() :]}"
    if " protein " in name:
        yield name.replace(" protein ", " ")


def _numbered(name: str) -> Iterator[str]:
    """The first locus of a microRNA that has several, and what is the only one with its number.

    A family is no member of it: of 646 gold mentions in NLM-Gene, GNormPlus and BioRED that are a
    name only with a number or letter behind ("Wnt", "TLR", "MEK") 91 meant the first.
    """
    if _MICRO_RNA.fullmatch(name):
        yield f"{name}A" if name[-1].isdigit() else f"{name}1"
    elif name.endswith(" 1"):
        yield name[:-2]


def _acronym(name: str) -> Iterator[str]:
    """The symbol that the words of a name would make, with its number: "hepatocyte nuclear
    factor-6" to "HNF6".
    """
    words = [word for word in _WORD.findall(name) if word.lower() not in _SMALL_WORDS]
    spelled = sum(len(word) > 2 and word.isalpha() for word in words)
    stems = any(word.lower() in _stems() for word in words)
    if (
        not words
        or not (words[-1][0].isdigit() or stems)
        or spelled < (1 if stems and len(words) > 1 else 2)
    ):
        return
    parts = [
        _stems().get(
            word.lower(), _LATIN_FOR_GREEK.get(word.lower(), word if word.isupper() else word[0])
        )
        if word.isalpha()
        else word
        for word in words
    ]
    symbol = "".join(parts).upper()
    if 3 <= len(symbol) <= 8:
        yield symbol


def _any_isoform(name: str) -> Iterator[str]:
    if match := _ISOFORM.search(name):
        yield name[: match.start()]


_WAYS: tuple[Callable[[str], Iterator[str]], ...] = (
    _joined,
    _greek_as_letter,
    _letter_as_greek,
    _receptor,
    _arabic,
    _cytochrome,
    _hla,
    _apolipoprotein_e,
    _blood_factor,
    _synthase,
    _written_out,
    _acronym,
    _any_isoform,
    _numbered,
)
