"""Which names of a chemical a text may have: not every synonym of a registry is written anywhere."""

import re

__all__ = ["is_written"]

# Longer ones are systematic names, which no two authors write alike.
_SHORTEST, _LONGEST = 3, 50
_MOST_DIGITS, _MOST_BRACKETS = 6, 1
# Registry and catalogue numbers, keys of structures, codes of crystal ligands, and products with
# their purity.
_CODE = re.compile(
    r"(?:ac1|agn-pc|akos|ambap|bdbm|brd|brn|bspbio|caswell no|ccris|chebi|chembl|ctk|divk"
    r"|dsstox|einecs|epa pesticide|fema|hms|hsdb|inchi|kbio|lopac|mfcd|mls|ncgc|nsc|oprea"
    r"|prestwick|pubchem|schembl|sdccgmls|smr|spectrum|stk|surecn|tox21|unii|un|wln|zinc)"
    r"[ :_=.-]*[a-z]*-?\d.*"
    r"|(?=.*\d)[a-z0-9]{10}|[a-z]{14}-[a-z]{8,10}-.*|ac1[a-z0-9]{5}|.*\d{7,}.*|.*\(parent\)|.*%.*"
)
_DIGITS_ALONE = re.compile(r"\d{2,7}-\d\d-\d\b.*|[\d-]+")
# As indexes of names invert them: "phenothiazine, 10-methyl-", "urea, n,n-bis(1-methylpropyl)-".
_INVERTED = re.compile(r".*-|.*[a-z)]{3}, ?(?:[\dn('-]|[a-z]{1,2}-|compd|mono|di|tri|tetra).*")


def is_written(name: str) -> bool:
    """Whether a text may have this name for a chemical."""
    if not _SHORTEST <= len(name) <= _LONGEST or "[" in name or ";" in name:
        return False
    if sum(map(str.isdigit, name)) > _MOST_DIGITS or name.count("(") > _MOST_BRACKETS:
        return False
    lower = name.lower()
    return not (
        _DIGITS_ALONE.fullmatch(lower) or _CODE.fullmatch(lower) or _INVERTED.fullmatch(lower)
    )
