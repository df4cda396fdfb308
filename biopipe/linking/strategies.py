"""The kinds of mentions that need more than their words: one strategy for each such label."""

from collections.abc import Mapping
from typing import Protocol

from biopipe.document import Candidate
from biopipe.kinds.cell_line.names import CellLineStrategy
from biopipe.kinds.chemical.names import ChemicalStrategy
from biopipe.kinds.context import DocumentContext
from biopipe.kinds.disease.names import DiseaseStrategy
from biopipe.kinds.gene.names import GeneStrategy
from biopipe.kinds.species.names import SpeciesStrategy
from biopipe.kinds.variant.concepts import VariantStrategy

__all__ = ["STRATEGIES", "Strategy"]


class Strategy(Protocol):
    """What a linker asks about a mention of one kind; all of it is plain string work."""

    def names(self, surface: str, facts: DocumentContext) -> tuple[str, ...]:
        """Further names to look up where `surface` itself is not known, the likeliest first."""
        ...

    def concept(self, surface: str, facts: DocumentContext) -> Candidate | None:
        """The concept that `surface` spells out, which no knowledge base has to hold."""
        ...

    def types(self, facts: DocumentContext) -> tuple[str, ...] | None:
        """Concept types to try before those of the label, such as the species of the document's
        genes.
        """
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
