"""Lists relate nothing; prose does, however short."""

import pytest

from biopipe.document import Document, Mention
from biopipe.relations.prose import ProseFinder
from biopipe.text.concepts import linked_concepts


def relates(text: str) -> bool:
    """Whether prose may relate DRUG and DISEASE, each a concept wherever it stands."""
    mentions = [
        Mention(start, start + len(name), label, concept_ids=(name,))
        for name, label in (("DRUG", "Chemical"), ("DISEASE", "Disease"))
        for start in range(len(text))
        if text.startswith(name, start)
    ]
    document = Document("1", text, mentions=tuple(mentions))
    head, tail = linked_concepts(document)
    return ProseFinder(document).relates(head, tail)


@pytest.mark.parametrize(
    "text",
    [
        "DRUG relieves DISEASE.",
        "DRUG for DISEASE",
        "DRUG-induced DISEASE.",
        "DRUG: DISEASE",
        "DRUG cardiotoxicity, DISEASE",
        "DRUG was given. One year later DISEASE resolved.",
        "Keywords: DRUG; DISEASE; mice. DRUG cured the mice of DISEASE.",
        "He takes DRUG, metformin, lisinopril, and has DISEASE.",
        "DRUG and DISEASE were correlated.",
        "We measured DRUG in patients with DISEASE.",
        "We measured DRUG and DISEASE. DRUG worsened DISEASE.",
    ],
)
def test_prose_may_relate(text: str) -> None:
    assert relates(text)


@pytest.mark.parametrize(
    "text",
    [
        "Keywords: DRUG; DISEASE; mice",
        "Medications: DRUG, metformin, lisinopril. Diagnoses: DISEASE, asthma, gout.",
        "Medications:\n- DRUG 200 mg\n- metformin\nHistory:\nDISEASE",
        "The mice were cured. Keywords: DRUG; DISEASE; mice",
        "The patient has DISEASE.\n\nMedications: DRUG, metformin, lisinopril",
        "DRUG was bought.\n\nKeywords: DRUG; DISEASE; mice\n\nDISEASE was an outcome.",
        "We measured DRUG and DISEASE.",
        "DRUG and/or DISEASE were assessed at baseline and after a year.",
    ],
)
def test_lists_relate_nothing(text: str) -> None:
    assert not relates(text)
