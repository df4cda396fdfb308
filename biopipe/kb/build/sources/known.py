"""Values of a filter against those that a release has."""

import difflib
from collections.abc import Collection, Iterable

from biopipe.errors import KnowledgeBaseError

__all__ = ["require_known"]

_LISTED = 10


def require_known(
    values: Iterable[str], known: Collection[str], *, what: str, where: object
) -> None:
    """KnowledgeBaseError for the first of `values` that is not `known`, with the near ones or some
    of them.
    """
    for value in values:
        if value not in known:
            raise KnowledgeBaseError(f"Unknown {what} '{value}' in {where}; {_hint(value, known)}.")


def _hint(value: str, known: Collection[str]) -> str:
    folded = {each.casefold(): each for each in sorted(known)}
    near = difflib.get_close_matches(value.casefold(), folded, n=5, cutoff=0.5)
    near += [each for each in folded if value and value.casefold() in each and each not in near][:5]
    if near:
        return f"near it are: {', '.join(folded[each] for each in near)}"
    some = sorted(known)[:_LISTED]
    return f"there are: {', '.join(some) or 'none'}{' and more' if len(known) > len(some) else ''}"
