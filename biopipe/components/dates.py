"""`biopipe_dates`: dates and relative times of clinical notes, in ISO 8601."""

from dataclasses import dataclass
from pathlib import Path

from spacy.language import Language

from biopipe.components.base import Component
from biopipe.components.factories import ComponentOptions, component_factory
from biopipe.document import Predictor

__all__ = ["DatesComponent", "DatesOptions", "make_dates"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatesOptions(ComponentOptions):
    """`order` says how a date such as 3/4/2019 is meant: "MDY", "DMY" or "YMD"."""

    order: str = "MDY"


@component_factory("biopipe_dates", DatesOptions, assigns=["doc._.times"])
def make_dates(nlp: Language, name: str, options: DatesOptions) -> "DatesComponent":
    """Relative times count from the date of the note, `Document.meta["date"]`, where it has one."""
    return DatesComponent(name, options)


class DatesComponent(Component[DatesOptions]):
    """Adds what `biopipe.clinical.dates.DateFinder` finds."""

    def open(self, model: Path | None) -> Predictor:
        from biopipe.clinical.dates import DateFinder

        return DateFinder(**self.settings())
