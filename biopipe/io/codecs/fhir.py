"""FHIR R4: one Bundle a document, with a resource for everything the note says of the patient.

Problems become Condition or, of relatives, FamilyMemberHistory; drugs MedicationStatement or
AllergyIntolerance; vital signs and laboratory values Observation. Each carries the offsets of its
evidence in an extension and refers to a DocumentReference of the note. What is hypothetical or
planned, and a relative's drug, is nothing of the patient's: it is left out and counted. See https://hl7.org/fhir/R4/.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from biopipe.document import Document, Mention
from biopipe.document.attributes import ALLERGIC
from biopipe.document.labels import DISEASE, FAMILY, HYPOTHETICAL, PHENOTYPE
from biopipe.document.unicode import check_text
from biopipe.io.codecs.fhir_resources import (
    NoteContext,
    allergy_intolerance,
    condition,
    family_history,
    medication_statement,
    observation,
)
from biopipe.io.streams import replacing

__all__ = ["PROBLEM_LABELS", "FhirSummary", "fhir_bundle", "write"]

PROBLEM_LABELS = frozenset({DISEASE, PHENOTYPE, "Problem"})
"""Labels of mentions that are conditions."""


@dataclass(slots=True)
class FhirSummary:
    """How many documents and resources were written, and how many things were not: hypothetical
    problems, and drugs of relatives."""

    documents: int = 0
    resources: int = 0
    left_out: int = 0


def write(documents: Iterable[Document], path: Path) -> FhirSummary:
    """Write one Bundle a line (NDJSON; gzip for .gz)."""
    summary = FhirSummary()
    with replacing(path) as stream:
        for document in documents:
            bundle = fhir_bundle(document, summary)
            line = json.dumps(bundle, ensure_ascii=False)
            check_text(line, f"The FHIR bundle of document '{document.id}'")
            stream.write(line.encode("utf-8") + b"\n")
    return summary


def fhir_bundle(document: Document, summary: FhirSummary | None = None) -> dict[str, Any]:
    """The Bundle of a document as JSON data: first its DocumentReference, then the resources.

    The subject is the patient that meta's `patient_id` names, else one that is known by the
    document alone. Counts go to `summary`.
    """
    summary = FhirSummary() if summary is None else summary
    note = NoteContext.of(document)
    resources = [note.document_reference(), *_resources(document, note, summary)]
    _tell_apart(resources)
    summary.documents += 1
    summary.resources += len(resources) - 1
    return {
        "resourceType": "Bundle",
        # Made from the document's id, so that sending a note twice updates what is there.
        "id": str(uuid5(NAMESPACE_URL, f"biopipe:{document.id}:Bundle")),
        "type": "collection",
        "entry": [
            {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}
            for resource in resources
        ],
    }


def _tell_apart(resources: Iterable[dict[str, Any]]) -> None:
    """Give resources of one kind and one span ids of their own: a disease and a phenotype there are
    two conditions.
    """
    taken: Counter[str] = Counter()
    for resource in resources:
        own = resource["id"]
        taken[own] += 1
        if taken[own] > 1:
            resource["id"] = str(uuid5(NAMESPACE_URL, f"{own}:{taken[own]}"))


def _resources(
    document: Document, note: NoteContext, summary: FhirSummary
) -> Iterator[dict[str, Any]]:
    for mention in document.mentions:
        if mention.label not in PROBLEM_LABELS:
            continue
        if HYPOTHETICAL in mention.assertion:
            summary.left_out += 1
        elif FAMILY in mention.assertion:
            yield family_history(note, mention)
        else:
            yield condition(note, mention)
    for medication in document.medications:
        named = _mention_at(document, medication.start, medication.end)
        if named is not None and FAMILY in named.assertion:
            summary.left_out += 1
        elif medication.status == ALLERGIC:
            yield allergy_intolerance(note, medication, named)
        else:
            yield medication_statement(note, medication, named)
    for measurement in document.measurements:
        yield observation(note, measurement)


def _mention_at(document: Document, start: int, end: int) -> Mention | None:
    """The mention with the concept of what stands at a span."""
    near = [m for m in document.mentions if m.start < end and start < m.end]
    linked = [m for m in near if m.concept_ids]
    return next(iter(linked or near), None)
