"""Names that hardly mean the concept that bears them as a synonym: those of families, groups and
healthy organs, and short forms that texts define as something else.
"""

from collections.abc import Callable
from functools import cache

from biopipe.language.tables import read_table
from biopipe.text.normalize import normalize_name

__all__ = ["misleading_names", "short_forms_defined_otherwise"]


def misleading_names(package: str, table: str) -> Callable[[str], bool]:
    """Whether a name is in the first column of `table`, in any spelling."""

    def misleads(name: str) -> bool:
        form = normalize_name(name)
        # A capital at the end is part of the symbol: eNOS is no plural of the enolases, ENO.
        is_cut = name.endswith("S") and not form.endswith("s")
        return form in _forms(package, table) and not is_cut

    return misleads


def short_forms_defined_otherwise(package: str) -> Callable[[str], bool]:
    """Whether a short form is, as it stands, in the package's defined_otherwise.tsv."""
    return lambda name: name in _short_forms(package)


@cache
def _forms(package: str, table: str) -> frozenset[str]:
    return frozenset(normalize_name(name) for name, *_ in read_table(package, table))


@cache
def _short_forms(package: str) -> frozenset[str]:
    return frozenset(short for short, *_ in read_table(package, "defined_otherwise.tsv"))
