"""`biopipe_linker`: concepts of a knowledge base for mentions."""

from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from biopipe.components.base import Component
from biopipe.components.document import adopt_ents, to_document
from biopipe.types import Document, Predictor

__all__ = ["Linker", "make_linker"]


@Language.factory(
    "biopipe_linker",
    default_config={"kb": "default", "threshold": 0.5, "types": None},
    assigns=["doc.ents", "doc.spans", "span._.kb_ents"],
)
def make_linker(
    nlp: Language,
    name: str,
    kb: str | dict[str, str],
    threshold: float,
    types: dict[str, list[str]] | None,
) -> "Linker":
    """One knowledge base, or one per mention label; `types` are the concept types a label may mean."""
    return Linker(name, {"kb": kb, "threshold": threshold, "types": types})


class Linker(Component):
    """Adds concept ids and candidates; without a biopipe tagger before it, to what `doc.ents` holds."""

    def open(self, model: Path | None) -> Predictor:
        from biopipe.linking.linker import Linker as LinkPredictor

        config = self.config
        return LinkPredictor(config["kb"], threshold=config["threshold"], types=config["types"])

    def collect(self, doc: Doc) -> Document:
        return adopt_ents(doc, to_document(doc))
