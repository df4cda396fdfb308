"""Lookups, order of candidates, concepts by id, pickling."""

import pickle
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biopipe.document import Candidate
from biopipe.errors import KnowledgeBaseError
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept
from biopipe.text.normalize import normalize_name


def ids(candidates: list[Candidate]) -> list[str]:
    return [candidate.concept_id for candidate in candidates]


@pytest.mark.parametrize(
    "name",
    [
        "Diabetes Mellitus, Type 2",
        "diabetes mellitus type II",
        "type 2 diabetes mellitus",
        "the NIDDM",
        "Niddm",
    ],
)
def test_spellings_of_a_name_find_its_concept(kb: KnowledgeBase, name: str) -> None:
    (candidate,) = kb.lookup(name)
    assert (candidate.concept_id, candidate.name) == ("MESH:D003924", "Diabetes Mellitus, Type 2")
    assert 0 < candidate.score <= 1


def test_closer_matches_score_higher(kb: KnowledgeBase) -> None:
    names = ["Diabetes Mellitus, Type 2", "Diabetes mellitus, type II", "type 2 diabetes mellitus"]
    scores = [kb.lookup(name)[0].score for name in names]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 3


@pytest.mark.parametrize(
    "name", ["", " ", "(-)", "Diabetes", "Sugar disease", "Old diabetes", "asthmatic"]
)
def test_unknown_empty_broad_and_retired_names_find_nothing(kb: KnowledgeBase, name: str) -> None:
    assert kb.lookup(name) == []


def test_case_tells_a_symbol_from_a_word(kb: KnowledgeBase) -> None:
    assert kb.lookup("WAS")[0].score >= 0.5 > kb.lookup("was")[0].score
    assert kb.lookup("CAT")[0].score < kb.lookup("cat")[0].score


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("pRP6", ["NCBIGene:1"]),
        ("CSRs", ["NCBIGene:2"]),
        ("CSRS", ["NCBIGene:2"]),
        ("pRPS6", []),
        ("CsrS", []),
    ],
)
def test_a_capital_s_of_a_symbol_is_no_plural(
    compiled: Callable[..., Path], name: str, found: list[str]
) -> None:
    symbols = (
        Concept("NCBIGene:1", "pRP6", ("RP6",), types=("Gene",)),
        Concept("NCBIGene:2", "CSR", types=("Gene",)),
    )
    assert ids(KnowledgeBase.open(compiled(*symbols)).lookup(name)) == found


def test_of_words_the_preferred_name_goes_before_synonyms_in_closer_spelling(
    tmp_path: Path,
) -> None:
    concepts = [
        Concept("MESH:D1", "Vascular Diseases", ("heart disease",), ("Disease",)),
        Concept("MESH:D2", "Heart Diseases", ("heart disease",), ("Disease",)),
        Concept("MESH:D3", "Amines", types=("Disease",)),
        Concept("MESH:D4", "Amine", types=("Disease",)),
        Concept("MESH:D5", "Other", ("amine",), ("Disease",)),
    ]
    compile_kb(concepts, tmp_path / "kb", name="n", version="1", licence="CC0", sources={})
    base = KnowledgeBase.open(tmp_path / "kb")
    assert ids(base.lookup("heart disease")) == ["MESH:D2", "MESH:D1"]
    first, *others = base.lookup("amine")
    assert first.concept_id == "MESH:D4"
    assert sum(candidate.score for candidate in others) < first.score


def test_a_symbol_letter_by_letter_goes_before_another_spelling_of_it(tmp_path: Path) -> None:
    human = ("Gene", "NCBITaxon:9606")
    concepts = [
        Concept("NCBIGene:7248", "TSC1", ("hamartin",), human),
        Concept("NCBIGene:10344", "CCL26", ("TSC-1",), human),
    ]
    compile_kb(concepts, tmp_path / "kb", name="n", version="1", licence="", sources={})
    kb = KnowledgeBase.open(tmp_path / "kb")
    first, second = kb.lookup("TSC1")
    assert (first.concept_id, second.concept_id) == ("NCBIGene:7248", "NCBIGene:10344")
    assert second.score < 0.2 * first.score
    # The letters of the synonym are those of its gene: "ALG-2" is PDCD6 and not ALG2.
    synonym = next(c for c in kb.lookup("TSC-1") if c.concept_id == "NCBIGene:10344")
    assert synonym.score > 2 * second.score


def test_a_heading_goes_before_a_supplementary_concept_of_its_name(tmp_path: Path) -> None:
    concepts = [
        Concept("PUBCHEM:1", "formic acid", ("acids",), ("Chemical",), xrefs=("MESH:C1",)),
        Concept("PUBCHEM:2", "sodium acetate", ("acids",), ("Chemical",), xrefs=("MESH:D2",)),
        Concept("PUBCHEM:3", "lone acid", ("formic acid",), ("Chemical",)),
    ]
    settings = {"name": "n", "version": "1", "licence": "CC0", "sources": {}}
    path = compile_kb(concepts, tmp_path / "kb", **settings, prefer=["MESH"])
    base = KnowledgeBase.open(path)
    first, second = base.lookup("acids")
    assert first.concept_id == "MESH:D2"
    assert second.concept_id == "MESH:C1", "shown under the preferred system all the same"
    assert second.score < 0.2 * first.score
    # Where no heading has the name, what is shown decides nothing.
    assert ids(base.lookup("formic acid")) == ["MESH:C1", "PUBCHEM:3"]


