"""Mentions with what they are linked to."""

from dataclasses import fields
from operator import attrgetter

from biopipe.document import Candidate, Mention

__all__ = ["with_link"]

# `dataclasses.replace` takes twice as long, and every mention of every text comes by here.
_FIELDS = [field.name for field in fields(Mention)]
_VALUES = attrgetter(*_FIELDS)
_CONCEPT_IDS, _CANDIDATES = _FIELDS.index("concept_ids"), _FIELDS.index("candidates")


def with_link(
    mention: Mention, concept_ids: tuple[str, ...], candidates: tuple[Candidate, ...]
) -> Mention:
    """The mention with other concepts and candidates."""
    values = list(_VALUES(mention))
    values[_CONCEPT_IDS], values[_CANDIDATES] = concept_ids, candidates
    return Mention(*values)
