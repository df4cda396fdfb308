"""Builds: what they write, merge, refuse, replace and leave behind when they fail."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept

ABOUT = {"name": "t", "version": "1", "licence": "CC0", "sources": {"s.tsv": "00"}}


def build(directory: Path, *concepts: Concept) -> KnowledgeBase:
    return KnowledgeBase.open(compile_kb(concepts, directory, **ABOUT))


def test_the_directory_is_as_designed(tmp_path: Path) -> None:
    kb = build(tmp_path / "kb", Concept("A:1", "One", ("uno",), ("T",), "d", ("A:0",), source="S"))
    files = [path.relative_to(kb.path).as_posix() for path in kb.path.rglob("*") if path.is_file()]
    assert sorted(files) == sorted([*kb.manifest.files, "manifest.json"])
    with pa.ipc.open_file(pa.memory_map(str(kb.path / "names.arrow"))) as file:
        assert file.num_record_batches == 1
        rows = file.read_all().to_pylist()
    assert rows == [
        {"text": "One", "concept": 0, "source": "S", "kind": "name"},
        {"text": "uno", "concept": 0, "source": "S", "kind": "exact"},
    ]
    with pa.ipc.open_file(pa.memory_map(str(kb.path / "edges.arrow"))) as file:
        assert file.read_all().to_pylist() == [{"head": "A:1", "tail": "A:0", "relation": "is-a"}]
    hashes = np.load(kb.path / "exact.npy")
    assert hashes.dtype == np.uint64
    assert np.all(hashes[:-1] <= hashes[1:])
    assert len(np.load(kb.path / "exact_rows.npy")) == len(hashes) == 2


def test_concepts_with_one_id_become_one(tmp_path: Path) -> None:
    kb = build(
        tmp_path / "kb",
        Concept("A:1", "one", ("uno",), ("T",)),
        Concept("A:2", "two"),
        Concept("A:1", "ein", ("one", "eins"), ("T", "U"), "the first", ("A:0",)),
    )
    assert len(kb) == 2
    assert kb.concept("A:1") == Concept(
        "A:1",
        "one",
        ("uno", "ein", "eins"),
        ("T", "U"),
        "the first",
        ("A:0",),
        synonym_kinds=("exact", "name", "exact"),
    )
    assert [kb.lookup(name)[0].concept_id for name in ("ein", "two", "uno")] == [
        "A:1",
        "A:2",
        "A:1",
    ]


def test_a_living_concept_wins_over_a_retired_one_of_the_same_id(tmp_path: Path) -> None:
    kb = build(tmp_path / "kb", Concept("A:1", "old", replaced_by="A:2"), Concept("A:1", "one"))
    assert kb.concept("A:1").replaced_by == ""
    assert kb.manifest.counts["replaced"] == 0
    assert kb.lookup("old") == []


def test_many_rows_cross_batches(tmp_path: Path) -> None:
    concepts = [
        Concept(f"A:{n}", f"name x{n}", (f"other y{n}",), source=f"S{n % 3}") for n in range(21_000)
    ]
    kb = build(tmp_path / "kb", *concepts, Concept("A:5", "late"))
    for n in (0, 9_999, 10_000, 20_999):
        assert kb.lookup(f"OTHER Y{n}")[0].concept_id == f"A:{n}"
        assert kb.concept(f"A:{n}") == Concept(
            f"A:{n}", f"name x{n}", (f"other y{n}",), synonym_kinds=("exact",), source=f"S{n % 3}"
        )
    assert kb.lookup("late")[0].concept_id == "A:5"


def test_lone_surrogates_are_stored_as_question_marks(tmp_path: Path) -> None:
    kb = build(tmp_path / "kb", Concept("A:1", "bad \ud800 name"))
    assert kb.concept("A:1").name == "bad ? name"


@pytest.mark.parametrize(
    "concepts", [[], [Concept("A:1", "old", replaced_by="A:2")], [Concept("A:1", "+")]]
)
def test_nothing_to_look_up_is_an_error_and_leaves_nothing(
    tmp_path: Path, concepts: list[Concept]
) -> None:
    with pytest.raises(KnowledgeBaseError, match="hold no concept with a name"):
        compile_kb(concepts, tmp_path / "kb", **ABOUT)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, KnowledgeBaseError])
def test_an_interrupted_build_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    def broken() -> Iterator[Concept]:
        for number in range(25_000):
            yield Concept(f"A:{number}", f"name {number}")
        raise error

    with pytest.raises(error):
        compile_kb(broken(), tmp_path / "kb", **ABOUT)
    assert list(tmp_path.iterdir()) == []


def test_an_older_knowledge_base_is_replaced_and_survives_a_failed_build(tmp_path: Path) -> None:
    first = build(tmp_path / "kb", Concept("A:1", "one"))
    with pytest.raises(KnowledgeBaseError):
        build(tmp_path / "kb")
    assert KnowledgeBase.open(tmp_path / "kb").hash == first.hash
    second = build(tmp_path / "kb", Concept("A:2", "two"))
    assert second.lookup("two")
    assert first.lookup("one"), "a process that has the old one open goes on with it"
    assert [path.name for path in tmp_path.iterdir()] == ["kb"]


def test_a_folder_of_something_else_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(KnowledgeBaseError, match="holds something else"):
        build(tmp_path, Concept("A:1", "one"))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KnowledgeBaseError, match="cannot be written"):
        build(tmp_path / "file" / "kb", Concept("A:1", "one"))


def test_progress_counts_concepts(tmp_path: Path) -> None:
    seen: list[int] = []
    concepts = [Concept(f"A:{n}", f"n{n}") for n in range(2500)]
    compile_kb(concepts, tmp_path / "kb", **ABOUT, progress=seen.append)
    assert seen == [1000, 2000, 2500]
