"""`biopipe_gliner`: mentions of labels that the user names, without training."""

from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from biopipe.components.base import Component
from biopipe.components.document import annotate_doc
from biopipe.document import Document, Predictor
from biopipe.document.plain import KEY

__all__ = ["Gliner", "make_gliner"]


@Language.factory(
    "biopipe_gliner",
    default_config={
        "model": "",
        "labels": None,
        "threshold": 0.5,
        "flat": True,
        "device": "cpu",
        "threads": None,
    },
    assigns=["doc.ents", "doc.spans", "doc._.mentions"],
)
def make_gliner(
    nlp: Language,
    name: str,
    model: str,
    labels: list[str] | dict[str, str] | None,
    threshold: float | dict[str, float],
    flat: bool,
    device: str,
    threads: int | None,
) -> "Gliner":
    """Model folder; `labels` to look for, or each with the words that the model reads for it.

    Mentions not above `threshold` (a number, or one per label) are left out. `flat` leaves the
    highest of mentions that overlap; else those within each other stay.
    """
    config = {
        "model": model,
        "labels": labels,
        "threshold": threshold,
        "flat": flat,
        "device": device,
        "threads": threads,
    }
    return Gliner(name, config)


class Gliner(Component):
    """Adds the mentions that `biopipe.ner.gliner.Gliner` finds."""

    runs_model = True

    def open(self, model: Path | None) -> Predictor:
        # spaCy imports every factory's module whenever a Language is made: keep ONNX Runtime out of
        # that.
        from biopipe.ner.gliner import Gliner as Predicts

        options = {key: value for key, value in self.config.items() if key != "model"}
        return Predicts(model or self.config["model"], **options)

    def annotate(self, doc: Doc, document: Document) -> None:
        annotate_doc(doc, document)
        doc.user_data[KEY].setdefault("mentions", [])
