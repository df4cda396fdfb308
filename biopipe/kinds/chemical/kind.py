"""Chemicals as a kind of entity."""

from biopipe.document.labels import CHEMICAL
from biopipe.kinds.chemical.names import chemical_names
from biopipe.kinds.kind import EntityKind, NameForm
from biopipe.kinds.misleading import misleading_names, short_forms_defined_otherwise
from biopipe.kinds.short_forms import read_usual_short_forms

__all__ = ["CHEMICAL_KIND"]

CHEMICAL_KIND = EntityKind(
    (CHEMICAL,),
    other_names=chemical_names,
    is_misleading=misleading_names("biopipe.kinds.chemical", "groups.tsv"),
    is_defined_otherwise=short_forms_defined_otherwise("biopipe.kinds.chemical"),
    short_forms=lambda: read_usual_short_forms("biopipe.kinds.chemical"),
    name_form=NameForm(codes=True, other_names_are_words=True),
)
