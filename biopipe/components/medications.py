"""`biopipe_medications`: drugs of clinical notes with strength, form, route, frequency, duration and
status.
"""

from dataclasses import dataclass
from pathlib import Path

from spacy.language import Language

from biopipe.components.base import Component
from biopipe.components.factories import ComponentOptions, component_factory
from biopipe.document import Predictor

__all__ = ["MedicationsComponent", "MedicationsOptions", "make_medications"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicationsOptions(ComponentOptions):
    """`kb` is a knowledge base of chemicals, None the default one and "" none; `add_mentions` makes
    mentions of drugs that no recogniser found.
    """

    kb: str | None = None
    add_mentions: bool = True


@component_factory(
    "biopipe_medications",
    MedicationsOptions,
    assigns=["doc._.medications", "doc._.mentions", "doc.ents", "doc.spans"],
    requires=["doc._.mentions"],
)
def make_medications(
    nlp: Language, name: str, options: MedicationsOptions
) -> "MedicationsComponent":
    """It belongs behind what finds chemicals and measurements, and before the linker."""
    return MedicationsComponent(name, options)


class MedicationsComponent(Component[MedicationsOptions]):
    """Adds what `biopipe.clinical.medications.finder.MedicationFinder` finds."""

    def open(self, model: Path | None) -> Predictor:
        from biopipe.clinical.medications.finder import MedicationFinder

        return MedicationFinder(**self.settings())
