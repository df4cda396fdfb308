"""What every part of biopipe reads and writes: documents, mentions, relations and their codecs."""

from biopipe.document.predictor import Layer, Predictor, PredictorInfo, Resource
from biopipe.document.types import (
    Abbreviation,
    Candidate,
    ConceptMentions,
    Document,
    Mention,
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
    "Mention",
    "Passage",
    "Predictor",
    "PredictorInfo",
    "Relation",
    "Resource",
    "Sentence",
]
