import datetime
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from biopipe.document import (
    Candidate,
    Document,
    Measurement,
    Medication,
    MedicationAttribute,
    Mention,
)
from biopipe.io.codecs import fhir
from biopipe.io.codecs.fhir import FhirSummary, fhir_bundle
from biopipe.io.codecs.fhir_resources import EVIDENCE_EXTENSION

# The models of FHIR R4B are those of R4 for the resources that are written here.
bundles = pytest.importorskip("fhir.resources.R4B.bundle")

TEXT = (
    "PMH: diabetes, no asthma, possible gout. Mother had stroke. Return if fever. Meds: aspirin 81 mg "
    "PO twice daily prn for 10 days; hold lisinopril. Allergic to penicillin. BP 128/72, WBC <4.5 H, "
    "lipase normal."
)


def span(words: str) -> tuple[int, int]:
    start = TEXT.index(words)
    return start, start + len(words)


def mention(words: str, *assertions: str, label: str = "Disease", id: str = "") -> Mention:
    candidates = (Candidate(id, words.title(), 0.9),) if id else ()
    return Mention(
        *span(words),
        label,
        concept_ids=(id,) if id else (),
        candidates=candidates,
        assertion=frozenset(assertions),
        section="past_medical_history",
    )


ATTRIBUTES = (
    MedicationAttribute("strength", *span("81 mg"), amount=81, unit="mg"),
    MedicationAttribute("route", *span("PO"), value="oral"),
    MedicationAttribute("frequency", *span("twice daily"), value="2/d", amount=2),
    MedicationAttribute("as needed", *span("prn")),
    MedicationAttribute("duration", *span("for 10 days"), value="P10D", amount=10, unit="d"),
)
DOCUMENT = Document(
    "note 1",
    TEXT,
    mentions=(
        mention("diabetes", id="MESH:D003920"),
        mention("asthma", "negated"),
        mention("gout", "possible", "historical"),
        mention("stroke", "family"),
        mention("fever", "hypothetical"),
        mention("aspirin", label="Chemical", id="RXNORM:1191"),
    ),
    medications=(
        Medication("aspirin", *span("aspirin"), "taken", ATTRIBUTES, "medications"),
        Medication("lisinopril", *span("lisinopril"), "held"),
        Medication("penicillin", *span("penicillin"), "allergy"),
    ),
    measurements=(
        Measurement("BP", *span("BP"), *span("128/72"), "systolic blood pressure", "LOINC:8480-6",
                    amount=128, unit="mm[Hg]", implied_unit=True),
        Measurement("BP", *span("BP"), *span("128/72"), "diastolic blood pressure", "LOINC:8462-4",
                    amount=72, unit="mm[Hg]", implied_unit=True),
        Measurement("WBC", *span("WBC"), *span("<4.5"), "leukocytes", "LOINC:6690-2",
                    comparator="<", amount=4.5, unit="10*3/uL", flag="H"),
        Measurement("lipase", *span("lipase"), *span("normal"), "lipase", flag="N"),
    ),
    meta={"date": "2019-03-04", "patient_id": "p7"},
)  # fmt: skip


def resources(document: Document, kind: str) -> list[dict[str, Any]]:
    entries = fhir_bundle(document)["entry"]
    return [e["resource"] for e in entries if e["resource"]["resourceType"] == kind]


def test_a_bundle_is_valid_fhir_and_refers_to_its_note() -> None:
    bundle = fhir_bundle(DOCUMENT)
    checked = bundles.Bundle.model_validate(bundle)
    assert [entry.resource.get_resource_type() for entry in checked.entry] == [
        "DocumentReference",
        *["Condition"] * 3,
        "FamilyMemberHistory",
        *["MedicationStatement"] * 2,
        "AllergyIntolerance",
        *["Observation"] * 4,
    ]
    urls = [entry["fullUrl"] for entry in bundle["entry"]]
    assert len(set(urls)) == len(urls)
    for entry in bundle["entry"][1:]:
        assert entry["fullUrl"] == f"urn:uuid:{entry['resource']['id']}"
        (evidence,) = entry["resource"]["extension"]
        parts = {part["url"]: part for part in evidence["extension"]}
        assert evidence["url"] == EVIDENCE_EXTENSION
        assert parts["document"]["valueReference"]["reference"] == urls[0]
        start, end = parts["start"]["valueUnsignedInt"], parts["end"]["valueUnsignedInt"]
        assert 0 <= start < end <= len(TEXT)


