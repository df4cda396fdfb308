"""Species as a kind of entity."""

from biopipe.document.labels import SPECIES
from biopipe.kinds.kind import EntityKind, NameForm
from biopipe.kinds.species.names import binomials_in_text, everyday_species, species_names

__all__ = ["SPECIES_KIND"]

SPECIES_KIND = EntityKind(
    (SPECIES,),
    other_names=species_names,
    names_in_text=binomials_in_text,
    most_names=8,
    written_concept=everyday_species,
    name_form=NameForm(codes=True),
)
