"""Symbols that a gene has in animals alone: Trp53 is the mouse's TP53, and no name of the human gene.

Texts about mice and rats use them as the only name. As names of the human gene they find it, and the
linker gives the animal's gene where the text is about the animal.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from biopipe.kb.build.name_join import lower_case_key
from biopipe.kb.orthologs import Ortholog
from biopipe.kb.schema import Concept

__all__ = ["with_symbols_of_animals"]

_GENE = "NCBIGene:"
# Symbols that databases give until somebody names the gene (LOC721848, C8h9orf131, Gm5549,
# si:ch211-194c3.5, 4930555F03Rik): numbers of clones and contigs, which texts hardly use.
_PROVISIONAL = re.compile(r"\d{4}|orf\d|:|rik\Z|\A(?:LOC|Gm|RGD|MGC)\d", re.IGNORECASE)
# "Pcx" of the mouse is a symbol; "mao" and "a", of fish, are anything.
_SHORTEST, _SHORTEST_WITHOUT_CAPITAL = 3, 4


def with_symbols_of_animals(
    genes: Iterable[Concept], orthologs: Iterable[Ortholog]
) -> Iterator[Concept]:
    """The human genes, in their order, with the symbols of their orthologs that no gene has as a
    name. A symbol of the orthologs of two genes, and a provisional one, is left out.
    """
    human_genes = list(genes)
    taken = {lower_case_key(name) for gene in human_genes for name in (gene.name, *gene.synonyms)}
    symbols: dict[int, dict[str, str]] = defaultdict(dict)
    bearers: dict[str, set[int]] = defaultdict(set)
    for ortholog in orthologs:
        # In lower case: the mouse's Brca1 is no further name of BRCA1, which finds it as it is.
        key = lower_case_key(ortholog.symbol)
        if key not in taken and _is_symbol(ortholog.symbol):
            symbols[ortholog.human_gene].setdefault(key, ortholog.symbol)
            bearers[key].add(ortholog.human_gene)
    for gene in human_genes:
        # Orthologs go by the number of the human gene; genes of other ids have none.
        number = gene.id.removeprefix(_GENE)
        of_gene = symbols.get(int(number), {}) if number.isdecimal() else {}
        yield _with_synonyms(gene, [s for key, s in of_gene.items() if len(bearers[key]) == 1])


def _is_symbol(symbol: str) -> bool:
    shortest = _SHORTEST if symbol[:1].isupper() else _SHORTEST_WITHOUT_CAPITAL
    return len(symbol) >= shortest and _PROVISIONAL.search(symbol) is None


def _with_synonyms(gene: Concept, names: list[str]) -> Concept:
    if not names:
        return gene
    kinds = gene.synonym_kinds or ("exact",) * len(gene.synonyms)
    return replace(
        gene,
        synonyms=(*gene.synonyms, *names),
        synonym_kinds=(*kinds, *("exact" for _ in names)),
    )
