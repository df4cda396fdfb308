"""`biopipe_gliner`: mentions of labels that the user names, without training."""

from dataclasses import dataclass
from pathlib import Path

from spacy.language import Language

from biopipe.components.base import Component
from biopipe.components.factories import MENTION_ATTRIBUTES, ComponentOptions, component_factory
from biopipe.document import Predictor

__all__ = ["GlinerComponent", "GlinerOptions", "make_gliner"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GlinerOptions(ComponentOptions):
    """Model folder; `labels` to look for, or each with the words that the model reads for it.

    Mentions not above `threshold` (a number, or one per label) are left out. `flat` leaves the
    highest of mentions that overlap; else those within each other stay.
    """

    model: str = ""
    labels: list[str] | dict[str, str] | None = None
    threshold: float | dict[str, float] = 0.5
    flat: bool = True
    device: str = "cpu"
    threads: int | None = None


@component_factory("biopipe_gliner", GlinerOptions, assigns=MENTION_ATTRIBUTES)
def make_gliner(nlp: Language, name: str, options: GlinerOptions) -> "GlinerComponent":
    """A zero-shot recogniser; it has no model of its own, so `model` must be given."""
    return GlinerComponent(name, options)


class GlinerComponent(Component[GlinerOptions]):
    """Adds the mentions that `biopipe.ner.gliner.Gliner` finds."""

    runs_model = True

    def open(self, model: Path | None) -> Predictor:
        # spaCy imports every factory's module whenever a Language is made: keep ONNX Runtime out of
        # that.
        from biopipe.ner.gliner import Gliner

        return Gliner(**self.settings(model))
