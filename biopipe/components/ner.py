"""`biopipe_ner`: mentions of genes, diseases, chemicals and what else a model knows."""

from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from biopipe.components.base import Component
from biopipe.components.document import annotate_doc
from biopipe.document import Document, Predictor
from biopipe.document.plain import KEY

__all__ = ["Ner", "make_ner"]


@Language.factory(
    "biopipe_ner",
    default_config={
        "model": "biopipe-ner-minilm",
        "threshold": None,
        "agreement": None,
        "short_forms": None,
        "guideline": "",
        "device": "cpu",
        "threads": None,
    },
    assigns=["doc.ents", "doc.spans", "doc._.mentions"],
)
def make_ner(
    nlp: Language,
    name: str,
    model: str,
    threshold: float | dict[str, float] | None,
    agreement: float | None,
    short_forms: bool | None,
    guideline: str,
    device: str,
    threads: int | None,
) -> "Ner":
    """Model name or folder; mentions scored below `threshold` (a number, or one per label) are left
    out.

    Without one the model's own thresholds hold; 0 keeps all mentions. `agreement`, from 0 to 1, is
    how much the other occurrences of a word in its document count, `short_forms` whether a short
    form that it defines has the label of its long form; None leaves both to the model. `guideline`
    has mentions marked as in one of the corpora that the model's manifest names.
    """
    return Ner(
        name,
        {
            "model": model,
            "threshold": threshold,
            "agreement": agreement,
            "short_forms": short_forms,
            "guideline": guideline,
            "device": device,
            "threads": threads,
        },
    )


class Ner(Component):
    """Adds the mentions that `biopipe.ner.tagger.Tagger` finds."""

    runs_model = True

    def open(self, model: Path | None) -> Predictor:
        # spaCy imports every factory's module whenever a Language is made: keep ONNX Runtime out of
        # that.
        from biopipe.ner.tagger import Tagger

        return Tagger(
            model or self.config["model"],
            threshold=self.config["threshold"],
            agreement=self.config["agreement"],
            short_forms=self.config["short_forms"],
            guideline=self.config["guideline"],
            device=self.config["device"],
            threads=self.config["threads"],
        )

    def annotate(self, doc: Doc, document: Document) -> None:
        annotate_doc(doc, document)
        doc.user_data[KEY].setdefault("mentions", [])
