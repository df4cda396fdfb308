"""Species: abbreviated genera, and strains that fall back to their species."""

from biopipe.linking.facts import Facts
from biopipe.types import Candidate

__all__ = ["SpeciesStrategy"]


class SpeciesStrategy:
    """Writes out the genus of "E. coli" as the document does."""

    def names(self, surface: str, facts: Facts) -> tuple[str, ...]:
        return tuple(full for short, full in facts.binomials if short == surface)

    def concept(self, surface: str, facts: Facts) -> Candidate | None:
        return None

    def types(self, facts: Facts) -> tuple[str, ...] | None:
        return None
