"""Concept sets out of the tables of a run, and tables that do not fit."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from biopipe.bulk import run
from biopipe.errors import InputError
from biopipe.kb.base import KnowledgeBase
from biopipe.similarity.concept_sets import ConceptSet
from biopipe.similarity.corpus import CorpusDocument, read_corpus

TEXTS = {"1": "Infarction and flu.", "2": "No words.", "3": "No flu. Aspirin.", "4": "Myocarditis."}


@pytest.fixture
def output(kb: KnowledgeBase, tmp_path: Path) -> Path:
    components = {"biopipe_dictionary": {"kb": str(kb.path)}, "biopipe_assertion": {}}
    (tmp_path / "pipeline.json").write_text(json.dumps({"components": components}))
    lines = [json.dumps({"id": id_, "text": text}) for id_, text in TEXTS.items()]
    (tmp_path / "texts.jsonl").write_text("\n".join(lines))
    run(
        [str(tmp_path / "texts.jsonl")],
        tmp_path / "out",
        pipeline=str(tmp_path / "pipeline.json"),
        workers=0,
    )
    return tmp_path / "out"


def test_every_document_of_a_run_with_its_own_concepts(output: Path) -> None:
    source = str(output.parent / "texts.jsonl")
    assert list(read_corpus(output)) == [
        CorpusDocument("1", source, ConceptSet(frozenset({"D:infarction", "D:flu"}))),
        CorpusDocument("2", source, ConceptSet()),
        CorpusDocument("3", source, ConceptSet(frozenset({"C:aspirin"}), frozenset({"D:flu"}))),
        CorpusDocument("4", source, ConceptSet(frozenset({"D:myocarditis"}))),
    ]


@pytest.mark.parametrize("kept", [slice(0, -1), slice(1, None)])
def test_mentions_that_are_gone(output: Path, kept: slice) -> None:
    (path,) = (output / "mentions").glob("*.parquet")
    table = pq.read_table(path)
    first, end, _ = kept.indices(table.num_rows)
    pq.write_table(table.slice(first, end - first), path)
    with pytest.raises(InputError, match="do not fit each other or cannot be read"):
        list(read_corpus(output))


def test_a_damaged_table(output: Path) -> None:
    (path,) = (output / "documents").glob("*.parquet")
    path.write_bytes(b"PAR1")
    with pytest.raises(InputError, match="do not fit each other or cannot be read"):
        list(read_corpus(output))


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"There is no '.*none'; give the output folder of biopipe"
    ):
        list(read_corpus(tmp_path / "none"))


def test_a_bad_record_of_a_file_is_told_and_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": "1", "text": "x"}\n{\n{"id": "2", "text": "y"}\n', encoding="utf-8")
    with pytest.warns(UserWarning, match=r"a\.jsonl: 1 odd row is left out .* in record 1"):
        assert [document.id for document in read_corpus(path)] == ["1", "2"]
