"""Mentions to concepts: types, abbreviations, composites, thresholds, several knowledge bases."""

import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from biopipe.document import ConceptMentions, Document, Mention
from biopipe.errors import ConfigError, KnowledgeBaseError
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept
from biopipe.linking.linker import Linker
from biopipe.text.abbreviations import AbbreviationFinder


def document(text: str, *surfaces: tuple[str, str], abbreviations: bool = True) -> Document:
    """A document whose mentions are the surfaces, each found after the one before."""
    mentions, place = [], 0
    for surface, label in surfaces:
        place = text.index(surface, place)
        mentions.append(Mention(place, place + len(surface), label))
        place += 1
    plain = Document("1", text, tuple(mentions))
    return AbbreviationFinder().predict([plain])[0] if abbreviations else plain


def link(
    linker: Linker, text: str, *surfaces: tuple[str, str], abbreviations: bool = True
) -> list[tuple[str, ...]]:
    (linked,) = linker.predict([document(text, *surfaces, abbreviations=abbreviations)])
    return [mention.concept_ids for mention in linked.mentions]


@pytest.fixture(scope="module")
def linker(kb_path: Path) -> Linker:
    return Linker(kb_path)


def test_names_are_linked_by_the_type_of_the_mention(linker: Linker) -> None:
    text = "The cat gene CAT; a cat with seizures, Aspirin."
    found = link(
        linker,
        text,
        ("CAT", "Gene"),
        ("cat", "Species"),
        ("seizures", "Disease"),
        ("Aspirin", "Chemical"),
    )
    assert found == [("NCBIGene:847",), ("NCBITaxon:9685",), ("HP:0001250",), ("MESH:D001241",)]


def test_documents_come_back_with_their_abbreviations_and_concepts(linker: Linker) -> None:
    text = "In multiple sclerosis (MS) we saw foo fever."
    plain = document(text, ("MS", "Disease"), ("foo fever", "Disease"), abbreviations=False)
    (linked,) = linker.predict([replace(plain, concepts=())])
    assert linked.abbreviations == AbbreviationFinder().predict([plain])[0].abbreviations
    assert linked.concepts is not None
    first, second = linked.concepts
    assert first == ConceptMentions("MESH:D009103", "Disease", (0,))
    assert second.id.startswith("NIL:Disease/")
    assert second.mentions == (1,)


def test_unknown_names_are_nil(linker: Linker) -> None:
    (linked,) = linker.predict([document("foo fever", ("foo fever", "Disease"))])
    assert linked.mentions[0].concept_ids == ()
    assert all(candidate.score < 0.5 for candidate in linked.mentions[0].candidates)
    assert link(
        linker,
        "HeLa p.V600E cat",
        ("HeLa", "CellLine"),
        ("p.V600E", "Variant"),
        ("cat", "Chemical"),
    ) == [
        (),
        ("p|SUB|V|600|E",),
        (),
    ]


def test_a_short_form_means_what_the_document_says(linker: Linker) -> None:
    text = "In multiple sclerosis (MS) we saw MS in cats."
    surfaces = ("multiple sclerosis", "Disease"), ("MS", "Disease"), ("MS", "Disease")
    assert link(linker, text, *surfaces) == [("MESH:D009103",)] * 3
    assert link(linker, text, *surfaces, abbreviations=False) == [("MESH:D009103",)] * 3, (
        "by its letters"
    )
    assert link(linker, "We saw MS in cats.", ("MS", "Disease"), abbreviations=False) == [
        ("MESH:D008944",)
    ]


def test_short_forms_inside_a_mention_are_written_out(linker: Linker) -> None:
    text = "amyotrophic lateral sclerosis (ALS) and familial ALS."
    assert link(linker, text, ("familial ALS", "Disease")) == [("MESH:D000691",)]


def test_a_definition_inside_a_mention_is_left_out(linker: Linker) -> None:
    text = "phenylalanine hydroxylase (PAH) deficiency"
    assert link(linker, text, (text, "Disease")) == [("MESH:D010661",)]


