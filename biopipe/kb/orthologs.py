"""Genes of animals by the human gene that they are the orthologs of.

Texts about mice call their genes by names that are the human genes' too. A base that holds the
human genes with all their names needs nothing more than this table to give the gene of the animal;
the orthologs have no names of their own in it, and are concepts by their ids alone. A symbol that
only they have, such as Trp53, is a name of the human gene (`kb/build/animal_symbols.py`).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from biopipe.document.labels import GENE
from biopipe.errors import KnowledgeBaseError
from biopipe.kb.arrays import open_batch, view
from biopipe.kb.schema import Concept

__all__ = [
    "ORTHOLOGS_FILE",
    "ORTHOLOG_SCHEMA",
    "Ortholog",
    "Orthologs",
    "ortholog_key",
    "ortholog_of",
]

ORTHOLOGS_FILE = "orthologs.arrow"
# `key` is sorted: the number of the human gene, and in the lower half that of the taxon. `by_id`
# are the rows in the order of `gene`.
ORTHOLOG_SCHEMA = pa.schema(
    [
        ("key", pa.int64()),
        ("gene", pa.int64()),
        ("symbol", pa.string()),
        ("by_id", pa.uint32()),
    ]
)
_GENE, _TAXON = "NCBIGene:", "NCBITaxon:"
_TAXON_BITS = 32
# Of numbers of NCBI Gene and of taxa; longer ones would not fit beside each other in a key.
_MOST_DIGITS = 9


class Ortholog(NamedTuple):
    """The gene of an animal: the number of the human gene in NCBI Gene, that of the taxon, its own
    number, and its symbol.
    """

    human_gene: int
    taxon: int
    gene: int
    symbol: str


def ortholog_of(gene: Concept) -> Ortholog:
    """The ortholog that a concept is: its types name its taxon, its cross-reference the human gene;
    KnowledgeBaseError where they do not.
    """
    number = _number(gene.id, _GENE)
    taxon = next((n for type_ in gene.types if (n := _number(type_, _TAXON)) is not None), None)
    human_gene = next((n for id_ in gene.xrefs if (n := _number(id_, _GENE)) is not None), None)
    if number is None or taxon is None or human_gene is None:
        raise KnowledgeBaseError(
            f"The gene {gene.id} ({gene.name}) should have a number of NCBI Gene, a type such as "
            "NCBITaxon:10090, and the human gene (NCBIGene:673) as its cross-reference."
        )
    return Ortholog(human_gene, taxon, number, gene.name)


def ortholog_key(human_gene: int, taxon: int) -> int:
    """What the table is sorted by."""
    return human_gene << _TAXON_BITS | taxon


class Orthologs:
    """The table of a knowledge base directory, through mmap; OSError, KeyError, ValueError or
    ArrowException where the file is none of its kind.
    """

    def __init__(self, directory: Path) -> None:
        batch = open_batch(directory / ORTHOLOGS_FILE)
        self._keys: npt.NDArray[np.int64] = view(batch["key"], np.int64)
        self._genes: npt.NDArray[np.int64] = view(batch["gene"], np.int64)
        self._by_id: npt.NDArray[np.uint32] = view(batch["by_id"], np.uint32)
        self._symbols = batch["symbol"]

    def __len__(self) -> int:
        return len(self._keys)

    def of(self, concept_id: str, taxon: str) -> Concept | None:
        """The ortholog that a gene (NCBIGene:7186) has in a taxon (NCBITaxon:10090); None where it
        has none, or is no human gene.
        """
        human_gene, number = _number(concept_id, _GENE), _number(taxon, _TAXON)
        if human_gene is None or number is None:
            return None
        key = ortholog_key(human_gene, number)
        row = int(self._keys.searchsorted(key))
        return self._concept(row) if row < len(self) and self._keys[row] == key else None

    def pairs(self) -> Iterator[tuple[str, str]]:
        """The ids of all genes of animals, each with that of the human gene."""
        for key, gene in zip(self._keys.tolist(), self._genes.tolist(), strict=True):
            yield f"{_GENE}{gene}", f"{_GENE}{key >> _TAXON_BITS}"

    def concept(self, concept_id: str) -> Concept | None:
        """The ortholog with this id."""
        gene = _number(concept_id, _GENE)
        if gene is None:
            return None
        place = int(self._genes.searchsorted(gene, sorter=self._by_id))
        if place == len(self) or self._genes[row := int(self._by_id[place])] != gene:
            return None
        return self._concept(row)

    def _concept(self, row: int) -> Concept:
        taxon = int(self._keys[row]) & ((1 << _TAXON_BITS) - 1)
        types = (GENE, f"{_TAXON}{taxon}")
        gene = f"{_GENE}{int(self._genes[row])}"
        return Concept(gene, self._symbols[row].as_py(), types=types, source="NCBI Gene")


def _number(curie: str, prefix: str) -> int | None:
    number = curie.removeprefix(prefix)
    is_one = (
        number != curie and number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS
    )
    return int(number) if is_one else None
