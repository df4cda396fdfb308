"""Genes and their products as a kind of entity."""

from biopipe.document.labels import GENE
from biopipe.kinds.gene.names import gene_names, gene_species, species_of_gene, unlikely_species
from biopipe.kinds.kind import EntityKind, NameForm

__all__ = ["GENE_KIND"]

GENE_KIND = EntityKind(
    (GENE,),
    other_names=gene_names,
    preferred_types=gene_species,
    mention_types=species_of_gene,
    unlikely_types=unlikely_species,
    name_form=NameForm(codes=True),
)
