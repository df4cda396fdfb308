"""`biopipe_abbreviations`: short forms with the long forms that the text defines them by."""

from pathlib import Path

from spacy.language import Language

from biopipe.components.base import Component
from biopipe.components.factories import ComponentOptions, component_factory
from biopipe.document import Predictor

__all__ = ["AbbreviationsComponent", "make_abbreviations"]


@component_factory("biopipe_abbreviations", ComponentOptions, assigns=["doc._.abbreviations"])
def make_abbreviations(
    nlp: Language, name: str, options: ComponentOptions
) -> "AbbreviationsComponent":
    """Schwartz and Hearst (2003); the linker and the tagger's readers use what it finds."""
    return AbbreviationsComponent(name, options)


class AbbreviationsComponent(Component[ComponentOptions]):
    """Adds the abbreviations that `biopipe.text.abbreviations.AbbreviationFinder` finds."""

    def open(self, model: Path | None) -> Predictor:
        from biopipe.text.abbreviations import AbbreviationFinder

        return AbbreviationFinder()
