"""The FHIR R4 resources of what a note says, as JSON data."""

import datetime
import re
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from biopipe.document import Document, Measurement, Medication, MedicationAttribute, Mention
from biopipe.document.attributes import (
    DOSE,
    DURATION,
    FREQUENCY,
    HELD,
    ROUTE,
    STARTED,
    STOPPED,
    STRENGTH,
    TAKEN,
)
from biopipe.document.labels import HISTORICAL, HYPOTHETICAL, NEGATED, POSSIBLE
from biopipe.io.concept_systems import concept_system

__all__ = [
    "EVIDENCE_EXTENSION",
    "NoteContext",
    "allergy_intolerance",
    "condition",
    "family_history",
    "medication_statement",
    "observation",
]

EVIDENCE_EXTENSION = "urn:biopipe:evidence"
"""The extension with the span of a resource's evidence, in code points of the note's text."""

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
_UCUM = "http://unitsofmeasure.org"
_STATUSES = {TAKEN: "active", STARTED: "active", STOPPED: "stopped", HELD: "on-hold"}
_DECIMAL = r"\d{1,4}(?:\.\d{1,4})?"
# FHIR's units of time and codes of events of the day.
_FREQUENCY = re.compile(
    rf"(?P<times>{_DECIMAL})/(?P<period>(?:{_DECIMAL})?)(?P<unit>s|min|h|d|wk|mo|a)"
    r"(?: (?P<when>[A-Z]{1,5}))?",
    re.ASCII,
)
# What a reference to a resource of a server may hold: the type id of FHIR.
_RESOURCE_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
# What a number of times has no place beside: constraint tim-9 of the type Timing.
_MEALS = {"C", "CM", "CD", "CV", "AC", "PC"}
_DATE = re.compile(r"(?!0000)\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class NoteContext:
    """What all resources of a note share: its text, its reference, its subject and its date."""

    document: Document
    reference: Json
    subject: Json
    date: str

    @classmethod
    def of(cls, document: Document) -> "NoteContext":
        """The context of a document."""
        patient = document.meta.get("patient_id", "")
        subject: Json = {"display": f"The patient of document {document.id}"}
        if _RESOURCE_ID.fullmatch(patient):
            subject = {"reference": f"Patient/{patient}"}
        elif patient:
            subject = {"identifier": {"value": patient}}
        date = document.meta.get("date", "")
        return cls(
            document,
            {"reference": f"urn:uuid:{_identifier(document, 'DocumentReference', 0, 0)}"},
            subject,
            date if _is_date(date) else "",
        )

    def document_reference(self) -> Json:
        """The note itself, by its id and without its text."""
        resource: Json = {
            "resourceType": "DocumentReference",
            "id": _identifier(self.document, "DocumentReference", 0, 0),
            "status": "current",
            "identifier": [{"value": self.document.id}],
            "subject": self.subject,
            "content": [{"attachment": {"contentType": "text/plain", "title": self.document.id}}],
        }
        return resource

    def resource(self, kind: str, start: int, end: int, section: str, extra: str = "") -> Json:
        """A resource of evidence from `start` to `end`; `extra` tells two of one span apart."""
        parts: list[Json] = [
            {"url": "document", "valueReference": self.reference},
            {"url": "start", "valueUnsignedInt": start},
            {"url": "end", "valueUnsignedInt": end},
        ]
        if section:
            parts.append({"url": "section", "valueString": section})
        return {
            "resourceType": kind,
            "id": _identifier(self.document, kind + extra, start, end),
            "extension": [{"url": EVIDENCE_EXTENSION, "extension": parts}],
        }


def _is_date(text: str) -> bool:
    """Whether a text is a year, a month or a day that there is."""
    if not _DATE.fullmatch(text):
        return False
    try:
        # The pattern lets 31 February through; FHIR's own check does not.
        datetime.date.fromisoformat(text if len(text) == 10 else f"{text}-01-01"[:10])
    except ValueError:
        return False
    return True


def condition(note: NoteContext, mention: Mention) -> Json:
    """A problem of the patient, refuted where the note denies it."""
    resource = note.resource("Condition", mention.start, mention.end, mention.section)
    verification = "confirmed"
    if NEGATED in mention.assertion:
        verification = "refuted"
    elif POSSIBLE in mention.assertion:
        verification = "unconfirmed"
    if verification != "refuted":
        past = HISTORICAL in mention.assertion
        resource["clinicalStatus"] = _coded("condition-clinical", "inactive" if past else "active")
    resource["verificationStatus"] = _coded("condition-ver-status", verification)
    resource["code"] = _code_of(note, mention.start, mention.end, mention)
    resource["subject"] = note.subject
    resource["evidence"] = [{"detail": [note.reference]}]
    return resource


def family_history(note: NoteContext, mention: Mention) -> Json:
    """A problem of a relative."""
    resource = note.resource("FamilyMemberHistory", mention.start, mention.end, mention.section)
    problem = _code_of(note, mention.start, mention.end, mention)
    resource["status"] = "partial"
    resource["patient"] = note.subject
    # Required; which relative it is the assertion does not tell.
    resource["relationship"] = _coded("v3-RoleCode", "FAMMEMB")
    if NEGATED in mention.assertion:
        resource["note"] = [{"text": f"Denied: {problem['text']}"}]
    else:
        resource["condition"] = [{"code": problem}]
    return resource


def allergy_intolerance(note: NoteContext, medication: Medication, mention: Mention | None) -> Json:
    """A drug that the patient does not tolerate."""
    resource = note.resource(
        "AllergyIntolerance", medication.start, medication.end, medication.section
    )
    denied = mention is not None and NEGATED in mention.assertion
    if not denied:
        resource["clinicalStatus"] = _coded("allergyintolerance-clinical", "active")
    resource["verificationStatus"] = _coded(
        "allergyintolerance-verification", "refuted" if denied else "unconfirmed"
    )
    resource["category"] = ["medication"]
    resource["code"] = _code_of(note, medication.start, medication.end, mention)
    resource["patient"] = note.subject
    return resource


def medication_statement(
    note: NoteContext, medication: Medication, mention: Mention | None
) -> Json:
    """A drug that is or was taken, with its dosage."""
    resource = note.resource(
        "MedicationStatement", medication.start, medication.end, medication.section
    )
    assertions = mention.assertion if mention is not None else frozenset()
    status = _STATUSES.get(medication.status, "unknown")
    if status == "active" and NEGATED in assertions:
        status = "not-taken"
    elif status == "active" and HYPOTHETICAL in assertions and not medication.as_needed:
        status = "intended"
    elif status == "active" and HISTORICAL in assertions:
        status = "completed"
    resource["status"] = status
    resource["medicationCodeableConcept"] = _code_of(
        note, medication.start, medication.end, mention
    )
    resource["subject"] = note.subject
    resource["derivedFrom"] = [note.reference]
    if note.date:
        resource["dateAsserted"] = note.date
    if medication.attributes:
        resource["dosage"] = [_dosage(note, medication)]
    return resource


def observation(note: NoteContext, measurement: Measurement) -> Json:
    """A vital sign or a laboratory value."""
    start, end = measurement.start, measurement.value_end
    resource = note.resource(
        "Observation", start, max(end, measurement.end), measurement.section, measurement.test
    )
    # Required, and a note does not say whether a laboratory has released its value.
    resource["status"] = "unknown"
    coding = [_coding(measurement.code, measurement.test)] if measurement.code else []
    resource["code"] = {"text": measurement.name} | ({"coding": coding} if coding else {})
    resource["subject"] = note.subject
    resource["derivedFrom"] = [note.reference]
    if note.date:
        resource["effectiveDateTime"] = note.date
    if measurement.amount is None:
        written = note.document.text[measurement.value_start : measurement.value_end]
        resource["valueString"] = written.strip() or measurement.flag
    elif measurement.upper_amount is not None:
        unit = measurement.unit
        resource["valueRange"] = {
            "low": _quantity(measurement.amount, unit),
            "high": _quantity(measurement.upper_amount, unit),
        }
    else:
        quantity = _quantity(measurement.amount, measurement.unit)
        if measurement.comparator:
            quantity["comparator"] = measurement.comparator
        resource["valueQuantity"] = quantity
    if measurement.flag:
        flag = {"code": measurement.flag, "system": f"{_TERMINOLOGY}/v3-ObservationInterpretation"}
        resource["interpretation"] = [{"coding": [flag]}]
    return resource


def _dosage(note: NoteContext, medication: Medication) -> Json:
    text = note.document.text
    first = min(attribute.start for attribute in medication.attributes)
    last = max(attribute.end for attribute in medication.attributes)
    dosage: Json = {}
    if written := " ".join(text[first:last].split()):
        dosage["text"] = written
    if timing := _timing(medication):
        dosage["timing"] = {"repeat": timing}
    if medication.as_needed:
        dosage["asNeededBoolean"] = True
    if routes := medication.of_kind(ROUTE):
        dosage["route"] = {"text": routes[0].value}
    amounts = [*medication.of_kind(DOSE), *medication.of_kind(STRENGTH)]
    amount = next((a for a in amounts if a.amount is not None and a.unit), None)
    if amount is not None:
        dosage["doseAndRate"] = [_dose(amount)]
    return dosage


def _dose(attribute: MedicationAttribute) -> Json:
    low = _quantity(attribute.amount or 0.0, attribute.unit)
    if attribute.upper_amount is None or attribute.upper_amount <= (attribute.amount or 0.0):
        return {"doseQuantity": low}
    return {"doseRange": {"low": low, "high": _quantity(attribute.upper_amount, attribute.unit)}}


def _timing(medication: Medication) -> Json:
    """`Timing.repeat`, empty where no frequency tells a number."""
    repeat: Json = {}
    frequency = next((a.value for a in medication.of_kind(FREQUENCY) if a.value), "")
    told = _FREQUENCY.fullmatch(frequency)
    if told:
        when = told["when"] or ""
        times = float(told["times"])
        if when and when not in _MEALS:
            repeat["when"] = [when]
        # `frequency` is a positive whole number in FHIR.
        if times == int(times) and times >= 1:
            repeat["frequency"] = int(times)
            repeat["period"] = _number(float(told["period"] or 1))
            repeat["periodUnit"] = told["unit"]
    duration = next((a for a in medication.of_kind(DURATION) if a.amount is not None), None)
    if duration is not None and duration.amount is not None:
        repeat["boundsDuration"] = _quantity(duration.amount, "d")
    return repeat


def _quantity(amount: float, unit: str) -> Json:
    quantity: Json = {"value": _number(amount)}
    if unit:
        quantity |= {"unit": unit.strip("{}"), "system": _UCUM, "code": unit}
    return quantity


def _number(amount: float) -> float | int:
    return int(amount) if amount == int(amount) else amount


def _code_of(note: NoteContext, start: int, end: int, mention: Mention | None) -> Json:
    concepts = mention.concept_ids if mention is not None else ()
    names = {c.concept_id: c.name for c in mention.candidates} if mention is not None else {}
    coding = [_coding(concept, names.get(concept, "")) for concept in concepts]
    concept: Json = {"text": note.document.text[start:end]}
    return {"coding": coding} | concept if coding else concept


def _coding(concept_id: str, name: str) -> Json:
    system, code = concept_system(concept_id)
    return {"system": system.uri, "code": code} | ({"display": name} if name else {})


def _coded(system: str, code: str) -> Json:
    return {"coding": [{"system": f"{_TERMINOLOGY}/{system}", "code": code}]}


def _identifier(document: Document, kind: str, start: int, end: int) -> str:
    return str(uuid5(NAMESPACE_URL, f"biopipe:{document.id}:{kind}:{start}:{end}"))
