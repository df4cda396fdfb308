"""What the process imports from which worker processes are forked: all that they have in common.

Imported there once, the code and data of these libraries (some 120 MB) are shared by all workers
instead of being each one's own, and a worker starts in a moment. No graph is opened: ONNX Runtime
sessions must not cross a fork.
"""

import gc
from contextlib import suppress

import pyarrow as pa
import spacy

# For their import alone. The components import their predictors when they open them, and these
# their libraries: here are those of the shipped pipelines. A test runs a worker and tells what it
# imports beyond them.
import biopipe.assertion.classifier
import biopipe.bulk.parts.pipeline
import biopipe.bulk.workers.worker
import biopipe.kb.default
import biopipe.linking.linker
import biopipe.ner.dictionary
import biopipe.ner.lines
import biopipe.ner.tagger
import biopipe.pipeline
import biopipe.relations.extractor
import biopipe.runtime.tokenizer  # noqa: F401
from biopipe.assertion.classifier import shipped_lookup
from biopipe.errors import BiopipeError
from biopipe.ner.tagger import DEFAULT_TAGGER
from biopipe.runtime.opened import open_model

# What two libraries import on first use: spaCy the factories of all languages and packages, PyArrow
# pandas where that is installed, to tell whether what it is given is of pandas.
spacy.blank("en")
pa.array([0])

# What the shipped pipelines read whole and never change again: 18 MB. What is wrong with these files
# a worker tells, which reads them again then.
with suppress(BiopipeError, OSError):
    shipped_lookup("en")
    open_model(DEFAULT_TAGGER).tokenizer()

# The collector writes to the header of every object that it looks at, which would copy its page
# into each worker.
gc.collect()
gc.freeze()
