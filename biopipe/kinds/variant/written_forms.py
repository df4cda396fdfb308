"""How variants are written in letters and numbers, as one pattern to find them in a text.

The notations are those of HGVS (den Dunnen et al. 2016, Hum Mutat 37:564, and the recommendations
at hgvs-nomenclature.org), of dbSNP and gnomAD, and those that texts used before and beside them
(tmVar's corpus: Wei et al. 2013, Bioinformatics 29:1433). Texts are given as they are typed
(`biopipe.text.typography`): a dash is "-".
"""

from biopipe.language.reference_snps import CERTAIN_RS_NUMBER, SPELLED_RS_NUMBER
from biopipe.language.residues import RESIDUES, THREE_LETTER_CODES

__all__ = ["CERTAIN_FORM", "LIKELY_FORM", "SIZED_DELETION", "VARIANT_END", "VARIANT_START"]

_ONE = f"[{RESIDUES}]"
_THREE = f"(?:{'|'.join(THREE_LETTER_CODES)})"
_BASES = "[ACGT]+"
# "G>A", "G->A", "G → A"; behind a place "G/A" is the same.
_ARROW = r" ?(?:-{0,4}>|-{2,4}|[→⟶⇒]) ?"
_EXCHANGE = rf"{_BASES}(?:{_ARROW}){_BASES}(?:/[ACGT])*"
# Not "G/G", a genotype.
_ALTERNATIVES = r"(?:A/ ?[CGT]|C/ ?[AGT]|G/ ?[ACT]|T/ ?[ACG])(?:/ ?[ACGT])*"
_OFFSET = r"(?: ?[-+] ?\d+(?:(?:\.\d+)? ?kb)?)"
_PLACE = rf"[-+*]?\d+{_OFFSET}?"
_RANGE = rf"{_PLACE}(?:_{_PLACE})?"
_UNCERTAIN_END = rf"\((?:\?|{_PLACE})_(?:\?|{_PLACE})\)"
_LENGTH_OR_BASES = r"(?:[ACGT]+|\d{1,5}(?: ?bp)?)"
_EDIT = rf"(?:(?:delins|dup|inv|ins|del){_LENGTH_OR_BASES}?(?:ins{_LENGTH_OR_BASES})?)"

_IN_RNA = r"\d+(?:_\d+)?(?:[acgu]+>[acgu]+|(?:del|dup|ins)[acgu]*)"

# With "c.", "g.", "m.", "n." or "r." before it, and perhaps the sequence that it counts in.
_SEQUENCE = (
    r"(?:(?:N[CGMPRW]_\d+(?:\.\d+)?|ENS[GTP]\d+(?:\.\d+)?|LRG_\d+(?:[tp]\d+)?"
    r"|chr(?:\d{1,2}|[XYM]))(?:\([\w-]+\))?: ?)"
)
_OF_BASES = (
    rf"{_SEQUENCE}?(?:(?:[cgmn]|mt)\. ?(?:{_RANGE}(?: ?(?:{_EXCHANGE}|{_ALTERNATIVES})| ?{_EDIT}"
    rf"|[ACGT]*\[\d+\]|=)|{_UNCERTAIN_END}_{_UNCERTAIN_END}(?:del|dup)|[ACGT]{_PLACE}[ACGT])"
    rf"|r\.(?:{_IN_RNA}|\({_IN_RNA}\)))"
)
_ON_CHROMOSOME = (
    rf"chr(?:\d{{1,2}}|[XYM]): ?(?:\d{{3,9}}|\d{{1,3}}(?:,\d{{3}}){{1,2}}) ?{_EXCHANGE}"
    r"|(?:\d{1,2}|[XY])-\d{4,9}-[ACGT]+-[ACGT]+"
)
# Places of a frameshift's new stop: "fs", "fs*2", "fsX7", "fsTer12", "fs*?".
_SHIFT = r"fs(?:[ -]?(?:\*|X|Ter|Stop)?(?:\d+|\?)|\*|X|Ter)?"
_STOP = r"[X*]|[Ss]top"


def _of_residues(residue: str) -> str:
    """Changes of a protein with its residues in codes of one letter or of three, after "p."."""
    last = rf"(?:_(?:{residue}|\*)\d+)?"
    extended = rf"{residue}?ext(?:[-*]|Ter)?(?:\d+|\?)?"
    change = (
        rf"{residue}?{_SHIFT}|{extended}|{residue}(?:(?:/|\^){residue})*|{_STOP}|=|\?"
        rf"|(?:delins|ins)(?:{residue}+|\d+|\*)|(?:del|dup)(?:{residue})*"
    )
    return rf"(?:{residue}|\*)[1-9]\d*{last}(?:{change})"


_IN_PROTEIN = rf"(?:{_of_residues(_ONE)}|{_of_residues(_THREE)}|0\??)"
_OF_PROTEIN = rf"{_SEQUENCE}?p\. ?(?:\({_IN_PROTEIN}\)|{_IN_PROTEIN})"

