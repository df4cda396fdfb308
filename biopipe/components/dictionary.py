"""`biopipe_dictionary`: the names of a knowledge base in the text, with their concepts."""

from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from biopipe.components.base import Component
from biopipe.components.document import annotate_doc
from biopipe.document import Document, Predictor
from biopipe.document.plain import KEY

__all__ = ["Dictionary", "make_dictionary"]

DEFAULTS: dict[str, Any] = {
    "kb": "default",
    "labels": None,
    "types": None,
    "sources": None,
    "branches": None,
    "overlaps": False,
    "shortest": 3,
    "stop_words": True,
    "threshold": 0.0,
}


@Language.factory(
    "biopipe_dictionary",
    default_config=DEFAULTS,
    assigns=["doc.ents", "doc.spans", "doc._.mentions", "span._.kb_ents"],
)
def make_dictionary(
    nlp: Language,
    name: str,
    kb: str,
    labels: dict[str, str] | None,
    types: list[str] | None,
    sources: list[str] | None,
    branches: list[str] | None,
    overlaps: bool,
    shortest: int,
    stop_words: bool | list[str],
    threshold: float,
) -> "Dictionary":
    """A knowledge base; `labels` maps types of its concepts to mention labels ("" for any other
    type).
    """
    options = (kb, labels, types, sources, branches, overlaps, shortest, stop_words, threshold)
    return Dictionary(name, dict(zip(DEFAULTS, options, strict=True)))


class Dictionary(Component):
    """Adds the mentions that `biopipe.ner.dictionary.Dictionary` finds, and their concepts."""

    def open(self, model: Path | None) -> Predictor:
        from biopipe.ner.dictionary import Dictionary as DictionaryPredictor

        return DictionaryPredictor(**self.config)

    def annotate(self, doc: Doc, document: Document) -> None:
        annotate_doc(doc, document)
        doc.user_data[KEY].setdefault("mentions", [])
