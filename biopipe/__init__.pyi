# What `__init__.py` imports on demand, for type checkers; a test holds the two together.
from biopipe.assertion.classifier import AssertionClassifier as AssertionClassifier
from biopipe.bulk.in_memory import annotate_batches as annotate_batches
from biopipe.bulk.in_memory import annotate_table as annotate_table
from biopipe.components.document import annotate_doc as annotate_doc
from biopipe.components.document import to_document as to_document
from biopipe.document import Abbreviation as Abbreviation
from biopipe.document import Candidate as Candidate
from biopipe.document import Document as Document
from biopipe.document import Measurement as Measurement
from biopipe.document import Medication as Medication
from biopipe.document import Mention as Mention
from biopipe.document import NoteSection as NoteSection
from biopipe.document import Passage as Passage
from biopipe.document import Predictor as Predictor
from biopipe.document import PredictorInfo as PredictorInfo
from biopipe.document import Relation as Relation
from biopipe.document import Resource as Resource
from biopipe.document import TimeExpression as TimeExpression
from biopipe.errors import BiopipeError as BiopipeError
from biopipe.io import read as read
from biopipe.kb.base import KnowledgeBase as KnowledgeBase
from biopipe.linking.linker import Linker as Linker
from biopipe.ner.tagger import Tagger as Tagger
from biopipe.notebook.frames import to_frame as to_frame
from biopipe.notebook.render import render as render
from biopipe.pipeline import build as build
from biopipe.pipeline import describe as describe
from biopipe.pipeline import load as load
from biopipe.pipeline import metadata as metadata
from biopipe.pipeline import predictors as predictors
from biopipe.relations.extractor import RelationExtractor as RelationExtractor
from biopipe.text.abbreviations import AbbreviationFinder as AbbreviationFinder

__version__: str
