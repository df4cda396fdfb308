"""Short forms that nearly every clinical note or abstract uses for one thing, undefined."""

from collections.abc import Mapping
from functools import cache

from biopipe.language.tables import read_table

__all__ = ["read_short_forms"]


@cache
def read_short_forms(package: str) -> Mapping[str, str]:
    """Long forms by short form, in capitals, of the file short_forms.tsv in a kind's package."""
    return {short: long for short, long, *_ in read_table(package, "short_forms.tsv")}
