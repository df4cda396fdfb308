"""`biopipe_dictionary`: the names of a knowledge base in the text, with their concepts."""

from dataclasses import dataclass
from pathlib import Path

from spacy.language import Language

from biopipe.components.base import Component
from biopipe.components.factories import (
    CONCEPT_ATTRIBUTES,
    MENTION_ATTRIBUTES,
    ComponentOptions,
    component_factory,
)
from biopipe.document import Predictor

__all__ = ["DictionaryComponent", "DictionaryOptions", "make_dictionary"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DictionaryOptions(ComponentOptions):
    """Those of `biopipe.ner.dictionary.Dictionary`; `labels` maps types of concepts to mention
    labels ("" for any other type).
    """

    kb: str = "default"
    labels: dict[str, str] | None = None
    types: list[str] | None = None
    sources: list[str] | None = None
    branches: list[str] | None = None
    overlaps: bool = False
    shortest: int = 3
    stop_words: bool | list[str] = True
    threshold: float = 0.0


@component_factory(
    "biopipe_dictionary", DictionaryOptions, assigns=MENTION_ATTRIBUTES + CONCEPT_ATTRIBUTES
)
def make_dictionary(nlp: Language, name: str, options: DictionaryOptions) -> "DictionaryComponent":
    """A knowledge base as a recogniser."""
    return DictionaryComponent(name, options)


class DictionaryComponent(Component[DictionaryOptions]):
    """Adds the mentions that `biopipe.ner.dictionary.Dictionary` finds, and their concepts."""

    def open(self, model: Path | None) -> Predictor:
        from biopipe.ner.dictionary import Dictionary

        return Dictionary(**self.settings())
