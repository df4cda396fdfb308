"""The kinds of entities by the label of their mentions."""

from collections.abc import Mapping

from biopipe.document.labels import (
    CELL_LINE,
    CHEMICAL,
    DISEASE,
    GENE,
    PHENOTYPE,
    SPECIES,
    VARIANT,
)
from biopipe.kinds.cell_line.kind import CELL_LINE_KIND
from biopipe.kinds.chemical.kind import CHEMICAL_KIND
from biopipe.kinds.disease.kind import DISEASE_KIND, PHENOTYPE_KIND
from biopipe.kinds.gene.kind import GENE_KIND
from biopipe.kinds.kind import EntityKind
from biopipe.kinds.species.kind import SPECIES_KIND
from biopipe.kinds.variant.kind import VARIANT_KIND

__all__ = ["ENTITY_KINDS", "KIND_CONCEPT_TYPES", "concept_types_of"]

ENTITY_KINDS: Mapping[str, EntityKind] = {
    CELL_LINE: CELL_LINE_KIND,
    CHEMICAL: CHEMICAL_KIND,
    DISEASE: DISEASE_KIND,
    GENE: GENE_KIND,
    PHENOTYPE: PHENOTYPE_KIND,
    SPECIES: SPECIES_KIND,
    VARIANT: VARIANT_KIND,
}
# A base that has none of these has types of its own (semantic types, namespaces).
KIND_CONCEPT_TYPES = frozenset(
    type_ for kind in ENTITY_KINDS.values() for type_ in kind.concept_types
)


def concept_types_of(label: str) -> tuple[str, ...]:
    """The types of concepts that a mention may mean; of a label of no kind, the type of its
    name.
    """
    kind = ENTITY_KINDS.get(label)
    return (label,) if kind is None else kind.concept_types
