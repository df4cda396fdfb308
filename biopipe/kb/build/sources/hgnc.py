"""Human genes of HGNC: the complete set, and custom downloads of its website old and new."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from biopipe.document.labels import GENE
from biopipe.kb.build.sources.table import table_rows
from biopipe.kb.schema import Concept

__all__ = ["read"]

_COLUMNS = {
    "id": ("hgnc_id", "HGNC ID"),
    "symbol": ("symbol", "Approved symbol"),
    "name": ("name", "Approved name"),
    "status": ("status",),
    "gene": (
        "entrez_id",
        "NCBI Gene ID",
        "NCBI Gene ID(supplied by NCBI)",
        "Entrez Gene ID",
        "Entrez Gene ID(supplied by NCBI)",
    ),
    "aliases": ("alias_symbol", "Alias symbols", "Synonyms"),
    "antigen": ("cd", "CD nomenclature", "CD"),
    "alias_names": ("alias_name", "Alias names", "Name Synonyms"),
    "previous": ("prev_symbol", "Previous symbols"),
    "previous_names": ("prev_name", "Previous names"),
    "ensembl": ("ensembl_gene_id", "Ensembl gene ID"),
    "uniprot": ("uniprot_ids", "UniProt ID(supplied by UniProt)"),
}
_TYPES = (GENE, "NCBITaxon:9606")
_SUCCESSOR = re.compile(r"symbol withdrawn, see (\S+)")
# "acetylcholinesterase (Yt blood group)": no text has the brackets.
_BLOOD_GROUP = re.compile(r" \([^()]* blood group\)\Z")


def read(path: Path) -> Iterator[Concept]:
    """Approved genes by NCBI Gene id (by HGNC id where NCBI has none), then ids that were withdrawn
    for another.

    HGNC, Ensembl and UniProt ids are cross-references. Symbols and names of before are "related".
    An alias or former symbol that is the symbol of another gene by now is left out: it means that
    other gene.
    """
    rows = [row for _, row in table_rows(path, _COLUMNS, required=("id", "symbol", "name", "gene"))]
    # First, so that an alias that is another gene's symbol by now is known as one.
    symbols = {_plain(row["symbol"]) for row in rows if not _is_withdrawn(row)}
    ids: dict[str, str] = {}
    withdrawn: list[tuple[str, str, str]] = []
    for row in rows:
        symbol, name = _plain(row["symbol"]), _plain(row["name"])
        if successor := _SUCCESSOR.match(name):
            # HGNC marks the symbols of withdrawn entries: "A1S9T~withdrawn".
            withdrawn.append((_hgnc_id(row["id"]), symbol.partition("~")[0], successor[1]))
        elif not _is_withdrawn(row) and symbol:
            gene = _gene(row, symbol, name, symbols)
            ids[symbol] = gene.id
            yield gene
    for id_, symbol, successor_symbol in withdrawn:
        if successor_symbol in ids:
            yield Concept(id_, symbol, replaced_by=ids[successor_symbol], source="HGNC")


def _is_withdrawn(row: dict[str, str]) -> bool:
    name = _plain(row["name"])
    return bool(_SUCCESSOR.match(name)) or "withdrawn" in row.get("status", "").lower()


def _gene(row: dict[str, str], symbol: str, name: str, symbols: set[str]) -> Concept:
    exact = (
        part for column in ("aliases", "antigen", "alias_names") for part in _parts(row, column)
    )
    names = dict.fromkeys([name, _BLOOD_GROUP.sub("", name), *exact], "exact")
    # Related: the former symbol of one gene is an alias of another at times.
    for former in [*_parts(row, "previous"), *_parts(row, "previous_names")]:
        names.setdefault(former, "related")
    names = {text: kind for text, kind in names.items() if text and text not in symbols}
    gene, hgnc = _plain(row["gene"]), _hgnc_id(row["id"])
    other_ids = [hgnc] if gene else []
    other_ids += [f"ENSEMBL:{id_}" for id_ in _parts(row, "ensembl") if id_]
    other_ids += [f"UniProt:{id_}" for id_ in _parts(row, "uniprot") if id_]
    return Concept(
        f"NCBIGene:{gene}" if gene else hgnc,
        symbol,
        tuple(names),
        _TYPES,
        synonym_kinds=tuple(names.values()),
        source="HGNC",
        xrefs=tuple(other_ids),
    )


def _parts(row: dict[str, str], column: str) -> list[str]:
    """The complete set writes "a|b" (quoted), a custom download `a, b` with quotes around names
    that have commas.
    """
    value = row.get(column, "").strip()
    if "|" in value or '"' not in value:
        return [part.strip() for part in value.strip('"').split("|" if "|" in value else ", ")]
    if value.startswith('"') and value.count('"') == 2 and column.endswith("names"):
        return [value.strip('"')]
    return [part.strip() for part in next(csv.reader([value], skipinitialspace=True), [])]


def _plain(value: str) -> str:
    return value.strip().strip('"')


def _hgnc_id(value: str) -> str:
    bare = _plain(value)
    return bare if bare.startswith("HGNC:") else f"HGNC:{bare}"
