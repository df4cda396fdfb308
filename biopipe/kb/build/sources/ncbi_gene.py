"""Genes of NCBI: gene_info of one or all species, and gene_history beside it."""

from collections.abc import Collection, Iterator
from pathlib import Path

from biopipe.document.labels import GENE
from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.table import table_rows
from biopipe.kb.schema import Concept

__all__ = ["read"]

_COLUMNS = {
    "taxon": ("tax_id",),
    "id": ("GeneID",),
    "symbol": ("Symbol",),
    "tag": ("LocusTag",),
    "synonyms": ("Synonyms",),
    "description": ("description",),
    "type": ("type_of_gene",),
    "full_name": ("Full_name_from_nomenclature_authority",),
    "designations": ("Other_designations",),
}
_HISTORY_COLUMNS = {
    "taxon": ("tax_id",),
    "id": ("GeneID",),
    "old": ("Discontinued_GeneID",),
    "symbol": ("Discontinued_Symbol",),
}
_REQUIRED = ("taxon", "id", "symbol", "synonyms", "description")
_EMPTY = "-"


def read(path: Path, *, taxa: Collection[str] = ()) -> Iterator[Concept]:
    """Genes with their species as a second type; of `taxa` alone (9606 or NCBITaxon:9606) when some
    are given.

    Left out: NEWENTRY, which stands for all of a species, and biological regions, which are not
    genes. A `gene_history` file in the same folder adds the ids that were replaced.
    """
    wanted = frozenset(taxon.rpartition(":")[2] for taxon in taxa)
    for taxon in wanted:
        if not taxon.isdigit():
            raise KnowledgeBaseError(f"'{taxon}' is no taxon; give NCBI Taxonomy ids such as 9606.")
    for number, row in table_rows(path, _COLUMNS, required=_REQUIRED):
        if not row["id"].isdigit():
            raise KnowledgeBaseError(
                f"{path}, line {number}, has the gene id '{row['id']}'; it should be a number."
            )
        other = row["symbol"] == "NEWENTRY" or row.get("type") == "biological-region"
        if not other and (not wanted or row["taxon"] in wanted):
            yield _gene(row)
    for name in ("gene_history", "gene_history.gz"):
        if (path.parent / name).is_file():
            yield from _replaced(path.parent / name, wanted)


def _gene(row: dict[str, str]) -> Concept:
    names = [
        row["description"],
        row.get("full_name", ""),
        *row["synonyms"].split("|"),
        row.get("tag", ""),
    ]
    # Exact ones first: a designation that is also a synonym stays exact.
    kinds = dict.fromkeys(names, "exact")
    for designation in row.get("designations", "").split("|"):
        kinds.setdefault(designation, "related")
    kinds = {text: kind for text, kind in kinds.items() if text not in ("", _EMPTY, row["symbol"])}
    return Concept(
        f"NCBIGene:{row['id']}",
        row["symbol"],
        tuple(kinds),
        (GENE, f"NCBITaxon:{row['taxon']}"),
        synonym_kinds=tuple(kinds.values()),
        source="NCBI Gene",
    )


def _replaced(path: Path, wanted: frozenset[str]) -> Iterator[Concept]:
    for _, row in table_rows(path, _HISTORY_COLUMNS, required=tuple(_HISTORY_COLUMNS)):
        if row["id"] != _EMPTY and (not wanted or row["taxon"] in wanted):
            old = f"NCBIGene:{row['old']}"
            yield Concept(
                old, row["symbol"], replaced_by=f"NCBIGene:{row['id']}", source="NCBI Gene"
            )
