# What `__init__.py` imports on demand, for type checkers.
from biopipe.assertion.classifier import AssertionClassifier
from biopipe.bulk.in_memory import annotate_batches, annotate_table
from biopipe.components.document import annotate_doc, to_document
from biopipe.document import Abbreviation, Candidate, Document, Mention, Passage, Relation
from biopipe.errors import BiopipeError
from biopipe.io import read
from biopipe.kb.base import KnowledgeBase
from biopipe.linking.linker import Linker
from biopipe.ner.tagger import Tagger
from biopipe.pipeline import build, describe, load, predictors
from biopipe.relations.extractor import RelationExtractor
from biopipe.text.abbreviations import AbbreviationFinder

__version__: str

__all__ = [
    "Abbreviation",
    "AbbreviationFinder",
    "AssertionClassifier",
    "BiopipeError",
    "Candidate",
    "Document",
    "KnowledgeBase",
    "Linker",
    "Mention",
    "Passage",
    "Relation",
    "RelationExtractor",
    "Tagger",
    "__version__",
    "annotate_batches",
    "annotate_doc",
    "annotate_table",
    "build",
    "describe",
    "load",
    "predictors",
    "read",
    "to_document",
]
