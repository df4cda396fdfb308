"""Biomedical text to entities, linked concepts, assertions and relations."""

from importlib import import_module
from importlib.metadata import version
from typing import Any

_HOMES = {
    "biopipe.assertion.classifier": ("AssertionClassifier",),
    "biopipe.bulk.in_memory": ("annotate_batches", "annotate_table"),
    "biopipe.components.document": ("annotate_doc", "to_document"),
    "biopipe.errors": ("BiopipeError",),
    "biopipe.io": ("read",),
    "biopipe.kb.base": ("KnowledgeBase",),
    "biopipe.linking.linker": ("Linker",),
    "biopipe.ner.tagger": ("Tagger",),
    "biopipe.notebook.frames": ("to_frame",),
    "biopipe.notebook.render": ("render",),
    "biopipe.pipeline": ("build", "describe", "load", "metadata", "predictors"),
    "biopipe.relations.extractor": ("RelationExtractor",),
    "biopipe.text.abbreviations": ("AbbreviationFinder",),
    "biopipe.document": (
        "Abbreviation",
        "Candidate",
        "Document",
        "Measurement",
        "Medication",
        "Mention",
        "NoteSection",
        "Passage",
        "Predictor",
        "PredictorInfo",
        "Relation",
        "Resource",
        "TimeExpression",
    ),
}
__all__ = sorted(["__version__", *(name for names in _HOMES.values() for name in names)])


def __getattr__(name: str) -> Any:
    """Import a public name when it is asked for: `import biopipe` loads neither spaCy nor ONNX
    Runtime.
    """
    if name == "__version__":
        return version("biopipe")
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module 'biopipe' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
