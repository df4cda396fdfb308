"""Amounts without a unit right behind a drug, as in "lisinopril 20 qd"."""

import re
from collections.abc import Iterator, Sequence

from biopipe.clinical.medications.drugs import DrugSpan, SentenceView
from biopipe.clinical.words import NUMBER, NoteWord
from biopipe.document import MedicationAttribute
from biopipe.document.attributes import (
    AS_NEEDED,
    DOSE,
    FORM,
    FREQUENCY,
    ROUTE,
    STRENGTH,
)

__all__ = ["bare_strengths"]

_USES = frozenset({AS_NEEDED, FORM, FREQUENCY, ROUTE})
_ITEM_END = re.compile(r"\s*(?:[,;.](?!\d)|\Z|\n)")
_VERB = re.compile(r"\s+(?:was|were|is|has been)\b")
_CHANGE = re.compile(r"\s*(?:-+>|=>|→)\s*\d")


def bare_strengths(
    text: str, sentence: SentenceView, drugs: Sequence[DrugSpan]
) -> list[MedicationAttribute]:
    """The numbers right behind drugs that a frequency, a route or a form follows, and in a list of
    medications those that end their item; their unit is "". A measured value is none.
    """
    measured = {measurement.value_start for measurement in sentence.measured}
    found: list[MedicationAttribute] = []
    dosed = any(attribute.kind in (STRENGTH, DOSE) for attribute in sentence.attributes)
    for word in _numbers_behind(text, sentence, drugs):
        if word.start in measured:
            continue
        following = next((a for a in sentence.attributes if a.start >= word.end), None)
        used = (
            following is not None
            and following.kind in _USES
            and not text[word.end : following.start].strip()
        )
        listed = sentence.section == "medications" or dosed or bool(found)
        ends = _ITEM_END.match(text, word.end, sentence.end) is not None
        changed = any(p.match(text, word.end, sentence.end) for p in (_CHANGE, _VERB))
        if used or changed or (listed and ends):
            upper = word.high if word.high != word.low else None
            found.append(
                MedicationAttribute(
                    STRENGTH, word.start, word.end, amount=word.low, upper_amount=upper
                )
            )
    return found


def _numbers_behind(
    text: str, sentence: SentenceView, drugs: Sequence[DrugSpan]
) -> Iterator[NoteWord]:
    """Numbers in digits, of no attribute, with a space between them and the drug before."""
    ends = {drug.end for drug in drugs}
    for word in sentence.words:
        if (
            word.form == NUMBER
            and word.start - 1 in ends
            and text[word.start - 1].isspace()
            and text[word.start].isdigit()
            and not any(a.start < word.end and word.start < a.end for a in sentence.attributes)
        ):
            yield word
