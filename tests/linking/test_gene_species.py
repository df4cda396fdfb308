"""Genes of animals in texts about animals."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from biopipe.document import Document, Mention
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.orthologs import Ortholog
from biopipe.kb.schema import Concept
from biopipe.linking import gene_species
from biopipe.linking.linker import Linker

HUMAN = "NCBITaxon:9606"
GENES = [
    Concept("NCBIGene:367", "AR", ("androgen receptor",), ("Gene", HUMAN)),
    Concept("NCBIGene:7186", "TRAF2", types=("Gene", HUMAN)),
    Concept("NCBIGene:673", "BRAF", types=("Gene", HUMAN)),
]
ORTHOLOGS = [
    Ortholog(367, 10090, 11835, "Ar"),
    Ortholog(367, 10116, 24208, "Ar"),
    Ortholog(7186, 10090, 22030, "Traf2"),
    Ortholog(673, 10090, 109880, "Braf"),
]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("genes") / "kb"
    return compile_kb(
        GENES, directory, name="g", version="1", licence="", sources={}, orthologs=ORTHOLOGS
    )


def links(text: str, *names: str, linker: Linker) -> list[str]:
    """The id of each name, "" for none."""
    places = [(text.index(name), name) for name in names]
    mentions = tuple(Mention(p, p + len(name), "Gene") for p, name in places)
    (document,) = linker.predict([Document("d", text, mentions)])
    return ["".join(mention.concept_ids) for mention in document.mentions]


@pytest.mark.parametrize(
    ("text", "names", "ids"),
    [
        ("In mice the androgen receptor is lost.", ["androgen receptor"], ["NCBIGene:11835"]),
        ("In rats the androgen receptor is lost.", ["androgen receptor"], ["NCBIGene:24208"]),
        ("The androgen receptor is lost.", ["androgen receptor"], ["NCBIGene:367"]),
        ("Patients lack the androgen receptor.", ["androgen receptor"], ["NCBIGene:367"]),
        ("Mouse Traf2 and human AR were cloned.", ["Traf2", "AR"], ["NCBIGene:22030", "367"]),
        ("Patients and mice were studied. Patients lack TRAF2.", ["TRAF2"], ["7186"]),
        ("Patients and mice were studied. Mice lack Traf2.", ["Traf2"], ["22030"]),
        # Mice that bear human tumours say little.
        (
            "TRAF2 drives human carcinoma cells. Xenografts grew in nude mice; survival of patients.",
            ["TRAF2"],
            ["7186"],
        ),
        ("Sprague-Dawley animals lost the androgen receptor.", ["androgen receptor"], ["24208"]),
        ("In mice Traf2 is a symbol of theirs.", ["Traf2"], ["NCBIGene:22030"]),
        # The base knows no gene of rats for this one, and one word may be a model alone.
        ("In rats TRAF2 is lost.", ["TRAF2"], ["NCBIGene:7186"]),
        ("In rats TRAF2 is lost; these rats survive.", ["TRAF2"], [""]),
        ("In rats TRAF2 is lost; not in patients.", ["TRAF2"], ["NCBIGene:7186"]),
    ],
)
def test_the_species_of_the_text_decides(
    base: Path, text: str, names: list[str], ids: list[str]
) -> None:
    wanted = [id_ if ":" in id_ or not id_ else f"NCBIGene:{id_}" for id_ in ids]
    assert links(text, *names, linker=Linker(base, prior=None)) == wanted


def test_the_human_gene_stays_among_the_candidates(base: Path) -> None:
    text = "In mice the androgen receptor is lost."
    mention = Mention(12, 29, "Gene")
    (document,) = Linker(base, prior=None).predict([Document("d", text, (mention,))])
    (found,) = document.mentions
    first, second = found.candidates[:2] if len(found.candidates) > 1 else (*found.candidates, None)
    assert (first.concept_id, first.name) == ("NCBIGene:11835", "Ar")
    assert second is not None
    assert second.concept_id == "NCBIGene:367"
    assert 0.5 < first.score < 1
    # Both share the probability that the human gene would have had.
    (alone,) = Linker(base, prior=None, orthologs=False).predict([Document("d", text, (mention,))])
    assert first.score + second.score == pytest.approx(
        alone.mentions[0].candidates[0].score, abs=0.001
    )


def test_a_gene_of_one_of_two_species_is_linked_to_the_likelier(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "Patients and mice were studied. The androgen receptor is lost."
    place = text.index("androgen receptor")
    asked = Document("d", text, (Mention(place, place + 17, "Gene"),))

    def link(share: float) -> Mention:
        monkeypatch.setattr(
            gene_species,
            "_shares",
            lambda genes: dict.fromkeys(genes, np.array([1 - share, share])),
        )
        (document,) = Linker(base).predict([asked])
        return document.mentions[0]

    likelier = link(0.6)
    assert likelier.concept_ids == ("NCBIGene:11835",)
    assert likelier.candidates[0].score < 0.65
    assert link(0.4).concept_ids == ("NCBIGene:367",)
    (document,) = Linker(base, threshold=0.9).predict([asked])
    assert document.mentions[0].concept_ids == ()


def test_whoever_wants_human_genes_gets_them(base: Path) -> None:
    text = "In mice the androgen receptor is lost."
    alone = Linker(base, prior=None, orthologs=False)
    assert links(text, "androgen receptor", linker=alone) == ["NCBIGene:367"]
    text_of_rats = "In rats TRAF2 is lost; these rats survive."
    assert links(text_of_rats, "TRAF2", linker=alone) == ["NCBIGene:7186"]
    typed = Linker(base, prior=None, types={"Gene": [HUMAN]})
    assert links(text, "androgen receptor", linker=typed) == ["NCBIGene:367"]


def test_a_variant_is_of_the_gene_of_the_animal(base: Path) -> None:
    text = "Mice with BRAF V600E develop tumours."
    mentions = (Mention(10, 14, "Gene"), Mention(15, 20, "Variant"))
    (document,) = Linker(base, prior=None).predict([Document("d", text, mentions)])
    assert document.mentions[1].concept_ids == ("p|SUB|V|600|E;CorrespondingGene:109880",)


def test_cells_of_a_line_have_human_genes_unless_the_sentence_says_whose(base: Path) -> None:
    text = (
        "Human K562 cells were made. K562 cells express the androgen receptor. In mice the androgen "
        "receptor is lost."
    )
    own = "K562 cells have mouse BRAF now."
    line, gene = Mention(0, 4, "CellLine"), Mention(16, 26, "Gene")
    (document,) = Linker(base, prior=None).predict([Document("o", own, (line, gene))])
    assert document.mentions[1].concept_ids == ("NCBIGene:109880",)
    first = text.index("androgen")
    second = text.index("androgen", first + 1)
    mentions = (
        Mention(text.index("K562 cells e"), text.index("K562 cells e") + 4, "CellLine"),
        Mention(first, first + 17, "Gene"),
        Mention(text.index("mice"), text.index("mice") + 4, "Species"),
        Mention(second, second + 17, "Gene"),
    )
    (document,) = Linker(base, prior=None).predict([Document("d", text, mentions)])
    genes = [mention.concept_ids for mention in document.mentions if mention.label == "Gene"]
    assert genes == [("NCBIGene:367",), ("NCBIGene:11835",)]


@dataclass(frozen=True)
class Place:
    logits: NDArray[np.float64]
    is_silent: bool


def test_where_a_sentence_is_silent_those_that_are_not_say_half() -> None:
    silent = [Place(np.array([1.0, 0.0]), True) for _ in range(9)]
    loud = Place(np.array([0.0, 2.0]), False)
    # All ten say (0.9, 0.2), the one with a species (0, 2).
    assert gene_species.of_silent_places([*silent, loud]) == pytest.approx([0.45, 1.1])
    assert gene_species.of_silent_places(silent) == pytest.approx([1.0, 0.0])


def test_several_genes_in_one_mention_are_all_of_the_animal(base: Path) -> None:
    text = "In mice TRAF2/BRAF rose. In patients TRAF2 and BRAF fell."
    names = ("TRAF2/BRAF", "TRAF2 and BRAF")
    mentions = tuple(
        Mention(text.index(name), text.index(name) + len(name), "Gene") for name in names
    )
    (document,) = Linker(base, prior=None).predict([Document("d", text, mentions)])
    assert [mention.concept_ids for mention in document.mentions] == [
        ("NCBIGene:22030", "NCBIGene:109880"),
        ("NCBIGene:7186", "NCBIGene:673"),
    ]
    for mention in document.mentions:
        assert {candidate.concept_id for candidate in mention.candidates} >= {*mention.concept_ids}
