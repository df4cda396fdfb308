"""The pipeline for notes reads with both taggers, and its merge decides."""

import itertools
from pathlib import Path

import pytest

import biopipe
from biopipe.components.document import to_document
from biopipe.document import Document, Mention
from biopipe.ner.tagger import Tagger
from biopipe.runtime.manifest import load_manifest
from biopipe.runtime.models import find_model

NOTE = """CC: abdominal pain
Physical exam: suprapubic tenderness, blood pressure 132/78 mmHg.
Ultrasound showed consolidation and a pleural effusion in the left lung.
She underwent appendectomy and was given metformin 500 mg.
"""
LABELS = [
    *("Problem", "Medication", "Dosage", "Frequency", "Route", "Duration"),
    *("Test", "Value", "Procedure", "Anatomy", "Date", "Age"),
]


@pytest.fixture(scope="module")
def document() -> Document:
    return to_document(biopipe.load("clinical")(NOTE))


def _labels(document: Document) -> dict[str, str]:
    return {document.text[m.start : m.end]: m.label for m in document.mentions}


def test_the_model_is_small_and_has_the_labels_of_notes() -> None:
    folder = find_model("biopipe-ner-clinical")
    assert list(load_manifest(folder).labels) == LABELS
    assert Path(folder / "model.onnx").stat().st_size <= 25_000_000


def test_findings_that_abstracts_do_not_speak_of_are_mentions(document: Document) -> None:
    labels = _labels(document)
    assert labels["consolidation"] == "Disease"
    assert labels["Ultrasound"] == "Test"
    assert labels["132/78 mmHg"] == "Value"
    assert labels["appendectomy"] == "Procedure"
    sources = {document.text[m.start : m.end]: m.sources for m in document.mentions}
    assert "biopipe-ner-clinical" in sources["consolidation"]
    assert set(sources["metformin"]) == {"biopipe-ner-clinical", "biopipe-ner-minilm"}


def test_of_overlapping_mentions_the_longer_one_stays(document: Document) -> None:
    clinical = _labels(Tagger("biopipe-ner-clinical").predict([Document("", NOTE)])[0])
    assert "suprapubic" in clinical
    assert _labels(document)["suprapubic tenderness"] == "Disease"


def test_mentions_of_both_taggers_do_not_overlap(document: Document) -> None:
    spans = sorted((m.start, m.end) for m in document.mentions)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans))
    assert {"Problem", "Medication"}.isdisjoint(m.label for m in document.mentions)


@pytest.mark.parametrize(
    ("pipeline", "gene"), [("clinical", "NCBIGene:672"), ("default", "NCBIGene:12189")]
)
def test_a_note_is_about_a_person_whatever_bit_them(pipeline: str, gene: str) -> None:
    text = "Bitten by a mouse. Known for BRCA1; mouse not seen since."
    linker = biopipe.load(pipeline).get_pipe("biopipe_linker").predictor
    place = text.index("BRCA1")
    (linked,) = linker.predict([Document("d", text, (Mention(place, place + 5, "Gene"),))])
    assert linked.mentions[0].concept_ids == (gene,)


def test_genes_and_variants_of_oncology_are_no_tests_and_the_laboratory_is() -> None:
    text = "EGFR L858R positive, ALK negative, PD-L1 80%.\nLabs: CRP 12 mg/L, PSA 4.5 ng/mL.\n"
    labels = _labels(to_document(biopipe.load("clinical")(text)))
    assert {name: labels[name] for name in ("EGFR", "L858R", "ALK", "PD-L1", "CRP", "PSA")} == {
        "EGFR": "Gene",
        "L858R": "Variant",
        "ALK": "Gene",
        "PD-L1": "Gene",
        "CRP": "Test",
        "PSA": "Test",
    }
