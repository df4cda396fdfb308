"""Genes and their products as a kind of entity."""

from biopipe.document.labels import GENE
from biopipe.kinds.gene.meanings import usual_genes
from biopipe.kinds.gene.misleading import is_misleading_gene_name
from biopipe.kinds.gene.names import (
    gene_names,
    gene_species,
    gene_spelled_out,
    is_about_animals,
    species_of_gene,
    unlikely_species,
)
from biopipe.kinds.kind import EntityKind, NameForm
from biopipe.kinds.misleading import short_forms_defined_otherwise

__all__ = ["GENE_KIND"]

GENE_KIND = EntityKind(
    (GENE,),
    other_names=gene_names,
    spelled_out=gene_spelled_out,
    preferred_types=gene_species,
    mention_types=species_of_gene,
    unlikely_types=unlikely_species,
    is_about_animals=is_about_animals,
    usual_concepts=usual_genes,
    is_misleading=is_misleading_gene_name,
    is_defined_otherwise=short_forms_defined_otherwise("biopipe.kinds.gene"),
    name_form=NameForm(codes=True),
)
