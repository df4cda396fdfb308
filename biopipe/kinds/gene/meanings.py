"""What texts mean by the names that several genes bear: PD-1, p21, PSA."""

from collections.abc import Mapping
from functools import cache

from biopipe.language.tables import read_table
from biopipe.text.normalize import normalize_name

__all__ = ["usual_genes"]


@cache
def usual_genes() -> Mapping[str, str]:
    """Of the names that several human genes bear, the gene that annotated texts mean, by the normal
    form of the name.
    """
    rows = read_table("biopipe.kinds.gene", "meanings.tsv")
    return {normalize_name(name): concept_id for name, concept_id, *_ in rows}
