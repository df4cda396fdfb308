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
from biopipe.document.attributes import DOSE, DURATION, FREQUENCY, STRENGTH

__all__ = ["bind", "is_continuation", "is_not_now"]

_BEHIND = re.compile(
    r"[\s,;:()\[\]/\-–+]*(?:(?:at|of|in|dose|doses|dosage|sig|take|takes|is|to)\b[\s,:]*){0,3}"
)
_COMMA = re.compile("[,;]")
_BEFORE = re.compile(
    r"[\s\-]*(?:(?:of|dose|doses|dosage|treatment|therapy|with|the|administration)\b\s*){0,3}"
)
# What is said of an amount that is not that of the drug now: "(was 40 mg)", "max 3 g/day".
_NOT_NOW = re.compile(
    r"(?:\(\s*was|\b(?:previously|formerly|prior dose|old dose|instead of|"
    r"(?:up|down|increased|decreased|reduced|lowered|raised|titrated|changed) from|"
    r"max|maximum|max(?:imum)? (?:dose )?of|maximum dose|max dose|"
    r"not (?:to )?exceed|not exceeding|not more than|no more than))[\s:(]*\Z",
    re.IGNORECASE,
)
_LOOKBACK = 24
_PIECES = frozenset({"{capsule}", "{tablet}"})
_MOST_PIECES = 12
# What a drug is dissolved in has its concentration and its volume of its own, and nothing else.
_DISSOLVED = re.compile(r"\bin\s+\Z")
_VOLUMES = frozenset({"%", "mL", "L"})
_LABELS = re.compile(
    r"[\s\-*•>:|]*(?:(?:sig|take|takes|dose|dosage|route|frequency|freq|strength|directions|use|duration|form|inject|"
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
        elif _needs_its_drug(text, attribute) or (
            left < 0 and _is_of_another(text, attribute, drugs[0])
        ):
            continue
        elif left >= 0 and ";" in text[drugs[left].end : attribute.start]:
            continue  # "hold spironolactone; resume AC in 24-48 h" tells of something else
        else:
            owner = max(left, 0)
        bound[_undissolved(text, drugs, owner, attribute)].append(attribute)
    return _shared(text, drugs, bound)


def _shared(
    text: str, drugs: Sequence[DrugSpan], bound: list[list[MedicationAttribute]]
) -> list[list[MedicationAttribute]]:
    """Give the first of two drugs with a slash between, such as fluticasone/salmeterol, or of a
    drug and its other name in brackets, such as acetaminophen (Tylenol), the attributes of the
    second, where it has none.
    """
    for place in range(len(drugs) - 2, -1, -1):
        if bound[place]:
            continue
        drug, following = drugs[place : place + 2]
        between = text[drug.end : following.start]
        renamed = between.strip() == "(" and text[following.end : following.end + 1] == ")"
        if between == "/" or renamed:
            bound[place] = list(bound[place + 1])
    return bound


def is_not_now(text: str, attribute: MedicationAttribute) -> bool:
    """Whether an amount or a frequency is one of before, one that is not to be exceeded, or all that
    was given out.
    """
    if attribute.kind not in (STRENGTH, DOSE, FREQUENCY):
        return False
    # "90 tablet" is how many were dispensed.
    if attribute.unit in _PIECES and (attribute.amount or 0) > _MOST_PIECES:
        return True
    return _NOT_NOW.search(text[max(0, attribute.start - _LOOKBACK) : attribute.start]) is not None


def _is_of_another(text: str, attribute: MedicationAttribute, drug: DrugSpan) -> bool:
    """Whether an attribute before all drugs is of what else its sentence lists: "nasal suction,
    acetaminophen".
    """
    listed = _COMMA.search(text, attribute.end, drug.start) is not None
    return listed and attribute.kind not in (STRENGTH, DOSE)


def _undissolved(
    text: str, drugs: Sequence[DrugSpan], owner: int, attribute: MedicationAttribute
) -> int:
    """The drug that an attribute is of where its owner is what a drug is dissolved in: of "cefepime
    2 g in sodium chloride 0.9% 100 mL, intravenous" the route is the first one's.
    """
    drug = drugs[owner]
    dissolves = owner > 0 and _DISSOLVED.search(text[max(0, drug.start - 5) : drug.start])
    return owner - 1 if dissolves and attribute.unit not in _VOLUMES else owner


def _needs_its_drug(text: str, attribute: MedicationAttribute) -> bool:
    """Whether an attribute means something else unless a drug stands right beside it: shares of
    patients, chronic diseases, prolonged intervals, "within 60 minutes of incision".
    """
    if attribute.kind != DURATION:
        return attribute.unit == "%"
    return attribute.amount is None or text.endswith(" of", 0, attribute.end)


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
    between = [other for other in attributes[number + 1 :] if other.start < drug.start]
    following: list[MedicationAttribute | DrugSpan] = [*between, drug]
    for other in following:
        gap = _BEFORE.match(text, place, other.start)
        if gap is None or gap.end() != other.start:
            return False
        place = other.end
    return True