@pytest.mark.parametrize(
    ("surface", "label", "ids"),
    [
        ("breast and ovarian cancer", "Disease", ("MESH:D001943", "MESH:D010051")),
        ("ovarian/breast cancers", "Disease", ("MESH:D001943", "MESH:D010051")),
        ("hepatitis B and C", "Disease", ("MESH:D006509", "MESH:D006526")),
        ("BRCA1/BRCA2", "Gene", ("NCBIGene:672", "NCBIGene:675")),
        ("BRCA1/2", "Gene", ("NCBIGene:672", "NCBIGene:675")),
        ("breast cancer and breast carcinoma", "Disease", ("MESH:D001943",)),
        ("breast and kidney cancer", "Disease", ()),
        ("BRCA1/3", "Gene", ()),
    ],
)
def test_composites_need_every_part(
    linker: Linker, surface: str, label: str, ids: tuple[str, ...]
) -> None:
    (linked,) = linker.predict([document(surface, (surface, label))])
    assert linked.mentions[0].concept_ids == ids
    assert {c.concept_id for c in linked.mentions[0].candidates if c.score >= 0.5} == set(ids)


def test_composites_are_less_sure_than_their_parts_and_obey_the_threshold(kb_path: Path) -> None:
    surface = "breast and ovarian cancer"
    for threshold, count in ((0.7, 2), (0.75, 0)):
        (linked,) = Linker(kb_path, threshold=threshold).predict(
            [document(surface, (surface, "Disease"))]
        )
        assert len(linked.mentions[0].concept_ids) == count
        assert all(0.7 <= c.score < 0.75 for c in linked.mentions[0].candidates[:count])


def test_rs_numbers_are_their_own_concepts(linker: Linker) -> None:
    text = "rs1799983, RS 123 and rsX"
    assert link(
        linker, text, ("rs1799983", "Variant"), ("RS 123", "Variant"), ("rsX", "Variant")
    ) == [
        ("dbSNP:rs1799983",),
        ("dbSNP:rs123",),
        (),
    ]
    assert link(linker, text, ("rs1799983", "Gene")) == [()]


def test_below_the_threshold_is_nil_but_shows_its_candidates(kb_path: Path) -> None:
    for threshold, ids in ((1.0, ()), (0.0, ("MESH:D001241",))):
        (linked,) = Linker(kb_path, threshold=threshold).predict(
            [document("aspirin", ("aspirin", "Chemical"))]
        )
        assert linked.mentions[0].concept_ids == ids
        assert [candidate.name for candidate in linked.mentions[0].candidates] == ["aspirin"]


def test_a_name_of_two_concepts_goes_to_the_likelier(tmp_path: Path) -> None:
    concepts = [
        Concept("X:1", "blue growth", ("odd fever",), ("Disease",)),
        Concept("X:2", "green swelling", ("odd fever",), ("Disease",)),
        Concept("X:3", "odd fewer", types=("Disease",)),
    ]
    kb = compile_kb(concepts, tmp_path / "kb", name="s", version="1", licence="CC0", sources={})
    asked = [document("An odd fever.", ("odd fever", "Disease"))]

    def given(threshold: float) -> Mention:
        (linked,) = Linker(kb, threshold=threshold).predict(asked)
        return linked.mentions[0]

    first, second, *_ = given(0.5).candidates
    assert {first.concept_id, second.concept_id} == {"X:1", "X:2"}
    assert given(first.score + 0.01).concept_ids == (first.concept_id,)
    assert given(first.score + second.score + 0.01).concept_ids == ()
    # Another concept in second place is no sharer of the name.
    del concepts[1]
    kb = compile_kb(concepts, tmp_path / "one", name="s", version="1", licence="", sources={})
    alone = given(0.5).candidates[0]
    assert alone.concept_id == "X:1"
    assert given(min(1.0, alone.score + 0.001)).concept_ids == ()


@pytest.mark.parametrize("threshold", [-0.1, 1.5])
def test_a_threshold_is_a_probability(threshold: float) -> None:
    with pytest.raises(ConfigError, match=f"threshold is {threshold}"):
        Linker(threshold=threshold)


def test_everything_else_of_the_documents_stays(linker: Linker) -> None:
    plain = document("aspirin", ("aspirin", "Chemical"))
    plain = replace(
        plain,
        mentions=(replace(plain.mentions[0], score=0.7, sources=("s",), concept_ids=("X:1",)),),
    )
    linked, empty = linker.predict([plain, Document("2", "")])
    assert empty == Document("2", "", abbreviations=())
    assert replace(linked, mentions=()) == replace(plain, mentions=())
    assert (linked.mentions[0].score, linked.mentions[0].sources) == (0.7, ("s",))
    assert linked.mentions[0].concept_ids == ("MESH:D001241",)
    assert linker.predict([]) == []


