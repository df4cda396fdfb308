"""`biopipe_measurements`: vital signs and laboratory values of clinical notes, with number, UCUM unit
and flag.
"""

from pathlib import Path

from spacy.language import Language

from biopipe.components.base import Component
from biopipe.components.factories import ComponentOptions, component_factory
from biopipe.document import Predictor

__all__ = ["MeasurementsComponent", "make_measurements"]


@component_factory("biopipe_measurements", ComponentOptions, assigns=["doc._.measurements"])
def make_measurements(
    nlp: Language, name: str, options: ComponentOptions
) -> "MeasurementsComponent":
    """It belongs before `biopipe_medications`, so that what is measured is not taken for a drug."""
    return MeasurementsComponent(name, options)


class MeasurementsComponent(Component[ComponentOptions]):
    """Adds what `biopipe.clinical.measurements.finder.MeasurementFinder` finds."""

    def open(self, model: Path | None) -> Predictor:
        from biopipe.clinical.measurements.finder import MeasurementFinder

        return MeasurementFinder()
