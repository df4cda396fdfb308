"""Similar names by 3-grams: scores are the cosines a plain computation gives, whatever is
pruned.
"""

import math
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biopipe.errors import KnowledgeBaseError
from biopipe.kb import ngram, ngram_query
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.build.ngram_build import build_ngrams
from biopipe.kb.grams import grams
from biopipe.kb.groups import NameHit
from biopipe.kb.schema import Concept
from biopipe.text.normalize import normalize_name

WORDS = (
    "acute",
    "renal",
    "failure",
    "chronic",
    "disease",
    "heart",
    "cardiac",
    "fibrosis",
    "type 2",
    "ß-cell",
)


def trigrams(name: str) -> frozenset[str]:
    words = normalize_name(name).split()
    return frozenset(f" {word} "[i : i + 3] for word in words for i in range(len(word)))


def cosines(query: str, names: list[str]) -> list[float]:
    """TF-IDF cosines of distinct normal forms, written out."""
    sets = [trigrams(name) for name in names]
    having = Counter(gram for each in sets for gram in each)

    def square(each: frozenset[str]) -> float:
        return sum((math.log((1 + len(sets)) / (1 + having[gram])) + 1) ** 2 for gram in each)

    asked = trigrams(query)
    return [square(asked & each) / math.sqrt(square(asked) * square(each)) for each in sets]


def build(directory: Path, *concepts: Concept) -> KnowledgeBase:
    compile_kb(concepts, directory, name="t", version="1", licence="CC0", sources={})
    return KnowledgeBase.open(directory)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> tuple[KnowledgeBase, list[str]]:
    choose = random.Random(4)
    names = {
        normalize_name(f"{' '.join(choose.sample(WORDS, 3))} {n % 97}"): None for n in range(1500)
    }
    kb = build(
        tmp_path_factory.mktemp("many") / "kb",
        *(Concept(f"A:{n}", name) for n, name in enumerate(names)),
    )
    return kb, list(names)


