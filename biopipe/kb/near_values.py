"""What a user may have meant by a value that is not there."""

from collections.abc import Collection

from biopipe.language.spelling import nearest_words

__all__ = ["near_values"]

_NEAR, _LEAST_LIKENESS = 5, 0.5
_LISTED = 10


def near_values(value: str, values: Collection[str]) -> str:
    """The end of a sentence on a `value` that `values` lack: near ones, in other capitals too, or
    that have it in them; else some of all.
    """
    folded = {other.casefold(): other for other in sorted(values) if other}
    near = nearest_words(value.casefold(), folded, most=_NEAR, least=_LEAST_LIKENESS)
    holding = [other for other in folded if value and value.casefold() in other]
    near += [other for other in holding if other not in near][:_NEAR]
    if near:
        return f"near it are: {', '.join(folded[other] for other in near)}"
    listed = sorted(folded.values())
    more = f" and {len(listed) - _LISTED:,} more" if len(listed) > _LISTED else ""
    return f"there are: {', '.join(listed[:_LISTED]) or 'none'}{more}"
