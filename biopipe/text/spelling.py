"""One spelling for a word: its singular, in American spelling."""

import re
from functools import lru_cache

__all__ = ["one_spelling"]

_IRREGULAR = {
    "alveoli": "alveolus",
    "atria": "atrium",
    "axes": "axis",
    "bacteria": "bacterium",
    "bronchi": "bronchus",
    "calculi": "calculus",
    "calves": "calf",
    "children": "child",
    "cortices": "cortex",
    "crises": "crisis",
    "criteria": "criterion",
    "diverticula": "diverticulum",
    "emboli": "embolus",
    "feet": "foot",
    "fetuses": "fetus",
    "foci": "focus",
    "foramina": "foramen",
    "fungi": "fungus",
    "helices": "helix",
    "lenses": "lens",
    "lice": "louse",
    "loci": "locus",
    "matrices": "matrix",
    "men": "man",
    "mice": "mouse",
    "mitochondria": "mitochondrion",
    "nevi": "nevus",
    "nuclei": "nucleus",
    "phenomena": "phenomenon",
    "pterygia": "pterygium",
    "sera": "serum",
    "sinuses": "sinus",
    "stigmata": "stigma",
    "stimuli": "stimulus",
    "teeth": "tooth",
    "testes": "testis",
    "thrombi": "thrombus",
    "varices": "varix",
    "villi": "villus",
    "women": "woman",
    "ageing": "aging",
    "aluminium": "aluminum",
    "analogue": "analog",
    "calibre": "caliber",
    "catalogue": "catalog",
    "centre": "center",
    "defence": "defense",
    "fibre": "fiber",
    "goitre": "goiter",
    "grey": "gray",
    "homologue": "homolog",
    "litre": "liter",
    "metre": "meter",
    "mould": "mold",
    "orthologue": "ortholog",
    "paralogue": "paralog",
    "programme": "program",
    "theatre": "theater",
    "titre": "titer",
}
_SINGULAR = (
    "aids ascites biceps caries diabetes herpes lens measles mers mumps pancreas rabies sars"
    " series species trans"
)
_NOT_PLURAL = frozenset(_SINGULAR.split())
# (ending, what it becomes, shortest word it applies to); the first that fits.
_ENDINGS = (
    ("viruses", "virus", 7),
    ("itides", "itis", 7),
    ("omata", "oma", 6),
    ("stases", "stasis", 7),
    ("oses", "osis", 7),
    ("yses", "ysis", 6),
    ("eses", "esis", 6),
    ("sses", "ss", 6),
    ("shes", "sh", 6),
    ("nches", "nch", 6),
    ("tches", "tch", 6),
    ("xes", "x", 5),
    ("ies", "y", 5),
    ("oes", "o", 7),
    ("ae", "a", 5),
    ("emboli", "embolus", 9),
)
# Most words end in a letter that no ending has.
_ENDINGS_BY_LETTER = {
    letter: tuple(row for row in _ENDINGS if row[0][-1] == letter)
    for letter in {ending[-1] for ending, _, _ in _ENDINGS}
}
_BRITISH = (
    ("sulph", "sulf"),
    ("isation", "ization"),
    ("manoeuvre", "maneuver"),
    ("leuco", "leuko"),
    ("leuce", "leuke"),
    ("elling", "eling"),
    ("elled", "eled"),
    ("alling", "aling"),
    ("moult", "molt"),
    ("tumour", "tumor"),
    ("colour", "color"),
    ("behaviour", "behavior"),
    ("labour", "labor"),
    ("odour", "odor"),
    ("flavour", "flavor"),
    ("favour", "favor"),
    ("humour", "humor"),
    ("vapour", "vapor"),
    ("vigour", "vigor"),
    ("rigour", "rigor"),
    ("neighbour", "neighbor"),
    ("harbour", "harbor"),
)
_AE = re.compile(r"a+e")
# "oe" only where it is one sound: not in "thrombo-embolism" or "chloro-ethyl".
_OE = re.compile(
    r"oe(?=dem|sophag|strad|strio|strog|stro?n|strus|nolog)|(?<=f)oe(?=t)|(?<=rrh)oe|(?<=pn)oe"
    r"|(?<=c)oe(?=li|lom)|(?<=am)oe(?=b)|(?<=hom)oe(?=o)"
)
_ISE = re.compile(r"(?<=[aeiou][lrmntdvzbcg])is(?=(?:e|ed|er|ing)\Z)")
_LYSE = re.compile(r"lys(?=(?:e|ed|er|ing)\Z)")
_ICAL = re.compile(r"(?<=log|rap|ass|etr)(h?)ical\Z")


@lru_cache(maxsize=1 << 16)
def one_spelling(word: str) -> str:
    """The form that `word` (lower-case letters) shares with its plural and its British spelling.

    Forms need not be words ("pneumonia" for "pneumoniae"); the form of a form is itself.
    """
    while (simpler := _american(_singular(word))) != word:
        word = simpler
    return word


def _singular(word: str) -> str:
    if len(word) < 4 or word in _NOT_PLURAL:
        return _IRREGULAR.get(word, word)
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for ending, replacement, shortest in _ENDINGS_BY_LETTER.get(word[-1], ()):
        if word.endswith(ending) and len(word) >= shortest:
            return word[: -len(ending)] + replacement
    return word[:-1] if word[-1] == "s" and word[-2] not in "isu" else word


def _american(word: str) -> str:
    if len(word) < 5:
        return word
    for british, american in _BRITISH:
        if british in word:
            word = word.replace(british, american)
    # To look for the letters first takes a fraction of a substitution in vain.
    if "ae" in word:
        word = _AE.sub("e", word)
    if "oe" in word:
        word = _OE.sub("e", word)
    if word.endswith("ical"):
        return _ICAL.sub(r"\1ic", word)
    if "is" in word:
        word = _ISE.sub("iz", word)
    return _LYSE.sub("lyz", word) if "lys" in word else word
