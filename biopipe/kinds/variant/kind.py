"""Variants as a kind of entity: what a mention writes is its concept."""

from biopipe.document.labels import VARIANT
from biopipe.kinds.kind import EntityKind, NameForm
from biopipe.kinds.variant.concepts import variant_concept

__all__ = ["VARIANT_KIND"]

VARIANT_KIND = EntityKind(
    (VARIANT,),
    written_concept=variant_concept,
    name_form=NameForm(codes=True),
    needs_base=False,
)
