"""What a clinical note says beside its mentions: medications with their attributes, measurements
and dates.

Offsets are code points of `Document.text`, end exclusive. Units are UCUM codes ("mg", "mm[Hg]",
"10*3/uL"); times and durations are ISO 8601 ("2016-03", "P10D").
"""

from dataclasses import dataclass
from typing import Final

from biopipe.document.short_repr import short_repr

__all__ = [
    "ALLERGIC",
    "AS_NEEDED",
    "ATTRIBUTE_KINDS",
    "DOSE",
    "DURATION",
    "FORM",
    "FREQUENCY",
    "HELD",
    "MEDICATION_STATUSES",
    "ROUTE",
    "STARTED",
    "STOPPED",
    "STRENGTH",
    "TAKEN",
    "Measurement",
    "Medication",
    "MedicationAttribute",
    "TimeExpression",
]

STRENGTH: Final = "strength"
DOSE: Final = "dose"
FORM: Final = "form"
ROUTE: Final = "route"
FREQUENCY: Final = "frequency"
DURATION: Final = "duration"
AS_NEEDED: Final = "as needed"
ATTRIBUTE_KINDS: Final = (STRENGTH, DOSE, FORM, ROUTE, FREQUENCY, DURATION, AS_NEEDED)

TAKEN: Final = "taken"
STARTED: Final = "started"
STOPPED: Final = "stopped"
HELD: Final = "held"
ALLERGIC: Final = "allergy"
MEDICATION_STATUSES: Final = (TAKEN, STARTED, STOPPED, HELD, ALLERGIC)


@dataclass(frozen=True, slots=True)
class MedicationAttribute:
    """A span that says how a drug is taken; `kind` is one of ATTRIBUTE_KINDS.

    `value` is its normal form, "" where there is none: a form ("tablet"), a route ("oral"), a
    frequency as times per period ("2/d", "1/6h", "1/d HS" where a time of day is said), a duration
    ("P10D"). `amount` is the quantity of a strength or a dose in `unit`, the lower one of a range
    and `upper_amount` the other; of a frequency the times a day; of a duration the days.
    """

    kind: str
    start: int
    end: int
    value: str = ""
    amount: float | None = None
    upper_amount: float | None = None
    unit: str = ""

    def __repr__(self) -> str:
        return short_repr(self)


@dataclass(frozen=True, slots=True)
class Medication:
    """A drug at a place of a note, as it is written there, with what is said of it.

    `status` is one of MEDICATION_STATUSES. The mention of the same span, where there is one, has
    the concept of the drug.
    """

    name: str
    start: int
    end: int
    status: str = TAKEN
    attributes: tuple[MedicationAttribute, ...] = ()
    section: str = ""

    def of_kind(self, kind: str) -> tuple[MedicationAttribute, ...]:
        """Its attributes of one kind, in the order of the text."""
        return tuple(attribute for attribute in self.attributes if attribute.kind == kind)

    @property
    def as_needed(self) -> bool:
        """Whether it is taken only when it is needed."""
        return bool(self.of_kind(AS_NEEDED))

    @property
    def times_a_day(self) -> float | None:
        """How often a day it is taken, as its first frequency that says so tells."""
        amounts = [attribute.amount for attribute in self.of_kind(FREQUENCY)]
        return next((amount for amount in amounts if amount is not None), None)

    def __repr__(self) -> str:
        return short_repr(self)


@dataclass(frozen=True, slots=True)
class Measurement:
    """A vital sign or a laboratory value: the span of the test and that of its value.

    `test` is the usual name of the test and `code` its LOINC id as a CURIE, both "" for a test that
    the table of tests does not list. `comparator` is "<", "<=", ">", ">=" or "". `amount` is the
    number and `upper_amount` the end of a range, in `unit`, a UCUM code; `implied_unit` says that
    the text has no unit and `unit` is the one that such a number can only be in. `flag` is "H",
    "L", "A" (abnormal) or "N" (normal), as the text says it, in words or as a mark.
    """

    name: str
    start: int
    end: int
    value_start: int
    value_end: int
    test: str = ""
    code: str = ""
    comparator: str = ""
    amount: float | None = None
    upper_amount: float | None = None
    unit: str = ""
    implied_unit: bool = False
    flag: str = ""
    section: str = ""

    def __repr__(self) -> str:
        return short_repr(self)


@dataclass(frozen=True, slots=True)
class TimeExpression:
    """A date, or a time told from another ("3 days later").

    `kind` is "date" or "relative". `value` is the ISO 8601 date, as precise as the text; of a
    relative one it is "" without a date to count from. `offset` is what a relative one adds to
    that, as a signed ISO 8601 duration ("-P3D"), and `anchor` says from when it counts: "note" for
    the date of the note, "event" for something that the text tells, such as an operation, "birth"
    for an age.
    """

    kind: str
    start: int
    end: int
    value: str = ""
    offset: str = ""
    anchor: str = ""
    section: str = ""

    def __repr__(self) -> str:
        return short_repr(self)
