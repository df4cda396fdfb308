"""Short forms that nearly every clinical note or abstract uses for one thing, undefined: our own
rows, and what texts that define them nearly always say.
"""

from collections.abc import Mapping
from functools import cache

from biopipe.language.tables import read_table

__all__ = ["read_short_forms", "read_usual_short_forms"]


@cache
def read_short_forms(package: str) -> Mapping[str, str]:
    """Long forms by short form, in capitals, of the file short_forms.tsv in a kind's package."""
    return {short: long for short, long, *_ in read_table(package, "short_forms.tsv")}


@cache
def read_usual_short_forms(package: str) -> Mapping[str, str]:
    """As `read_short_forms`, with those of the package's usual_definitions.tsv."""
    rows = read_table(package, "usual_definitions.tsv")
    return {short.upper(): long for short, long, *_ in rows} | dict(read_short_forms(package))
