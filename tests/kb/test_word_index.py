"""Similar names from an index by words: the very same hits as from lists of 3-grams, and those of a
plain computation.
"""

import math
import random
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biopipe.kb import ngram, word_index, word_query
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build import indexes, word_build
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.ngram import NgramIndex
from biopipe.kb.schema import Concept
from biopipe.kb.word_index import WordIndex
from biopipe.kb.word_postings import LOOKED_FOR_WORDS
from biopipe.text.normalize import normalize_name

PARTS = ("acute", "renal", "failure", "chronic", "disease", "heart", "cardiac", "fibrosis", "2")
ENDINGS = ("itis", "osis", "oma", "emia", "pathy", "ectomy", "gram")
ROOTS = ("nephr", "cardi", "hepat", "gastr", "neur", "arthr", "derm", "lymph")


def random_names(count: int, most_words: int) -> list[str]:
    choose = random.Random(4)
    words = [*PARTS, *(root + ending for root in ROOTS for ending in ENDINGS)]
    made = (
        " ".join(choose.sample(words, choose.randint(1, most_words - 1)) + [str(n % 97)] * (n % 2))
        for n in range(count)
    )
    return list(dict.fromkeys(normalize_name(name) for name in made))


def build(directory: Path, names: list[str], *, by_words: bool) -> KnowledgeBase:
    """Two names a concept, so that concepts and entries differ in number."""
    concepts = (
        Concept(f"A:{n}", names[n], tuple(names[n + 1 : n + 2])) for n in range(0, len(names), 2)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(indexes, "_BY_WORDS_ABOVE", 0 if by_words else len(names))
        patch.setattr(word_build, "_BLOCK", 128)
        compile_kb(concepts, directory, name="t", version="1", licence="CC0", sources={})
    return KnowledgeBase.open(directory)


@pytest.fixture(scope="module")
def names() -> list[str]:
    return random_names(1500, LOOKED_FOR_WORDS)


@pytest.fixture(scope="module")
def by_grams(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> KnowledgeBase:
    return build(tmp_path_factory.mktemp("grams") / "kb", names, by_words=False)


@pytest.fixture(scope="module")
def by_words(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> KnowledgeBase:
    return build(tmp_path_factory.mktemp("words") / "kb", names, by_words=True)


@pytest.fixture
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pools, pieces and lists so small that every way through a search is taken."""
    for name, value in (
        ("_POOL", 32),
        ("_POOL_OF_WORD", 4),
        ("_SCORED", 16),
        ("_SCORED_PER_CONCEPT", 1),
        ("_READ_AT_ONCE", 64),
        ("_FEW_POSTINGS", 2),
    ):
        monkeypatch.setattr(word_query, name, value)
    monkeypatch.setattr(word_index, "FEW_ENTRIES", 100)


def asked_for(names: list[str]) -> list[str]:
    return [
        *names[::70],
        *(name[1:] for name in names[::110]),
        *(f"{name}s" for name in names[::130]),
        *(name.replace("itis", "ites") for name in names[::170]),
        "qqqqq",
        "heart",
        "2",
        "acute qqqqq",
        "",
        "中文",
    ]


def test_the_files_say_which_index_answers(
    by_grams: KnowledgeBase, by_words: KnowledgeBase
) -> None:
    assert isinstance(by_grams.files.ngrams, NgramIndex)
    assert isinstance(by_words.files.ngrams, WordIndex)


@pytest.mark.usefixtures("_small_steps")
@pytest.mark.parametrize("k", [1, 20, 1000])
@pytest.mark.parametrize("every", [None, 1, 3, 20, 300])
def test_hits_are_those_of_lists_of_grams(
    by_grams: KnowledgeBase, by_words: KnowledgeBase, names: list[str], k: int, every: int | None
) -> None:
    allowed = None if every is None else np.arange(len(by_grams)) % every == 0
    asked = asked_for(names)
    assert by_words.search_ngrams(asked, k, allowed) == by_grams.search_ngrams(asked, k, allowed)


def test_hits_with_the_usual_steps(
    by_grams: KnowledgeBase,
    by_words: KnowledgeBase,
    names: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ngram, "_FEW_ENTRIES", 0)
    monkeypatch.setattr(word_index, "FEW_ENTRIES", 0)
    allowed = np.arange(len(by_grams)) % 3 > 0
    asked = asked_for(names)
    for mask in (None, allowed):
        assert by_words.search_ngrams(asked, 20, mask) == by_grams.search_ngrams(asked, 20, mask)


def test_nothing_is_allowed(by_words: KnowledgeBase) -> None:
    assert by_words.search_ngrams(["acute"], 10, np.zeros(len(by_words), bool)) == [[]]


def test_long_names_are_found_and_few_neighbours_are_not(tmp_path: Path) -> None:
    names = random_names(1500, 14)
    by_words, by_grams = (
        build(tmp_path / str(by_words), names, by_words=by_words) for by_words in (True, False)
    )
    long = [name for name in names if len(name.split()) > LOOKED_FOR_WORDS][::15]
    for hits in by_words.search_ngrams(long, 1):
        assert hits[0].score == pytest.approx(1)
    asked = [*long, *(name[2:] for name in long)]
    expected = by_grams.search_ngrams(asked, 20)
    shared = [
        len(set(a) & set(b))
        for a, b in zip(expected, by_words.search_ngrams(asked, 20), strict=True)
    ]
    assert sum(shared) >= 0.98 * sum(map(len, expected))


def trigrams(name: str) -> frozenset[str]:
    words = normalize_name(name).split()
    return frozenset(f" {word} "[i : i + 3] for word in words for i in range(len(word)))


def plain_scores(query: str, names: list[str]) -> list[float]:
    """TF-IDF cosines of distinct normal forms, written out."""
    sets = [trigrams(name) for name in names]
    having = Counter(gram for grams in sets for gram in grams)

    def square(grams: frozenset[str]) -> float:
        return sum((math.log((1 + len(sets)) / (1 + having[gram])) + 1) ** 2 for gram in grams)

    asked = trigrams(query)
    return [
        square(asked & grams) / math.sqrt(square(asked) * square(grams)) if asked else 0.0
        for grams in sets
    ]


# Few letters, so that words share 3-grams with each other and within a name.
WORD = st.text("abß1", min_size=1, max_size=6)
NAME = st.lists(WORD, min_size=1, max_size=LOOKED_FOR_WORDS).map(" ".join)


@pytest.mark.usefixtures("_small_steps")
@settings(max_examples=60)
@given(st.lists(NAME, min_size=1, max_size=40), NAME, st.integers(1, 12), st.integers(1, 4))
def test_the_best_are_those_of_a_plain_computation(
    stored: list[str], query: str, k: int, every: int
) -> None:
    forms = list(dict.fromkeys(normalize_name(name) for name in stored))
    with tempfile.TemporaryDirectory() as temporary, pytest.MonkeyPatch.context() as patch:
        patch.setattr(indexes, "_BY_WORDS_ABOVE", 0)
        compile_kb(
            [Concept(f"A:{n}", form) for n, form in enumerate(forms)],
            Path(temporary) / "kb",
            name="t",
            version="1",
            licence="CC0",
            sources={},
        )
        kb = KnowledgeBase.open(Path(temporary) / "kb")
        allowed = np.arange(len(forms)) % every == 0
        (hits,) = kb.search_ngrams([query], k, allowed)
    scores = [
        score * allow for score, allow in zip(plain_scores(query, forms), allowed, strict=True)
    ]
    expected = sorted((score for score in scores if score > 0), reverse=True)[:k]
    assert [hit.score for hit in hits] == pytest.approx(expected, abs=1e-6)
    assert [scores[hit.concept] for hit in hits] == pytest.approx(expected, abs=1e-6)


def test_a_search_in_several_threads(by_words: KnowledgeBase, names: list[str]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    asked = asked_for(names)
    alone = by_words.search_ngrams(asked, 5)
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(lambda name: by_words.search_ngrams([name], 5)[0], asked)
    assert list(answers) == alone
