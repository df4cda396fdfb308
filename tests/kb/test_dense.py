"""Vectors of names: what is encoded, what is found, exactly and approximately, and whose vectors
they are.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.build.dense_build import build_dense
from biopipe.kb.build.group_build import save_groups
from biopipe.kb.dense import DenseIndex
from biopipe.kb.groups import NameGroups
from biopipe.kb.hashing import name_hash
from biopipe.kb.schema import Concept

ABOUT = {"name": "t", "version": "1", "licence": "CC0", "sources": {}}
DIMENSION = 48


class HashEncoder:
    """Random vectors that a text determines, and a record of what was encoded."""

    name, hash, dimension = "hash-encoder", "ab" * 32, DIMENSION

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, names: Sequence[str]) -> npt.NDArray[np.float32]:
        self.seen += names
        rows = [np.random.default_rng(name_hash(name)).normal(size=DIMENSION) for name in names]
        vectors = np.array(rows, np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def build(directory: Path, *concepts: Concept) -> tuple[KnowledgeBase, list[str]]:
    encoder = HashEncoder()
    kb = KnowledgeBase.open(compile_kb(concepts, directory, **ABOUT, encoder=encoder))
    return kb, encoder.seen


def test_texts_are_encoded_once_and_homonyms_with_what_tells_them_apart(tmp_path: Path) -> None:
    kb, seen = build(
        tmp_path / "kb",
        Concept("A:1", "Asthma", types=("Disease",)),
        Concept("A:2", "asthma", types=("Phenotype",)),
        Concept("A:3", "forkhead box P2", ("FOXP2", "CAGH44"), ("Gene",)),
        Concept(
            "A:4",
            "Forkhead box P2",
            ("FOXP2", "broad one"),
            ("Gene",),
            synonym_kinds=("exact", "broad"),
        ),
        Concept("A:5", "cold"),
        Concept("A:6", "COLD"),
        Concept("A:7", "retired", replaced_by="A:1"),
    )
    assert seen == [
        "Asthma (Disease)",
        "asthma (Phenotype)",
        "forkhead box P2 (Gene)",
        "FOXP2 (forkhead box P2)",
        "CAGH44",
        "Forkhead box P2 (Gene)",
        "FOXP2 (Forkhead box P2)",
        "cold",
        "COLD",
    ]
    assert kb.manifest.encoder == {
        "name": "hash-encoder",
        "hash": "ab" * 32,
        "dimension": DIMENSION,
        "texts": 9,
        "vectors": "int8, compared exactly",
    }


def test_the_same_text_of_two_concepts_is_one_vector(tmp_path: Path) -> None:
    kb, seen = build(
        tmp_path / "kb", Concept("A:1", "a gene", ("G1",)), Concept("A:2", "a gene", ("G1",))
    )
    assert seen == ["a gene", "G1 (a gene)"]
    (hits,) = kb.search_dense(HashEncoder().encode(["G1 (a gene)"]), 5)
    assert [kb.concept_id(hit.concept) for hit in hits] == ["A:1", "A:2"]
    assert [kb.name_text(hit.name) for hit in hits] == ["G1", "G1"]
    assert hits[0].score == pytest.approx(1, abs=1e-3)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    concepts = (Concept(f"A:{n}", f"x {n}", (f"y {n}", f"z {n}")) for n in range(3000))
    return build(tmp_path_factory.mktemp("many") / "kb", *concepts)[0]


def expected(
    queries: npt.NDArray[np.float32], allowed: npt.NDArray[np.bool_], k: int
) -> list[list[float]]:
    names = [f"{letter} {n}" for n in range(3000) for letter in "xyz"]
    cosines = (queries @ HashEncoder().encode(names).T).reshape(len(queries), 3000, 3).max(axis=2)
    cosines[:, ~allowed] = -1
    return (-np.sort(-cosines, axis=1)[:, :k]).tolist()


@pytest.mark.parametrize("step", [1, 40])
def test_the_nearest_are_found_and_filters_apply_before(many: KnowledgeBase, step: int) -> None:
    queries = HashEncoder().encode(["x 5", "no such name", "z 2999"])
    allowed = np.zeros(3000, bool)
    allowed[5::step] = True
    found = many.search_dense(queries, 20, allowed)
    for hits, scores in zip(found, expected(queries, allowed, 20), strict=True):
        assert all(allowed[hit.concept] for hit in hits)
        assert len({hit.concept for hit in hits}) == 20
        assert [hit.score for hit in hits] == pytest.approx(scores, abs=0.01)
    if step == 1:
        assert many.search_dense(queries, 20)[0][0].concept == 5


@pytest.mark.parametrize("together", [1, 2, 3, 7, 50])
def test_scores_are_the_same_bits_whatever_is_asked_with_them(
    many: KnowledgeBase, together: int
) -> None:
    queries = HashEncoder().encode([f"w {n} x {n * 7}" for n in range(50)])
    found = [
        hits
        for start in range(0, len(queries), together)
        for hits in many.search_dense(queries[start : start + together], 20)
    ]
    assert found == many.search_dense(queries, 20)


def test_fewer_than_asked_for(many: KnowledgeBase) -> None:
    allowed = np.zeros(3000, bool)
    allowed[[3, 4]] = True
    queries = HashEncoder().encode(["x 3"])
    assert [hit.concept for hit in many.search_dense(queries, 20, allowed)[0]] == [3, 4]
    assert many.search_dense(queries, 20, np.zeros(3000, bool)) == [[]]
    assert many.search_dense(np.zeros((0, DIMENSION), np.float32), 20) == []


@pytest.mark.parametrize("shape", [(1, DIMENSION + 1), (DIMENSION,)])
def test_vectors_of_another_shape(many: KnowledgeBase, shape: tuple[int, ...]) -> None:
    with pytest.raises(KnowledgeBaseError, match=f"dimension {DIMENSION}"):
        many.search_dense(np.zeros(shape, np.float32), 20)


def test_whose_vectors_they_are(many: KnowledgeBase, tmp_path: Path) -> None:
    assert many.encoder == ("hash-encoder", "ab" * 32)
    many.check_encoder("renamed", "ab" * 32)
    with pytest.raises(
        KnowledgeBaseError,
        match=r"of the encoder hash-encoder \(abab.*not of other .*build it again",
    ):
        many.check_encoder("other", "cd" * 32)
    bare = KnowledgeBase.open(compile_kb([Concept("A:1", "a")], tmp_path / "kb", **ABOUT))
    assert bare.encoder is None
    assert not bare.has_dense
    with pytest.raises(
        KnowledgeBaseError, match="no vectors; build it again with the encoder other"
    ):
        bare.check_encoder("other", "cd" * 32)
    with pytest.raises(KnowledgeBaseError, match="no vectors; build it again"):
        bare.search_dense(np.zeros((1, DIMENSION), np.float32), 1)


@pytest.mark.parametrize("bad", ["shape", "nan"])
def test_an_encoder_that_breaks_its_word_leaves_nothing(tmp_path: Path, bad: str) -> None:
    class Broken(HashEncoder):
        def encode(self, names: Sequence[str]) -> npt.NDArray[np.float32]:
            vectors = super().encode(names)
            return vectors[:, 1:] if bad == "shape" else vectors * np.nan

    with pytest.raises(KnowledgeBaseError, match="hash-encoder gave an array"):
        compile_kb([Concept("A:1", "a")], tmp_path / "kb", **ABOUT, encoder=Broken())
    assert list(tmp_path.iterdir()) == []


def test_stages_report_names_done(tmp_path: Path) -> None:
    stages: list[tuple[str, int, int]] = []
    compile_kb(
        [Concept("A:1", "a", ("b", "B"))],
        tmp_path / "kb",
        **ABOUT,
        encoder=HashEncoder(),
        stage=lambda *each: stages.append(each),
    )
    assert stages == [("n-grams", 2, 2), ("vectors", 3, 3)]


def test_many_vectors_get_an_approximate_index(tmp_path: Path) -> None:
    pytest.importorskip("faiss")
    generator = np.random.default_rng(0)
    centres = generator.normal(size=(200, DIMENSION))
    vectors = (
        centres[np.arange(8000) % 200] + 0.5 * generator.normal(size=(8000, DIMENSION))
    ).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)

    class Given(HashEncoder):
        def encode(self, names: Sequence[str]) -> npt.NDArray[np.float32]:
            return vectors[[int(name) for name in names]]

    rows = np.arange(8000, dtype=np.uint32)
    found = {}
    for limit in (8000, 7999):
        folder = tmp_path / str(limit)
        folder.mkdir()
        save_groups(folder, np.arange(8001, dtype=np.uint32), rows, np.zeros(8000, np.int8))
        blocks = [[str(n) for n in range(first, first + 1000)] for first in range(0, 8000, 1000)]
        kind = build_dense(folder, blocks, 8000, Given(), lambda done: None, exact_up_to=limit)
        index = DenseIndex(folder, NameGroups(folder, rows))
        allowed = np.arange(8000) % 7 == 0
        hits = [index.search(vectors[:50], 20, mask).by_query(50) for mask in (None, allowed)]
        found[limit] = kind, *hits
    assert sorted(path.suffix for path in (tmp_path / "7999").glob("vectors.*")) == [".faiss"]
    assert found[7999][0].startswith("faiss IVF89,SQ8")
    for true, near, share in (
        (found[8000][1], found[7999][1], 0.9),
        (found[8000][2], found[7999][2], 0.9),
    ):
        pairs = zip(true, near, strict=True)
        shared = [len({h.concept for h in a} & {h.concept for h in b}) / 20 for a, b in pairs]
        assert np.mean(shared) >= share
    assert all(hit.concept % 7 == 0 for hits in found[7999][2] for hit in hits)
    assert found[7999][1][3][0].score == pytest.approx(1, abs=0.02)
