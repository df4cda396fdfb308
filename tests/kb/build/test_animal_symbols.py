"""Symbols of animals as names of the human genes."""

from biopipe.kb.build.animal_symbols import with_symbols_of_animals
from biopipe.kb.orthologs import Ortholog
from biopipe.kb.schema import Concept

_MOUSE, _RAT, _FISH = 10090, 10116, 7955
_GENES = [
    Concept("NCBIGene:7157", "TP53", ("p53", "tumor protein p53"), ("Gene",)),
    Concept("NCBIGene:5091", "PC", ("pyruvate carboxylase",), synonym_kinds=("related",)),
    Concept("NCBIGene:4128", "MAOA"),
    Concept("HGNC:1", "no number of NCBI Gene"),
]


def _symbols(*orthologs: Ortholog) -> dict[str, tuple[str, ...]]:
    return {gene.name: gene.synonyms for gene in with_symbols_of_animals(_GENES, orthologs)}


def test_a_symbol_of_the_mouse_is_a_name_of_the_human_gene() -> None:
    mouse, rat = (Ortholog(7157, taxon, 22059 + taxon, "Trp53") for taxon in (_MOUSE, _RAT))
    assert _symbols(mouse, rat) == {
        "TP53": ("p53", "tumor protein p53", "Trp53"),
        "PC": ("pyruvate carboxylase",),
        "MAOA": (),
        "no number of NCBI Gene": (),
    }


def test_kinds_stay_beside_their_names() -> None:
    (_, gene, *_) = with_symbols_of_animals(_GENES, [Ortholog(5091, _MOUSE, 18563, "Pcx")])
    assert gene.synonyms == ("pyruvate carboxylase", "Pcx")
    assert gene.synonym_kinds == ("related", "exact")


def test_names_of_other_genes_and_of_several_are_left_out() -> None:
    assert _symbols(
        Ortholog(5091, _MOUSE, 1, "Tp53"),  # a human gene's
        Ortholog(5091, _MOUSE, 2, "Abcd1a"),
        Ortholog(7157, _RAT, 3, "abcd1A"),  # two genes'
    ) == {gene.name: gene.synonyms for gene in _GENES}


def test_provisional_and_short_symbols_are_left_out() -> None:
    provisional = ["LOC721848", "C8h9orf131", "Gm5549", "Gm996", "si:ch211-194c3.5", "4930F03Rik"]
    symbols = [*provisional, "mao", "a", "Ab"]
    orthologs = [Ortholog(4128, _FISH, number, symbol) for number, symbol in enumerate(symbols)]
    assert _symbols(*orthologs)["MAOA"] == ()
    assert _symbols(Ortholog(4128, _FISH, 1, "maob2"))["MAOA"] == ("maob2",)
