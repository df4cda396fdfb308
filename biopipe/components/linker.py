"""`biopipe_linker`: concepts of a knowledge base for mentions."""

from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from biopipe.components.base import Component
from biopipe.components.document import adopt_ents, to_document
from biopipe.document import Document, Predictor

__all__ = ["Linker", "make_linker"]


DEFAULTS: dict[str, Any] = {
    "kb": "default",
    "threshold": 0.35,
    "candidates": 20,
    "types": None,
    "sources": None,
    "branches": None,
    "encoder": "auto",
    "reranker": None,
    "weights": None,
    "prior": "biopipe-mention-prior",
    "device": "cpu",
}


@Language.factory(
    "biopipe_linker", default_config=DEFAULTS, assigns=["doc.ents", "doc.spans", "span._.kb_ents"]
)
def make_linker(
    nlp: Language,
    name: str,
    kb: str | dict[str, str],
    threshold: float,
    candidates: int,
    types: dict[str, list[str]] | None,
    sources: dict[str, list[str]] | None,
    branches: dict[str, list[str]] | None,
    encoder: str | None,
    reranker: str | None,
    weights: str | None,
    prior: str | None,
    device: str,
) -> "Linker":
    """One knowledge base, or one per mention label; filters by mention label ("" for any other)."""
    options = (
        kb,
        threshold,
        candidates,
        types,
        sources,
        branches,
        encoder,
        reranker,
        weights,
        prior,
        device,
    )
    return Linker(name, dict(zip(DEFAULTS, options, strict=True)))


class Linker(Component):
    """Adds concept ids and candidates; without a biopipe tagger before it, to what `doc.ents`
    holds.
    """

    def open(self, model: Path | None) -> Predictor:
        from biopipe.linking.linker import Linker as LinkPredictor

        return LinkPredictor(**self.config)

    def collect(self, doc: Doc) -> Document:
        return adopt_ents(doc, to_document(doc))
