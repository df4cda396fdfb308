"""`biopipe_genetics`: genes and variants of clinical notes that are no tests."""

from pathlib import Path

from spacy.language import Language

from biopipe.components.base import Component
from biopipe.components.factories import MENTION_ATTRIBUTES, ComponentOptions, component_factory
from biopipe.document import Predictor

__all__ = ["GeneticsComponent", "make_genetics"]


@component_factory(
    "biopipe_genetics", ComponentOptions, assigns=MENTION_ATTRIBUTES, requires=["doc._.mentions"]
)
def make_genetics(nlp: Language, name: str, options: ComponentOptions) -> "GeneticsComponent":
    """It belongs behind the recognisers and before `biopipe_merge`."""
    return GeneticsComponent(name, options)


class GeneticsComponent(Component[ComponentOptions]):
    """Keeps of the mentions what `biopipe.clinical.genetics.GeneticMentions` keeps."""

    def open(self, model: Path | None) -> Predictor:
        from biopipe.clinical.genetics import GeneticMentions

        return GeneticMentions()