def test_one_knowledge_base_for_each_label(kb_path: Path, tmp_path: Path) -> None:
    other = compile_kb(
        [Concept("O:1", "aspirin"), Concept("O:2", "seizure")],
        tmp_path / "other",
        name="other",
        version="1",
        licence="CC0",
        sources={},
    )
    surfaces = (("aspirin", "Chemical"), ("seizure", "Disease"))
    by_label = Linker({"Chemical": str(other), "Disease": KnowledgeBase.open(kb_path)})
    assert link(by_label, "aspirin, seizure, cat", *surfaces, ("cat", "Species")) == [
        ("O:1",),
        ("HP:0001250",),
        (),
    ]
    bases = {used.label: used for used in by_label.resources() if used.role == "kb"}
    assert {label: used.name for label, used in bases.items()} == {
        "Chemical": "other",
        "Disease": "small",
    }
    assert bases["Disease"].hash == KnowledgeBase.open(kb_path).hash
    with_rest = Linker({"Chemical": other, "": kb_path})
    assert link(with_rest, "aspirin, seizure", *surfaces) == [("O:1",), ("HP:0001250",)]


def test_types_of_others_are_not_filtered_unless_asked(tmp_path: Path) -> None:
    concepts = [
        Concept("U:1", "asthma", types=("T047",)),
        Concept("U:2", "asthma", types=("T184",)),
    ]
    path = compile_kb(
        concepts, tmp_path / "kb", name="umls", version="1", licence="own", sources={}
    )
    mention = ("asthma", "Disease")
    assert link(Linker(path), "asthma", mention) == [("U:1",)]
    assert link(Linker(path, types={"Disease": ["T184"]}), "asthma", mention) == [("U:2",)]
    assert link(Linker(path, types={"Gene": ["T028"]}), "asthma", mention) == [("U:1",)]


def test_a_missing_knowledge_base_is_said_at_first_use(tmp_path: Path) -> None:
    linker = Linker(tmp_path / "none")
    with pytest.raises(KnowledgeBaseError, match="There is no knowledge base folder"):
        linker.predict([document("aspirin", ("aspirin", "Chemical"))])


def test_pickling_keeps_the_settings_and_not_the_pages(linker: Linker) -> None:
    mention = ("aspirin", "Chemical")
    expected = link(linker, "aspirin", mention)
    pickled = pickle.dumps(linker)
    assert len(pickled) < 2000
    assert link(pickle.loads(pickled), "aspirin", mention) == expected


def test_equal_surfaces_are_looked_up_once(
    linker: Linker, monkeypatch: pytest.MonkeyPatch, kb_path: Path
) -> None:
    asked: list[str] = []
    bearers = KnowledgeBase.bearers

    def counted(self: KnowledgeBase, names: list[str], **options: object) -> list[object]:
        asked.extend(names)
        return bearers(self, names, **options)

    monkeypatch.setattr(KnowledgeBase, "bearers", counted)
    fresh = Linker(kb_path)
    documents = [document("aspirin aspirin", ("aspirin", "Chemical"), ("aspirin", "Chemical"))] * 3
    assert (
        len({mention.concept_ids for each in fresh.predict(documents) for mention in each.mentions})
        == 1
    )
    fresh.predict(documents)
    assert asked == ["aspirin"]


def test_links_are_kept_for_a_bounded_number_of_mentions(
    kb_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("biopipe.linking.linker._CACHED_LINKS", 3)
    linker = Linker(kb_path)
    words = ["aspirin", "seizure", "cat", "aspirin", "BRCA1", "BRCA2", "aspirin", "CAT"]
    for word in words:
        linker.predict([Document("d", word, mentions=(Mention(0, len(word), "Chemical"),))])
        assert len(linker._links) <= 3
    assert [request.surface_forms[0] for request in linker._links] == ["BRCA2", "aspirin", "CAT"]


@pytest.mark.parametrize(
    ("surface", "concepts"),
    [
        ("Wild-type p53", ("NCBIGene:7157",)),
        ("wild type p53", ("NCBIGene:7157",)),
        ("constitutively active p53 protein", ("NCBIGene:7157",)),
        # The initials of words that the gene does not have.
        ("peripheral tissue hormone", ()),
    ],
)
def test_what_stands_around_a_symbol_need_not_be_in_the_names_of_its_gene(
    tmp_path: Path, surface: str, concepts: tuple[str, ...]
) -> None:
    genes = [
        Concept("NCBIGene:7157", "TP53", types=("Gene",), synonyms=("p53",)),
        Concept("NCBIGene:5741", "PTH", types=("Gene",), synonyms=("parathyroid factor",)),
    ]
    compile_kb(genes, tmp_path / "genes", name="g", version="1", licence="", sources={})
    assert link(Linker(tmp_path / "genes"), surface, (surface, "Gene")) == [concepts]