@pytest.fixture(params=["all entries", "likely entries"])
def search(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to search: adding up all lists, and leaving out what cannot be good enough."""
    if request.param == "likely entries":
        monkeypatch.setattr(ngram, "_FEW_ENTRIES", 0)
        monkeypatch.setattr(ngram_query, "_POOL", 50)


def test_every_letter_is_the_middle_of_one_gram() -> None:
    codes, lines = grams("ab 7\nc")
    units = [[code >> 32, (code >> 16) & 0xFFFF, code & 0xFFFF] for code in codes.tolist()]
    texts = ["".join(map(chr, each)) for each in units]
    assert texts == [" ab", "ab ", " 7 ", " c "]
    assert lines.tolist() == [0, 0, 0, 1]


@pytest.mark.usefixtures("search")
@pytest.mark.parametrize(
    "query",
    [
        "acute renal failure 12",
        "Failures, renal; chronic",
        "cardiac hepatik fibrosis 3",
        "β-cell",
        "xyz 2",
    ],
)
@pytest.mark.parametrize("k", [1, 20])
def test_scores_are_the_cosines_of_a_plain_computation(
    many: tuple[KnowledgeBase, list[str]], query: str, k: int
) -> None:
    kb, names = many
    scores = cosines(query, names)
    expected = sorted((score for score in scores if score > 0), reverse=True)[:k]
    (hits,) = kb.search_ngrams([query], k)
    assert [hit.score for hit in hits] == pytest.approx(expected, abs=1e-6)
    assert [scores[hit.concept] for hit in hits] == pytest.approx(expected, abs=1e-6)


@pytest.mark.usefixtures("search")
def test_filters_apply_before_the_best_are_taken(many: tuple[KnowledgeBase, list[str]]) -> None:
    kb, names = many
    allowed = np.zeros(len(kb), bool)
    allowed[5::50] = True
    (hits,) = kb.search_ngrams(["acute renal failure"], 10, allowed)
    scores = [
        score for row, score in enumerate(cosines("acute renal failure", names)) if allowed[row]
    ]
    assert all(allowed[hit.concept] for hit in hits)
    assert [hit.score for hit in hits] == pytest.approx(sorted(scores, reverse=True)[:10], abs=1e-6)
    assert kb.search_ngrams(["acute"], 10, np.zeros(len(kb), bool)) == [[]]


def test_both_ways_give_the_very_same_hits(
    many: tuple[KnowledgeBase, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    kb, names = many
    allowed = np.arange(len(kb)) % 3 > 0
    asked = [*names[::25], *(name[1:] for name in names[::40]), "qqqqq", "heart 1", "failure"]
    monkeypatch.setattr(ngram_query, "_POOL", 50)
    hits = [kb.search_ngrams(asked, 5, mask) for mask in (None, allowed)]
    monkeypatch.setattr(ngram, "_FEW_ENTRIES", 0)
    assert hits == [kb.search_ngrams(asked, 5, mask) for mask in (None, allowed)]


def test_names_asked_for_together_are_answered_as_alone(
    many: tuple[KnowledgeBase, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    kb, names = many
    monkeypatch.setattr("biopipe.kb.weighted_grams._BLOCK_NAMES", 3)
    asked = ["zzzzz", "acute zzz", *names[:8], "", names[0]]
    assert kb.search_ngrams(asked, 4) == [kb.search_ngrams([name], 4)[0] for name in asked]


def test_a_concept_is_found_once_by_its_best_name(tmp_path: Path) -> None:
    forms = tuple(f"renal failure {word}" for word in WORDS)
    kb = build(tmp_path / "kb", Concept("A:1", "kidney", forms), Concept("A:2", "renal failing"))
    (hits,) = kb.search_ngrams(["renal failure heart"], 2)
    assert [kb.concept_id(hit.concept) for hit in hits] == ["A:1", "A:2"]
    assert kb.name_text(hits[0].name) == "renal failure heart"
    assert hits[0].score == pytest.approx(1)


def test_one_name_of_several_concepts_gives_them_all_preferred_names_first(tmp_path: Path) -> None:
    kb = build(
        tmp_path / "kb",
        Concept("A:1", "ice", ("Cold",)),
        Concept("A:2", "COLD"),
        Concept("A:3", "frost", ("cold",), synonym_kinds=("related",)),
    )
    (hits,) = kb.search_ngrams(["colds"], 5)
    assert [(kb.concept_id(hit.concept), kb.name_kind(hit.name)) for hit in hits] == [
        ("A:2", "name"),
        ("A:1", "exact"),
        ("A:3", "related"),
    ]
    assert kb.search_ngrams(["colds"], 1) == [hits[:1]]


def test_word_order_plays_no_part_and_unknown_grams_count(
    many: tuple[KnowledgeBase, list[str]],
) -> None:
    kb, names = many
    turned = " ".join(reversed(names[0].split()))
    (same,), (longer,) = (kb.search_ngrams([query], 1)[0] for query in (turned, turned + " qqqqq"))
    assert isinstance(same, NameHit)
    assert (same.concept, same.score) == (0, pytest.approx(1))
    assert longer.score < 0.8


def test_what_has_no_letters_or_no_known_gram_finds_nothing(
    many: tuple[KnowledgeBase, list[str]],
) -> None:
    assert many[0].search_ngrams(["", "(-)", "中文", "cardiac"], 3)[:3] == [[], [], []]
    assert many[0].search_ngrams([], 3) == []


@settings(max_examples=60)
@given(st.text(max_size=40))
def test_any_text_may_be_asked_for(many: tuple[KnowledgeBase, list[str]], query: str) -> None:
    (hits,) = many[0].search_ngrams([query], 5)
    assert all(0 < hit.score <= 1 for hit in hits)
    assert hits == sorted(hits, key=lambda hit: -hit.score)


def test_many_blocks_give_the_same_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"name {n} of {WORDS[n % 10]}" for n in range(500)]
    for size in (500, 64):
        monkeypatch.setattr("biopipe.kb.build.ngram_build.BLOCK_NAMES", size)
        (tmp_path / str(size)).mkdir()
        blocks = [names[first : first + size] for first in range(0, 500, size)]
        done: list[int] = []
        build_ngrams(tmp_path / str(size), blocks, 500, done.append)
        assert done[-1] == 500
    for file in (tmp_path / "500").iterdir():
        assert file.read_bytes() == (tmp_path / "64" / file.name).read_bytes(), file.name


def test_a_knowledge_base_without_the_index(tmp_path: Path) -> None:
    compile_kb(
        [Concept("A:1", "a")],
        tmp_path / "kb",
        name="t",
        version="1",
        licence="",
        sources={},
        ngrams=False,
    )
    kb = KnowledgeBase.open(tmp_path / "kb")
    assert not kb.has_ngrams
    with pytest.raises(KnowledgeBaseError, match="no n-gram index; build it again"):
        kb.search_ngrams(["a"], 1)