def test_types_filter_and_break_ties(kb: KnowledgeBase) -> None:
    assert ids(kb.lookup("asthma", types=("Phenotype",))) == ["HP:0002099"]
    assert ids(kb.lookup("asthma", types=("Disease", "Phenotype"))) == [
        "MESH:D001249",
        "HP:0002099",
    ]
    assert ids(kb.lookup("asthma", types=("Phenotype", "Disease"))) == [
        "HP:0002099",
        "MESH:D001249",
    ]
    assert kb.lookup("asthma", types=("Gene",)) == []


def test_the_same_name_in_two_vocabularies_is_not_ambiguous(kb: KnowledgeBase) -> None:
    assert len({candidate.score for candidate in kb.lookup("Asthma")}) == 1
    assert kb.lookup("Asthma")[0].score > kb.lookup("cold")[0].score


def test_ties_are_broken_by_kind_then_match_then_number(kb: KnowledgeBase) -> None:
    assert ids(kb.lookup("cold")) == ["X:10", "X:9", "X:11"]
    assert ids(kb.lookup("COLDS")) == ["X:9", "X:10", "X:11"]
    assert sum(candidate.score for candidate in kb.lookup("cold")) <= 1


def test_word_order_does_not_join_chemical_locants(kb: KnowledgeBase) -> None:
    assert ids(kb.lookup("1-amino-2-propanol")) == ["C:1"]
    assert kb.lookup("propanol 1-amino-2") == []


NAMES = ("", "(-)", "cold", "COLDS", "asthma", "WAS", "cat", "CAT", "NIDDM", "no such name")
MOVED_NAMES = ("type 2 diabetes mellitus", "1-amino-2-propanol", "propanol 1-amino-2")


@given(
    st.lists(st.sampled_from(NAMES + MOVED_NAMES)),
    st.sampled_from([None, ("Disease",), ("Phenotype", "Disease"), ("Gene",)]),
    st.booleans(),
)
def test_many_names_are_looked_up_as_each_alone(
    kb: KnowledgeBase, names: list[str], types: tuple[str, ...] | None, narrowed: bool
) -> None:
    allowed = kb.select(types=("Disease", "Gene")) if narrowed else None
    together = kb.bearers(names, types=types, allowed=allowed)
    assert [
        [(kb.concept_id(bearer.concept), bearer.score) for bearer in of_name]
        for of_name in together
    ] == [
        [(candidate.concept_id, candidate.score) for candidate in candidates]
        for candidates in (kb.lookup(name, types=types, allowed=allowed) for name in names)
    ]


def test_concepts_by_id(kb: KnowledgeBase) -> None:
    concept = kb.concept("MESH:D003924")
    assert concept == Concept(
        "MESH:D003924",
        "Diabetes Mellitus, Type 2",
        ("NIDDM", "Maturity-Onset Diabetes", "Sugar disease"),
        ("Disease",),
        "A kind of diabetes.",
        ("MESH:D003920",),
        synonym_kinds=("exact", "related", "broad"),
        source="MeSH",
    )
    assert kb.concept("MESH:D000").replaced_by == "MESH:D003924"
    with pytest.raises(KeyError):
        kb.concept("MESH:D9")


def test_contains_and_length_count_concepts(kb: KnowledgeBase) -> None:
    assert "X:9" in kb
    assert "X:8" not in kb
    assert 9 not in kb
    assert len(kb) == 10


def test_what_it_says_of_itself(kb: KnowledgeBase) -> None:
    assert (kb.name, kb.version, kb.manifest.licence) == ("test", "7", "CC0")
    assert kb.types == {"Chemical": 3, "Disease": 5, "Gene": 1, "Phenotype": 1}
    assert re.fullmatch("[0-9a-f]{64}", kb.hash)


def test_pickling_opens_the_same_directory(kb: KnowledgeBase) -> None:
    pickled = pickle.dumps(kb)
    assert len(pickled) < 500
    again = pickle.loads(pickled)
    assert (again.path, again.hash, again.lookup("asthma")) == (
        kb.path,
        kb.hash,
        kb.lookup("asthma"),
    )


def test_equal_input_gives_an_equal_hash(kb: KnowledgeBase, compiled: Callable[..., Path]) -> None:
    assert KnowledgeBase.open(compiled()).hash == kb.hash
    assert KnowledgeBase.open(compiled(Concept("X:1", "a"))).hash != kb.hash


def test_a_same_size_change_of_an_unhashed_file_does_not_pass_for_a_knowledge_base(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(kb.path, tmp_path / "kb"))
    names = copy / "names.arrow"
    names.write_bytes(b"\0" * names.stat().st_size)
    with pytest.raises(KnowledgeBaseError, match="cannot be read"):
        KnowledgeBase(copy, kb.manifest)


@settings(max_examples=150)
@given(st.text(max_size=30))
def test_any_text_may_be_looked_up(kb: KnowledgeBase, name: str) -> None:
    for candidate in kb.lookup(name):
        assert 0 <= candidate.score <= 1


@settings(max_examples=60)
@given(
    st.lists(
        st.text(alphabet="abAB12-α '", min_size=1, max_size=6), min_size=1, max_size=12, unique=True
    )
)
def test_every_name_with_a_form_is_found(compiled: Callable[..., Path], names: list[str]) -> None:
    concepts = [Concept(f"T:{number}", name) for number, name in enumerate(names)]
    if not any(normalize_name(name) for name in names):
        return
    kb = KnowledgeBase.open(compiled(*concepts))
    for concept in concepts:
        found = concept.id in ids(kb.lookup(concept.name))
        assert found == bool(normalize_name(concept.name))
