"""The status of a drug of which no word around it says one: by its section and its amounts."""

from collections.abc import Sequence
from itertools import pairwise

from biopipe.clinical.medications.drugs import DrugSpan, SentenceView
from biopipe.document import MedicationAttribute
from biopipe.document.attributes import ALLERGIC, DOSE, FREQUENCY, STARTED, STRENGTH, TAKEN

__all__ = ["status_by_place"]

# What a plan names with a dose and the note has not named before is to be begun.
_PLANS = frozenset({"assessment_and_plan", "plan"})
# What keeps off thromboses, ulcers or nausea goes on, and is nothing new.
_PROPHYLAXIS = frozenset({"ppx", "prophylactic", "prophylaxis"})
_ARROWS = frozenset({"->", "-->", "=>", "→"})


def status_by_place(
    text: str,
    sentence: SentenceView,
    drug: DrugSpan,
    attributes: Sequence[MedicationAttribute],
    named_before: bool,
) -> str:
    """The status of a drug with its attributes; `named_before` says whether the note has named it
    in a sentence before.
    """
    # Nobody is allergic to "aspirin 75 mg once a day": a list of drugs goes on without a heading.
    if sentence.section == "allergies" and not any(a.kind == FREQUENCY for a in attributes):
        return ALLERGIC
    amounts = [a for a in attributes if a.kind in (STRENGTH, DOSE)]
    # "Lisinopril 20 -> 40 mg" is a drug that is taken already.
    changes = any(text[a.end : b.start].strip() in _ARROWS for a, b in pairwise(amounts))
    before = {word.form for word in sentence.words if word.start < drug.start}
    if sentence.section in _PLANS and amounts and not (named_before or changes):
        return STARTED if _PROPHYLAXIS.isdisjoint(before) else TAKEN
    return TAKEN
