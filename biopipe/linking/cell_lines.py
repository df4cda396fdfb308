"""Cell lines: names without the words around them."""

import re

from biopipe.linking.facts import Facts
from biopipe.types import Candidate

__all__ = ["CellLineStrategy"]

_AFTER = re.compile(r"[ -](?:cell[ -]?lines?|cells?)\Z", re.IGNORECASE)


class CellLineStrategy:
    """Strips "cells" and "cell line"; case, hyphens and spaces are the normaliser's part."""

    def names(self, surface: str, facts: Facts) -> tuple[str, ...]:
        stripped = _AFTER.sub("", surface)
        return (stripped,) if stripped and stripped != surface else ()

    def concept(self, surface: str, facts: Facts) -> Candidate | None:
        return None

    def types(self, facts: Facts) -> tuple[str, ...] | None:
        return None
