"""`biopipe_sections`: the sections of clinical notes, and sentences that respect their lines."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from spacy.language import Language

from biopipe.clinical.sections.finder import SectionFinder
from biopipe.clinical.sections.titles import write_titles
from biopipe.components.base import Component
from biopipe.components.factories import ComponentOptions, component_factory
from biopipe.components.saving import MODEL
from biopipe.document import Predictor

__all__ = ["SectionsComponent", "SectionsOptions", "make_sections"]

SAVED_TITLES = "titles.tsv"


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionsOptions(ComponentOptions):
    """`titles` are files of titles over those of the language, or in their place if `extend` is
    false.
    """

    language: str = "en"
    titles: str | list[str] = field(default_factory=list)
    extend: bool = True


@component_factory("biopipe_sections", SectionsOptions, assigns=["doc._.sections"])
def make_sections(nlp: Language, name: str, options: SectionsOptions) -> "SectionsComponent":
    """First in a pipeline for notes; once more behind the recognisers, it sets the sections of
    their mentions.
    """
    return SectionsComponent(name, options)


class SectionsComponent(Component[SectionsOptions]):
    """Adds what `biopipe.clinical.sections.finder.SectionFinder` finds.

    `to_disk` writes the titles in use, so a saved pipeline works where the user's files are not.
    """

    def open(self, model: Path | None) -> Predictor:
        if model is None:
            return SectionFinder(**self.settings())
        return SectionFinder(
            language=self.options.language, titles=model / SAVED_TITLES, extend=False
        )

    def to_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> None:
        super().to_disk(path, exclude=exclude)
        if MODEL not in exclude and isinstance(self.predictor, SectionFinder):
            folder = Path(path) / MODEL
            folder.mkdir(exist_ok=True)
            # As the titles are, for their files may not be there where it is read.
            write_titles(self.predictor.titles, folder / SAVED_TITLES)
