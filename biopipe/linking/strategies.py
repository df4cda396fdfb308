"""The kinds of mentions that need more than their words: one strategy for each such label."""

from collections.abc import Mapping
from typing import Protocol

from biopipe.linking.cell_lines import CellLineStrategy
from biopipe.linking.chemicals import ChemicalStrategy
from biopipe.linking.diseases import DiseaseStrategy
from biopipe.linking.facts import Facts
from biopipe.linking.genes import GeneStrategy
from biopipe.linking.species import SpeciesStrategy
from biopipe.linking.variants import VariantStrategy
from biopipe.types import Candidate

__all__ = ["STRATEGIES", "Strategy"]


class Strategy(Protocol):
    """What a linker asks about a mention of one kind; all of it is plain string work."""

    def names(self, surface: str, facts: Facts) -> tuple[str, ...]:
        """Further names to look up where `surface` itself is not known, the likeliest first."""
        ...

    def concept(self, surface: str, facts: Facts) -> Candidate | None:
        """The concept that `surface` spells out, which no knowledge base has to hold."""
        ...

    def types(self, facts: Facts) -> tuple[str, ...] | None:
        """Concept types to try before those of the label, such as the species of the document's genes."""
        ...


STRATEGIES: Mapping[str, Strategy] = {
    "CellLine": CellLineStrategy(),
    "Chemical": ChemicalStrategy(),
    "Disease": DiseaseStrategy(),
    "Gene": GeneStrategy(),
    "Phenotype": DiseaseStrategy(),
    "Species": SpeciesStrategy(),
    "Variant": VariantStrategy(),
}
