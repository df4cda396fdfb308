"""`biopipe_merge`: one set of mentions from what the recognisers before it found."""

from dataclasses import dataclass, field
from pathlib import Path

from spacy.language import Language

from biopipe.components.base import Component
from biopipe.components.factories import MENTION_ATTRIBUTES, ComponentOptions, component_factory
from biopipe.document import Predictor

__all__ = ["MergeComponent", "MergeOptions", "make_merge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeOptions(ComponentOptions):
    """Those of `biopipe.ner.merge.Merger`: union, priority of `sources` or best score."""

    policy: str = "union"
    sources: list[str] = field(default_factory=list)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    overlaps: str = "all"


@component_factory(
    "biopipe_merge", MergeOptions, assigns=MENTION_ATTRIBUTES, requires=["doc._.mentions"]
)
def make_merge(nlp: Language, name: str, options: MergeOptions) -> "MergeComponent":
    """It belongs behind all recognisers."""
    return MergeComponent(name, options)


class MergeComponent(Component[MergeOptions]):
    """Replaces the mentions by those that `biopipe.ner.merge.Merger` makes of them."""

    def open(self, model: Path | None) -> Predictor:
        from biopipe.ner.merge import Merger

        return Merger(**self.settings())
