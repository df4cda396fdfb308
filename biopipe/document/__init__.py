"""What every part of biopipe reads and writes: documents, mentions, relations and their codecs."""

from biopipe.document.attributes import (
    Measurement,
    Medication,
    MedicationAttribute,
    TimeExpression,
)
from biopipe.document.predictor import Layer, Predictor, PredictorInfo, Resource
from biopipe.document.types import (
    Abbreviation,
    Candidate,
    ConceptMentions,
    Document,
    Mention,
    NoteSection,
    Passage,
    Relation,
    Sentence,
)

__all__ = [
    "Abbreviation",
    "Candidate",
    "ConceptMentions",
    "Document",
    "Layer",
    "Measurement",
    "Medication",
    "MedicationAttribute",
    "Mention",
    "NoteSection",
    "Passage",
    "Predictor",
    "PredictorInfo",
    "Relation",
    "Resource",
    "Sentence",
    "TimeExpression",
]
