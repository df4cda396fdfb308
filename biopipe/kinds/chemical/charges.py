"""The charge of an anion is the last sign of its name: superoxide is "O2-", and "O2" oxygen."""

from collections.abc import Sequence
from dataclasses import replace

from biopipe.document import Mention
from biopipe.document.labels import CHEMICAL
from biopipe.kinds.chemical.names import singly_charged_anions

__all__ = ["with_charges"]

_MINUS = "-\u2212\u2013\u207b"


def with_charges(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions in their order, chemicals that are the formula of an anion with the minus sign
    behind it, unless that joins it to a word ("Cl-channel").
    """
    return [
        replace(mention, end=mention.end + 1)
        if mention.label == CHEMICAL and _is_charged(text, mention.start, mention.end)
        else mention
        for mention in mentions
    ]


def _is_charged(text: str, start: int, end: int) -> bool:
    if text[end : end + 1] not in _MINUS or end >= len(text):
        return False
    after = text[end + 1 : end + 2]
    return not (after.isalnum() or (after and after in _MINUS)) and (
        text[start:end] in singly_charged_anions()
    )