# Without "p.": an exchange needs three digits, what only variants have needs none.
_ONLY_VARIANTS = (
    rf"(?:_{{0}}\d+)?(?:(?:delins|ins)(?:{{0}}+|\d+)|(?:del|dup)(?:{{0}})*)|{{0}}?{_SHIFT}"
)
_THREE_ALONE = "|".join(
    (
        rf"{_THREE}[1-9]\d*(?:{_ONLY_VARIANTS.format(_THREE)}|{_STOP})",
        rf"{_THREE}[1-9]\d{{0,3}}[-_]{_THREE}\d{{1,4}} ?del(?:etion|(?:ins)?(?:{_THREE})+)?",
        rf"{_THREE}[- ]?\([1-9]\d*\)[- ]?{_THREE}",
        rf"{_THREE}-?[1-9]\d*(?:-|{_ARROW}| to )?{_THREE}(?:/{_THREE})*",
        rf"{_THREE} ?[1-9]\d+ (?:to )?{_THREE}(?! ?-?\d)",
        rf"(?:[Δ∆]-?|[Dd]el(?:ta)?[- ]?){_THREE}[1-9]\d{{1,3}}",
        rf"[1-9]\d{{1,3}} ?(?P<first>{_THREE})/(?!(?P=first)){_THREE}",
    )
)
_ONE_ALONE = "|".join(
    (
        rf"{_ONE}[1-9]\d{{1,3}}{_ONE}(?:/{_ONE})+",
        rf"{_ONE}[1-9]\d{{2,3}}(?:{_ONE}|{_STOP})",
        rf"{_ONE}[1-9]\d{{1,4}}(?:{_ONLY_VARIANTS.format(_ONE)})",
        rf"{_ONE}[1-9]\d{{1,3}}[-_]{_ONE}\d{{1,4}} ?del(?:etion|(?:ins)?{_ONE}+)?",
        rf"[Δ∆]-?{_ONE}[1-9]\d{{1,3}}(?:[-_]{_ONE}?\d{{2,4}})?",
        rf"[Dd]el(?:ta)?[- ]?{_ONE}[1-9]\d{{2,3}}(?:[-_]{_ONE}?\d{{2,4}})?",
    )
)
# S288C and A364A are strains of yeast, H295R is a cell line.
_NO_STRAIN = "(?!S288C|A364A|H295R)"
_CHANGED_BASES = rf"(?:{_EXCHANGE}|{_ALTERNATIVES}|[acgt]-{{0,3}}[>-][acgt])"
# Without "c.": "1311 C>T", "-308 G/A", "C-344T", "IVS2-2A>G", "185delAG".
_INTRON = r"IVS[- ]?(?:\d{1,2}|[IVX]{1,5})(?: ?nt ?\d+| ?[-+] ?\d+)"
_BASES_ALONE = "|".join(
    (
        rf"{_INTRON}(?:,? ?{_CHANGED_BASES}| ?\({_CHANGED_BASES}\))",
        rf"{_INTRON} ?(?:del|ins|dup)[ACGT]+",
        rf"(?:[-+*] ?|[cg])?[1-9]\d{{1,6}}{_OFFSET}? ?{_EXCHANGE}",
        rf"[1-9]\d{{1,6}}(?:[-+]\d+)?{_ALTERNATIVES}",
        rf"[1-9]\d{{2,6}} {_ALTERNATIVES}",
        rf"[-+*] ?[1-9]\d{{1,5}} ?{_ALTERNATIVES}",
        r"[ACGT](?:-[1-9]\d{2,4}|[1-9]\d{4,5})[ACGT]",
        r"[1-9]\d{1,5}(?:[-+]\d+)?(?:[-_]\d+)? ?(?:del|ins|dup)(?:[ACGT]{1,20}|\d{1,3})"
        r"(?:ins[ACGT]+)?",
        r"(?:del|ins|dup)[1-9]\d{1,4}[ACGT]{1,8}",
        r"[Ee]x(?:on)?[- ]?\d{1,2}(?:ins|del|dup)",
    )
)
_DISTINCT = "|".join(
    (SPELLED_RS_NUMBER, CERTAIN_RS_NUMBER, _OF_BASES, _ON_CHROMOSOME, _OF_PROTEIN, _THREE_ALONE)
)
_NO_SIGN_BEFORE = r"(?<![-*])(?:(?<!\+)|(?!\d))"
CERTAIN_FORM = rf"(?:{_DISTINCT}|{_NO_SIGN_BEFORE}{_NO_STRAIN}(?:{_ONE_ALONE}|{_BASES_ALONE}))"
"""What is a variant wherever a text has it; codes of few letters not behind a hyphen."""

# Behind a gene: "CCR5Δ32", "CCR5-delta32". Of one digit they are isoforms by a Greek letter.
SIZED_DELETION = r"(?:[Δ∆] ?\d{2,4}|(?<=[- ])[Dd]elta[- ]?\d{2,4})"

# T98G and T47D are cell lines, "45M/F" counts people: the form alone does not say.
LIKELY_FORM = rf"(?:{_ONE}[1-9]\d(?:{_ONE}|[X*])|[1-9]\d{{1,3}}{_ONE}/{_ONE})"
# A form begins and ends where a word does.
VARIANT_START = (
    r"(?<![\w.])(?<!\d,)(?=[A-Z\d+*∆Δ-][^a-z ]|[A-Z*+-][a-z ]|rs|ref|(?:[cgmnpr]|mt)\.|[cg]\d|chr"
    r"|del|ins|dup|ex)"
)
VARIANT_END = r"(?![\w*>→]|-\d)"
