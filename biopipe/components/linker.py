"""`biopipe_linker`: concepts of a knowledge base for mentions."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from spacy.language import Language

from biopipe.components.base import Component
from biopipe.components.factories import (
    CONCEPT_ATTRIBUTES,
    MENTION_ATTRIBUTES,
    ComponentOptions,
    component_factory,
)
from biopipe.components.scispacy_names import ScispacyKnowledgeBase
from biopipe.document import Predictor

if TYPE_CHECKING:
    from biopipe.linking.linker import Linker

__all__ = ["LinkerComponent", "LinkerOptions", "make_linker"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkerOptions(ComponentOptions):
    """Those of `biopipe.linking.linker.Linker`: one knowledge base, or several, or those of each
    mention label; `types`, `sources`, `branches` and `prefer` by mention label ("" for any other),
    the first three by section too ("Disease@family_history", "@allergies").
    """

    kb: str | list[str] | dict[str, str | list[str]] = "default"
    threshold: float = 0.65
    similar_threshold: float = 0.7
    candidates: int = 20
    types: dict[str, list[str]] | None = None
    sources: dict[str, list[str]] | None = None
    branches: dict[str, list[str]] | None = None
    prefer: list[str] | dict[str, list[str]] | None = None
    encoder: str | None = "auto"
    reranker: str | None = None
    weights: str | None = None
    prior: str | None = "biopipe-mention-prior"
    orthologs: bool = True
    device: str = "cpu"
    threads: int | None = None


@component_factory(
    "biopipe_linker",
    LinkerOptions,
    assigns=MENTION_ATTRIBUTES + CONCEPT_ATTRIBUTES,
    requires=["doc.ents"],
)
def make_linker(nlp: Language, name: str, options: LinkerOptions) -> "LinkerComponent":
    """Links the mentions of the taggers before it, else the entities of any other component."""
    return LinkerComponent(name, options)


class LinkerComponent(Component[LinkerOptions]):
    """Adds the concept ids and candidates that `biopipe.linking.linker.Linker` finds."""

    def open(self, model: Path | None) -> Predictor:
        from biopipe.linking.linker import Linker

        return Linker(**self.settings())

    @property
    def kb(self) -> ScispacyKnowledgeBase:
        """Its bases as code for scispaCy reads them: `linker.kb.cui_to_entity[concept_id]`."""
        return ScispacyKnowledgeBase(cast("Linker", self.predictor).knowledge_bases)
