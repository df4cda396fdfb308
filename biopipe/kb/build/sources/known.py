"""Values of a filter against those that a release has."""

from collections.abc import Collection, Iterable

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.near_values import near_values

__all__ = ["require_known"]


def require_known(
    values: Iterable[str], known: Collection[str], *, what: str, where: object
) -> None:
    """KnowledgeBaseError for the first of `values` that is not `known`, with the near ones or some
    of them.
    """
    for value in values:
        if value not in known:
            raise KnowledgeBaseError(
                f"Unknown {what} '{value}' in {where}; {near_values(value, known)}."
            )