def test_conditions_say_what_the_note_says() -> None:
    diabetes, asthma, gout = resources(DOCUMENT, "Condition")
    (coding,) = diabetes["code"]["coding"]
    assert coding == {
        "system": "http://terminology.hl7.org/CodeSystem/MSH",
        "code": "D003920",
        "display": "Diabetes",
    }
    assert diabetes["subject"] == {"reference": "Patient/p7"}
    codes = [
        (
            resource.get("clinicalStatus", {}).get("coding", [{}])[0].get("code"),
            resource["verificationStatus"]["coding"][0]["code"],
        )
        for resource in (diabetes, asthma, gout)
    ]
    assert codes == [("active", "confirmed"), (None, "refuted"), ("inactive", "unconfirmed")]


def test_what_is_hypothetical_is_counted_and_left_out() -> None:
    summary = FhirSummary()
    fhir_bundle(DOCUMENT, summary)
    assert (summary.documents, summary.resources, summary.left_out) == (1, 11, 1)
    (history,) = resources(DOCUMENT, "FamilyMemberHistory")
    assert history["condition"][0]["code"]["text"] == "stroke"


def test_a_medication_has_its_dosage() -> None:
    aspirin, lisinopril = resources(DOCUMENT, "MedicationStatement")
    assert aspirin["status"] == "active"
    assert aspirin["medicationCodeableConcept"]["coding"][0]["code"] == "1191"
    (dosage,) = aspirin["dosage"]
    assert dosage == {
        "text": "81 mg PO twice daily prn for 10 days",
        "timing": {
            "repeat": {
                "frequency": 2,
                "period": 1,
                "periodUnit": "d",
                "boundsDuration": {
                    "value": 10,
                    "unit": "d",
                    "system": "http://unitsofmeasure.org",
                    "code": "d",
                },
            }
        },
        "asNeededBoolean": True,
        "route": {"text": "oral"},
        "doseAndRate": [
            {
                "doseQuantity": {
                    "value": 81,
                    "unit": "mg",
                    "system": "http://unitsofmeasure.org",
                    "code": "mg",
                }
            }
        ],
    }
    assert (lisinopril["status"], "dosage" in lisinopril) == ("on-hold", False)


@pytest.mark.parametrize(
    ("value", "repeat"),
    [
        ("1/6h", {"frequency": 1, "period": 6, "periodUnit": "h"}),
        ("1/d HS", {"when": ["HS"], "frequency": 1, "period": 1, "periodUnit": "d"}),
        ("1/2wk", {"frequency": 1, "period": 2, "periodUnit": "wk"}),
        ("3/d AC", {"frequency": 3, "period": 1, "periodUnit": "d"}),
        ("", None),
    ],
)
def test_frequencies_become_timings(value: str, repeat: dict[str, Any] | None) -> None:
    frequency = MedicationAttribute("frequency", *span("twice daily"), value=value)
    medication = replace(DOCUMENT.medications[0], attributes=(frequency,))
    document = replace(DOCUMENT, medications=(medication,))
    bundles.Bundle.model_validate(fhir_bundle(document))
    (statement,) = resources(document, "MedicationStatement")
    assert statement["dosage"][0].get("timing", {}).get("repeat") == repeat


def test_an_allergy_and_a_denied_drug() -> None:
    (allergy,) = resources(DOCUMENT, "AllergyIntolerance")
    assert allergy["code"]["text"] == "penicillin"
    denied = replace(DOCUMENT.mentions[-1], assertion=frozenset({"negated"}))
    document = replace(DOCUMENT, mentions=(denied,))
    assert resources(document, "MedicationStatement")[0]["status"] == "not-taken"


