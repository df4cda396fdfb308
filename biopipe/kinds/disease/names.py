"""Diseases and phenotypes: what brought them about, and how bad they are, is seldom part of a
concept's name.
"""

import re
from functools import lru_cache
from itertools import chain

from biopipe.kinds.disease.words import as_noun, of_function, of_organ, of_tumor, with_head

__all__ = ["disease_names"]

_CAUSE = re.compile(
    r".*?[\w)\]][- ](?:induced|associated|related|mediated|dependent|triggered|positive|negative"
    r"|deficient) +",
    re.IGNORECASE,
)
# Words that change which concept is meant (chronic, hereditary, juvenile, ...) are not among them.
_GRADE = re.compile(
    r"(?:(?:severe|mild|moderate|transient|refractory|symptomatic|asymptomatic|persistent|sudden"
    r"|bi-?lateral|unilateral)"
    r" +)+",
    re.IGNORECASE,
)


# Mentions come again and again in a corpus.
@lru_cache(maxsize=4096)
def disease_names(surface: str) -> tuple[str, ...]:
    """The mention without its cause and grade, then in the words that terminologies have.

    "ribavirin-induced hemolytic anemia" and "severe bilateral uveitis" lose what is before the
    disease; "hypotensive", "Lesch-Nyhan" and "renal damage" become hypotension, Lesch-Nyhan disease
    and kidney disease. Of the train mentions of NCBI Disease, BC5CDR and BioRED that are no name of
    MEDIC, the latter forms are names for a tenth to a third, and nine of ten times the right one.
    """
    without_cause = _CAUSE.sub("", surface, count=1)
    plain = _GRADE.sub("", without_cause, count=1) or surface
    forms = chain(
        (without_cause, plain),
        as_noun(plain),
        of_function(plain),
        of_organ(plain),
        of_tumor(plain),
        with_head(plain),
    )
    return tuple(dict.fromkeys(form for form in forms if form and form != surface))
