"""Ties attributes to drugs: which of the drugs of a sentence an attribute is said of.

What stands right behind a drug, with nothing but other attributes and commas between, is said of
it, unless a comma stands before it and the next drug right behind it. Else what stands right before
one is ("20 mg of lisinopril", "oral prednisone"). Everything else goes to the drug before it, or to
the first drug of the sentence if there is none; percentages and
"long-term" go to none then.
"""

import re
from collections.abc import Sequence

from biopipe.clinical.medications.drugs import DrugSpan
from biopipe.document import MedicationAttribute
from biopipe.document.attributes import DURATION

__all__ = ["bind", "is_continuation"]

_BEHIND = re.compile(
    r"[\s,;:()\[\]/\-–+]*(?:(?:at|of|in|dose|doses|dosage|sig|take|takes|is|to)\b[\s,:]*){0,3}"
)
_COMMA = re.compile("[,;]")
_BEFORE = re.compile(
    r"[\s\-]*(?:(?:of|dose|doses|dosage|treatment|therapy|with|the|administration)\b\s*){0,3}"
)
_LABELS = re.compile(
    r"[\s\-*•>:]*(?:(?:sig|take|takes|dose|dosage|route|frequency|freq|strength|directions|use|duration|form|inject|"
    r"apply|inhale|give)\b[\s:.\-]*){0,2}",
    re.IGNORECASE,
)


def bind(
    text: str, drugs: Sequence[DrugSpan], attributes: Sequence[MedicationAttribute]
) -> list[list[MedicationAttribute]]:
    """The attributes of each drug, drugs and attributes of one sentence in order."""
    bound: list[list[MedicationAttribute]] = [[] for _ in drugs]
    if not drugs:
        return bound
    outside = [a for a in attributes if not any(d.start < a.end and a.start < d.end for d in drugs)]
    for number, attribute in enumerate(outside):
        left = _last_before(drugs, attribute.start)
        right = left + 1 if left + 1 < len(drugs) else None
        before = max([drugs[left].end if left >= 0 else 0, *(a.end for a in outside[:number])])
        comma = _COMMA.search(text, before, attribute.start) is not None
        leads = right is not None and _leads_to(text, attribute, drugs[right], outside, number)
        if right is not None and leads and comma:
            owner = right
        elif left >= 0 and _is_chain(text, drugs[left].end, attribute, outside, number):
            owner = left
        elif right is not None and leads:
            owner = right
        elif _needs_its_drug(text, attribute):
            continue
        else:
            owner = max(left, 0)
        bound[owner].append(attribute)
    return _shared(text, drugs, bound)


def _shared(
    text: str, drugs: Sequence[DrugSpan], bound: list[list[MedicationAttribute]]
) -> list[list[MedicationAttribute]]:
    """Give the first of two drugs with a slash between, such as fluticasone/salmeterol, the
    attributes of the second, where it has none.
    """
    for place in range(len(drugs) - 2, -1, -1):
        if not bound[place] and text[drugs[place].end : drugs[place + 1].start] == "/":
            bound[place] = list(bound[place + 1])
    return bound


def _needs_its_drug(text: str, attribute: MedicationAttribute) -> bool:
    """Whether an attribute means something else unless a drug stands right beside it: shares of
    patients, chronic diseases, prolonged intervals, "within 60 minutes of incision".
    """
    if attribute.kind != DURATION:
        return attribute.unit == "%"
    return attribute.amount is None or text[: attribute.end].endswith(" of")


def is_continuation(text: str, start: int, attributes: Sequence[MedicationAttribute]) -> bool:
    """Whether a sentence without a drug goes on with the drug of the line before: it begins with an
    attribute, behind a label such as "Sig:" perhaps.
    """
    if not attributes:
        return False
    label = _LABELS.match(text, start)
    return label is not None and label.end() >= attributes[0].start


def _last_before(drugs: Sequence[DrugSpan], place: int) -> int:
    """The index of the last drug that ends before a place, -1 for none."""
    return max((i for i, drug in enumerate(drugs) if drug.end <= place), default=-1)


def _is_chain(
    text: str,
    place: int,
    attribute: MedicationAttribute,
    attributes: Sequence[MedicationAttribute],
    number: int,
) -> bool:
    """Whether nothing but attributes and marks stands from `place` to an attribute."""
    for other in [*attributes[:number], attribute]:
        if other.start < place:
            continue
        gap = _BEHIND.match(text, place, other.start)
        if gap is None or gap.end() != other.start:
            return False
        place = other.end
    return True


def _leads_to(
    text: str,
    attribute: MedicationAttribute,
    drug: DrugSpan,
    attributes: Sequence[MedicationAttribute],
    number: int,
) -> bool:
    """Whether nothing but attributes and "of" stands from an attribute to a drug."""
    place = attribute.end
    following: list[MedicationAttribute | DrugSpan] = [*attributes[number + 1 :], drug]
    for other in following:
        if other.start > drug.start:
            break
        gap = _BEFORE.match(text, place, other.start)
        if gap is None or gap.end() != other.start:
            return False
        place = other.end
    return True
