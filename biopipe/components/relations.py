"""`biopipe_relations`: relations between the concepts of a document."""

from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from biopipe.components.base import Component
from biopipe.components.document import adopt_ents, to_document
from biopipe.document import Document, Predictor
from biopipe.relations.cooccurrence import COOCCURRENCE, CooccurrenceExtractor

__all__ = ["Relations", "make_relations"]


@Language.factory(
    "biopipe_relations",
    default_config={
        "model": "biopipe-relations-minilm",
        "scheme": None,
        "threshold": None,
        "device": "cpu",
        "threads": None,
    },
    assigns=["doc._.relations"],
)
def make_relations(
    nlp: Language,
    name: str,
    model: str,
    scheme: str | None,
    threshold: float | dict[str, float] | None,
    device: str,
    threads: int | None,
) -> "Relations":
    """Model name or folder, or "cooccurrence" for the baseline of counts; `scheme` is one of the
    model's schemes.

    Relations scored below `threshold` are left out: one for all, or by label; the model's own if
    None.
    """
    config = {
        "model": model,
        "scheme": scheme,
        "threshold": threshold,
        "device": device,
        "threads": threads,
    }
    return Relations(name, config)


class Relations(Component):
    """Adds the relations that `biopipe.relations.extractor.RelationExtractor` finds."""

    runs_model = True

    def open(self, model: Path | None) -> Predictor:
        if self.config["model"] == COOCCURRENCE:
            return CooccurrenceExtractor(threshold=self.config["threshold"])
        from biopipe.relations.extractor import RelationExtractor

        return RelationExtractor(
            model or self.config["model"],
            scheme=self.config.get("scheme"),
            threshold=self.config["threshold"],
            device=self.config["device"],
            threads=self.config["threads"],
        )

    def use_scheme(self, scheme: str) -> None:
        """Answer by another scheme of the model from now on."""
        self.config["scheme"] = scheme
        self._predictor = None

    def collect(self, doc: Doc) -> Document:
        return adopt_ents(doc, to_document(doc))
