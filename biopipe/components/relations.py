"""`biopipe_relations`: relations between the concepts of a document."""

from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from biopipe.components.base import Component
from biopipe.components.document import adopt_ents, to_document
from biopipe.types import Document, Predictor

__all__ = ["Relations", "make_relations"]


@Language.factory(
    "biopipe_relations",
    default_config={
        "model": "biopipe-relations-minilm",
        "threshold": None,
        "device": "cpu",
        "threads": None,
    },
    assigns=["doc._.relations"],
)
def make_relations(
    nlp: Language, name: str, model: str, threshold: float | None, device: str, threads: int | None
) -> "Relations":
    """Model name or folder; relations scored below `threshold` (the model's own if None) are left out."""
    return Relations(name, {"model": model, "threshold": threshold, "device": device, "threads": threads})


class Relations(Component):
    """Adds the relations that `biopipe.relations.extractor.RelationExtractor` finds."""

    def open(self, model: Path | None) -> Predictor:
        from biopipe.relations.extractor import RelationExtractor

        return RelationExtractor(
            model or self.config["model"],
            threshold=self.config["threshold"],
            device=self.config["device"],
            threads=self.config["threads"],
        )

    def collect(self, doc: Doc) -> Document:
        return adopt_ents(doc, to_document(doc))
