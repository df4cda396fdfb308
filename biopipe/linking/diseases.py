"""Diseases and phenotypes: what brought them about, and how bad they are, is seldom part of a concept's name."""

import re

from biopipe.linking.facts import Facts
from biopipe.types import Candidate

__all__ = ["DiseaseStrategy"]

_CAUSE = re.compile(
    r".*?[\w)\]][- ](?:induced|associated|related|mediated|dependent|triggered|positive|negative|deficient) +",
    re.IGNORECASE,
)
# Words that change which concept is meant (chronic, hereditary, juvenile, ...) are not among them.
_GRADE = re.compile(
    r"(?:(?:severe|mild|moderate|transient|refractory|symptomatic|asymptomatic|persistent|sudden|bi-?lateral|unilateral)"
    r" +)+",
    re.IGNORECASE,
)


class DiseaseStrategy:
    """Strips causes ("ribavirin-induced hemolytic anemia") and grades ("severe bilateral uveitis")."""

    def names(self, surface: str, facts: Facts) -> tuple[str, ...]:
        without_cause = _CAUSE.sub("", surface, count=1)
        forms = (without_cause, _GRADE.sub("", without_cause, count=1))
        return tuple(dict.fromkeys(form for form in forms if form and form != surface))

    def concept(self, surface: str, facts: Facts) -> Candidate | None:
        return None

    def types(self, facts: Facts) -> tuple[str, ...] | None:
        return None