def test_observations_have_value_unit_and_flag() -> None:
    systolic, _, leukocytes, lipase = resources(DOCUMENT, "Observation")
    assert systolic["code"]["coding"][0] == {
        "system": "http://loinc.org",
        "code": "8480-6",
        "display": "systolic blood pressure",
    }
    assert systolic["effectiveDateTime"] == "2019-03-04"
    assert leukocytes["valueQuantity"]["comparator"] == "<"
    assert leukocytes["valueQuantity"]["code"] == "10*3/uL"
    assert leukocytes["interpretation"][0]["coding"][0]["code"] == "H"
    assert lipase["valueString"] == "normal"


def test_the_same_document_gives_the_same_bundle() -> None:
    assert fhir_bundle(DOCUMENT) == fhir_bundle(DOCUMENT)
    other = fhir_bundle(replace(DOCUMENT, id="note 2"))
    assert (
        other["entry"][1]["resource"]["id"] != fhir_bundle(DOCUMENT)["entry"][1]["resource"]["id"]
    )


def test_a_file_has_a_bundle_a_line_and_no_text(tmp_path: Path) -> None:
    summary = fhir.write([DOCUMENT, Document("empty", "")], tmp_path / "notes.ndjson")
    lines = (tmp_path / "notes.ndjson").read_text(encoding="utf-8").splitlines()
    assert (summary.documents, len(lines)) == (2, 2)
    for line in lines:
        bundles.Bundle.model_validate_json(line)
    assert "Mother had" not in lines[0]
    assert len(json.loads(lines[1])["entry"]) == 1
    assert datetime.date.fromisoformat(DOCUMENT.meta["date"])


def all_resources(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in bundle["entry"]]


@pytest.mark.parametrize(
    ("date", "is_one"),
    [
        ("2020", True),
        ("2020-02", True),
        ("2020-02-29", True),
        ("2021-02-29", False),
        ("2020-13", False),
        ("0000", False),
        ("٢٠٢٠", False),
        ("spring", False),
    ],
)
def test_only_dates_that_there_are_are_written(date: str, is_one: bool) -> None:
    bundle = fhir_bundle(replace(DOCUMENT, meta={"date": date}))
    bundles.Bundle.model_validate_json(json.dumps(bundle))
    dated = [r for r in all_resources(bundle) if "effectiveDateTime" in r or "dateAsserted" in r]
    assert bool(dated) is is_one


def test_odd_values_cost_what_they_are_and_not_the_document() -> None:
    (first, *others) = DOCUMENT.medications
    odd = tuple(
        MedicationAttribute("frequency", *span("twice daily"), value=value)
        for value in ("1.2.3/d", f"{'9' * 400}/d", "²/d", "2/fortnight", "2/d before meals")
    )
    medications = [replace(first, status="??", attributes=(attribute,)) for attribute in odd]
    document = replace(DOCUMENT, medications=(*medications, *others))
    bundle = fhir_bundle(document)
    bundles.Bundle.model_validate_json(json.dumps(bundle))
    statements = [r for r in all_resources(bundle) if r["resourceType"] == "MedicationStatement"]
    assert [r["status"] for r in statements].count("unknown") == len(odd)
    assert len(statements) > len(odd)


@pytest.mark.parametrize("patient", ["a/b", "1" * 65, "Jane Doe", "ü"])
def test_a_patient_who_is_no_id_of_fhir_is_an_identifier(patient: str) -> None:
    bundle = fhir_bundle(replace(DOCUMENT, meta={"patient_id": patient}))
    bundles.Bundle.model_validate_json(json.dumps(bundle))
    subjects = [r["subject"] for r in all_resources(bundle) if "subject" in r]
    assert {"identifier": {"value": patient}} in subjects
    assert not any("reference" in subject for subject in subjects)


def test_two_things_at_one_place_have_two_ids() -> None:
    twice = (mention("diabetes"), mention("diabetes", label="Phenotype"))
    bundle = fhir_bundle(replace(DOCUMENT, mentions=twice))
    ids = [r["id"] for r in all_resources(bundle)]
    assert len(set(ids)) == len(ids)
    assert [entry["fullUrl"] for entry in bundle["entry"]] == [f"urn:uuid:{id}" for id in ids]
