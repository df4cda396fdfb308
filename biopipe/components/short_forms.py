"""`biopipe_short_forms`: the short forms of clinical notes, with what they stand for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from spacy.language import Language

from biopipe.clinical.short_forms.finder import ShortFormFinder
from biopipe.clinical.short_forms.senses import write_senses
from biopipe.components.base import Component
from biopipe.components.factories import MENTION_ATTRIBUTES, ComponentOptions, component_factory
from biopipe.components.saving import MODEL
from biopipe.document import Predictor

__all__ = ["ShortFormsComponent", "ShortFormsOptions", "make_short_forms"]

SAVED_SENSES = "senses.tsv"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortFormsOptions(ComponentOptions):
    """`senses` are files of short forms over those of the language, or in their place if `extend`
    is false.
    """

    language: str = "en"
    senses: str | list[str] = field(default_factory=list)
    extend: bool = True


@component_factory("biopipe_short_forms", ShortFormsOptions, assigns=MENTION_ATTRIBUTES)
def make_short_forms(nlp: Language, name: str, options: ShortFormsOptions) -> "ShortFormsComponent":
    """It belongs behind the sections, the recognisers and the abbreviations, before the linker."""
    return ShortFormsComponent(name, options)


class ShortFormsComponent(Component[ShortFormsOptions]):
    """Adds what `biopipe.clinical.short_forms.finder.ShortFormFinder` finds.

    `to_disk` writes the table in use, so a saved pipeline works where the user's files are not.
    """

    def open(self, model: Path | None) -> Predictor:
        if model is None:
            return ShortFormFinder(**self.settings())
        return ShortFormFinder(
            language=self.options.language, senses=model / SAVED_SENSES, extend=False
        )

    def to_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> None:
        super().to_disk(path, exclude=exclude)
        if MODEL not in exclude and isinstance(self.predictor, ShortFormFinder):
            folder = Path(path) / MODEL
            folder.mkdir(exist_ok=True)
            write_senses(self.predictor.senses, folder / SAVED_SENSES)
