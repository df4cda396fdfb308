"""`biopipe_relations`: relations between the concepts of a document."""

from dataclasses import dataclass, replace
from pathlib import Path

from spacy.language import Language

from biopipe.components.base import Component
from biopipe.components.factories import ComponentOptions, component_factory
from biopipe.document import Predictor
from biopipe.relations.cooccurrence import COOCCURRENCE, CooccurrenceExtractor

__all__ = ["Relations", "RelationsOptions", "make_relations"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationsOptions(ComponentOptions):
    """Model name or folder, or "cooccurrence" for the baseline of counts; `scheme` is one of the
    model's schemes.

    Relations scored below `threshold` are left out: one for all, or by label; the model's own if
    None. Of a document with more than `most_pairs` pairs of concepts the nearest are scored.
    """

    model: str = "biopipe-relations-minilm"
    scheme: str | None = None
    threshold: float | dict[str, float] | None = None
    most_pairs: int = 20_000
    device: str = "cpu"
    threads: int | None = None


@component_factory(
    "biopipe_relations", RelationsOptions, assigns=["doc._.relations"], requires=["doc.ents"]
)
def make_relations(nlp: Language, name: str, options: RelationsOptions) -> "Relations":
    """It belongs after the linker; mentions without a concept id take part by their names."""
    return Relations(name, options)


class Relations(Component[RelationsOptions]):
    """Adds the relations that `biopipe.relations.extractor.RelationExtractor` finds."""

    runs_model = True

    def open(self, model: Path | None) -> Predictor:
        if self.options.model == COOCCURRENCE:
            return CooccurrenceExtractor(threshold=self.options.threshold)
        from biopipe.relations.extractor import RelationExtractor

        return RelationExtractor(**self.settings(model))

    def use_scheme(self, scheme: str) -> None:
        """Answer by another scheme of the model from now on."""
        self.options = replace(self.options, scheme=scheme)
        self._predictor = None
