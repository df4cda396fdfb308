"""Mappings between vocabularies in SSSOM's tab-separated form."""

from collections.abc import Iterator
from pathlib import Path

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.curie import normal_curie
from biopipe.kb.build.sources.lines import numbered_lines
from biopipe.kb.build.sources.table import columns_of

__all__ = ["read"]

_EXACT = frozenset({"skos:exactMatch", "owl:equivalentClass", "owl:sameAs"})
_CLOSE = _EXACT | {"skos:closeMatch"}
_COLUMNS = {
    "subject": ("subject_id",),
    "predicate": ("predicate_id",),
    "object": ("object_id",),
    "modifier": ("predicate_modifier",),
}
_REQUIRED = ("subject", "predicate", "object")


def read(path: Path, *, close: bool = False, negated: bool = False) -> Iterator[tuple[str, str]]:
    """Pairs of ids that mean the same, in the file's order; with `close`, those that mean nearly
    the same too.

    Negated mappings are left out; with `negated` they alone are read. KnowledgeBaseError names a
    missing column or a row that is cut off.
    """
    predicates = _CLOSE if close else _EXACT
    places: dict[str, int] = {}
    for number, line in numbered_lines(path):
        if line.startswith("#") or not line.strip():
            continue
        fields = [field.strip() for field in line.split("\t")]
        where = f"{path}, line {number},"
        if not places:
            places = columns_of(fields, _COLUMNS, required=_REQUIRED, where=where)
            continue
        if len(fields) <= max(places[name] for name in _REQUIRED):
            raise KnowledgeBaseError(
                f"{where} is cut off; it should have subject, predicate and object."
            )
        modifier = (
            fields[places["modifier"]] if len(fields) > places.get("modifier", len(fields)) else ""
        )
        if fields[places["predicate"]] in predicates and (modifier == "Not") == negated:
            one, other = fields[places["subject"]], fields[places["object"]]
            if one and other:
                yield normal_curie(one), normal_curie(other)
    if not places:
        raise KnowledgeBaseError(f"{path} holds no table; give an SSSOM mapping file (.sssom.tsv).")
