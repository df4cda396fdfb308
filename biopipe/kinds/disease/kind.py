"""Diseases and phenotypes as kinds of entities: one concept may be either, by who annotates it."""

from dataclasses import replace

from biopipe.document.labels import DISEASE, PHENOTYPE
from biopipe.kinds.disease.causes import drug_induced
from biopipe.kinds.disease.names import disease_names
from biopipe.kinds.kind import EntityKind, NameForm
from biopipe.kinds.misleading import misleading_names, short_forms_defined_otherwise
from biopipe.kinds.short_forms import read_usual_short_forms

__all__ = ["DISEASE_KIND", "PHENOTYPE_KIND"]

DISEASE_KIND = EntityKind(
    (DISEASE, PHENOTYPE),
    other_names=disease_names,
    drug_induced=drug_induced,
    is_misleading=misleading_names("biopipe.kinds.disease", "healthy_parts.tsv"),
    is_defined_otherwise=short_forms_defined_otherwise("biopipe.kinds.disease"),
    short_forms=lambda: read_usual_short_forms("biopipe.kinds.disease"),
    name_form=NameForm(other_names_are_words=True, first_may_be_plainer=True),
)
PHENOTYPE_KIND = replace(DISEASE_KIND, concept_types=(PHENOTYPE, DISEASE))
