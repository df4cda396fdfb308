"""`biopipe_ner`: mentions of genes, diseases, chemicals and what else a model knows."""

from dataclasses import dataclass
from pathlib import Path

from spacy.language import Language

from biopipe.components.base import Component
from biopipe.components.factories import MENTION_ATTRIBUTES, ComponentOptions, component_factory
from biopipe.document import Predictor

__all__ = ["NerComponent", "NerOptions", "make_ner"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NerOptions(ComponentOptions):
    """Model name or folder; mentions scored below `threshold` (a number, or one per label) are left
    out.

    Without one the model's own thresholds hold; 0 keeps all mentions. `agreement`, from 0 to 1, is
    how much the other occurrences of a word in its document count, `short_forms` whether a short
    form that it defines has the label of its long form; None leaves both to the model. `guideline`
    has mentions marked as in one of the corpora that the model's manifest names. A model that is
    told the names of knowledge bases is told those of the directory or directories `kb`, where
    "default" stands for the default one; None tells it of that alone, [] of none; one directory,
    which may be meant for all components, is left aside by a model that is told none. With `lines` no
    mention runs over the end of a line, as the document's sentences of `biopipe_sections` tell, and
    the tagger leaves no encoder states.
    """

    model: str = "biopipe-ner-minilm"
    threshold: float | dict[str, float] | None = None
    agreement: float | None = None
    short_forms: bool | None = None
    guideline: str = ""
    kb: str | list[str] | None = None
    device: str = "cpu"
    threads: int | None = None
    lines: bool = False


@component_factory("biopipe_ner", NerOptions, assigns=MENTION_ATTRIBUTES)
def make_ner(nlp: Language, name: str, options: NerOptions) -> "NerComponent":
    """A token classifier as a recogniser."""
    return NerComponent(name, options)


class NerComponent(Component[NerOptions]):
    """Adds the mentions that `biopipe.ner.tagger.Tagger` finds."""

    runs_model = True

    def open(self, model: Path | None) -> Predictor:
        # spaCy imports every factory's module whenever a Language is made: keep ONNX Runtime out of
        # that.
        from biopipe.ner.lines import LineBound
        from biopipe.ner.tagger import Tagger
        from biopipe.runtime.opened import open_model

        settings = self.settings(model)
        lines = settings.pop("lines")
        # The base of the whole pipeline reaches this component too; a model that is told no names
        # would refuse it.
        if isinstance(settings["kb"], str):
            is_told = open_model(settings["model"]).manifest.settings.get("names")
            settings["kb"] = [settings["kb"]] if is_told else None
        tagger = Tagger(**settings)
        return LineBound(tagger) if lines else tagger
