"""`biopipe_relations`: relations between the concepts of a document."""

from dataclasses import dataclass, replace
from pathlib import Path

from spacy.language import Language

from biopipe.components.base import Component
from biopipe.components.factories import ComponentOptions, component_factory
from biopipe.document import Predictor
from biopipe.errors import ConfigError
from biopipe.relations.cooccurrence import COOCCURRENCE, CooccurrenceExtractor

__all__ = ["RelationsComponent", "RelationsOptions", "make_relations"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationsOptions(ComponentOptions):
    """Model name or folder, or "cooccurrence" for the baseline of counts; `scheme` is one of the
    model's schemes.

    Relations scored below `threshold` are left out: one for all, or by label. If it is None, those
    are that are less probable with their label than the model's own threshold says; "precision"
    takes its thresholds for precision. With `nil_ends` false, relations of mentions without a
    concept id are left out. A relation names the end that acts where that is as probable as
    `subject_threshold`. Of a document with more than `most_pairs` pairs of concepts the nearest are
    scored.
    """

    model: str = "biopipe-relations-shared"
    scheme: str | None = None
    threshold: float | dict[str, float] | str | None = None
    nil_ends: bool = True
    subject_threshold: float = 0.5
    most_pairs: int = 20_000
    device: str = "cpu"
    threads: int | None = None


@component_factory(
    "biopipe_relations", RelationsOptions, assigns=["doc._.relations"], requires=["doc.ents"]
)
def make_relations(nlp: Language, name: str, options: RelationsOptions) -> "RelationsComponent":
    """It belongs after the linker; mentions without a concept id take part by their names."""
    return RelationsComponent(name, options)


class RelationsComponent(Component[RelationsOptions]):
    """Adds the relations that `biopipe.relations.extractor.RelationExtractor` finds."""

    runs_model = True

    def open(self, model: Path | None) -> Predictor:
        if self.options.model == COOCCURRENCE:
            if isinstance(self.options.threshold, str):
                raise ConfigError(
                    f"{COOCCURRENCE} has no thresholds for '{self.options.threshold}'; give a number."
                )
            return CooccurrenceExtractor(threshold=self.options.threshold)
        from biopipe.ner.name_features import told_names
        from biopipe.relations.extractor import RelationExtractor

        return RelationExtractor(**self.settings(model), trunk_features=told_names)

    def use_scheme(self, scheme: str) -> None:
        """Answer by another scheme of the model from now on."""
        self.options = replace(self.options, scheme=scheme)
        # Opened anew at the next use, with the outputs of the other scheme.
        self._predictor = None
