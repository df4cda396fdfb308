import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import biopipe
from biopipe.bulk import run
from biopipe.bulk.cross_references import CrossReferences
from biopipe.errors import ConfigError, OutputError
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept

TEXTS = ("Asthma and measles.", "Nothing.")
CONCEPTS = (
    Concept("MESH:D001249", "asthma", xrefs=("MONDO:4979", "OMIM:600807", "DOID:2841")),
    Concept("MESH:D008457", "measles", xrefs=("MONDO:4619",)),
    Concept("X:1", "cold"),
)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return compile_kb(CONCEPTS, tmp_path / "kb", name="ids", version="1", licence="CC0", sources={})


@pytest.fixture
def dictionary(base: Path, tmp_path: Path) -> str:
    """A pipeline that finds the names of the base."""
    path = tmp_path / "dictionary.json"
    path.write_text(json.dumps({"components": {"biopipe_dictionary": {"kb": str(base)}}}))
    return str(path)


def test_ids_of_the_systems_in_their_order_each_once(base: Path) -> None:
    references = CrossReferences(["OMIM", "MONDO", "MESH"], [KnowledgeBase.open(base)])
    asthma = ["OMIM:600807", "MONDO:4979", "MESH:D001249"]
    assert references.of(["MESH:D001249"]) == asthma
    assert references.of(["DOID:2841", "MESH:D008457"]) == [
        *("OMIM:600807", "MONDO:4979", "MONDO:4619", "MESH:D001249", "MESH:D008457")
    ]
    # Of what no base knows there is the id itself, where it is of a system asked for.
    assert references.of(["X:1", "p|SUB|V|600|E", "MESH:D9"]) == ["MESH:D9"]
    assert references.of([]) == []


def test_a_system_that_no_base_has_is_an_error(base: Path) -> None:
    with pytest.raises(ConfigError, match=r"no ids of the system 'MOND'; .*MONDO"):
        CrossReferences(["MOND"], [KnowledgeBase.open(base)])
    with pytest.raises(ConfigError, match="no component of the pipeline has a knowledge base"):
        CrossReferences(["MONDO"], [])


@pytest.mark.parametrize("workers", [0, 1])
def test_a_run_writes_them(dictionary: str, tmp_path: Path, workers: int) -> None:
    source = tmp_path / "in.parquet"
    pq.write_table(pa.table({"id": ["a", "b"], "text": TEXTS}), source)
    options = {"pipeline": dictionary, "xrefs": ("MONDO", "OMIM"), "workers": workers}
    run([str(source)], tmp_path / "out", **options)
    mentions = pq.read_table(tmp_path / "out" / "mentions")
    assert mentions.column_names[-1] == "xrefs"
    assert mentions["xrefs"].to_pylist() == [["MONDO:4979", "OMIM:600807"], ["MONDO:4619"]]
    # Other columns are other parts.
    with pytest.raises(OutputError):
        run([str(source)], tmp_path / "out", **(options | {"xrefs": ()}))


def test_a_table_in_memory_gets_them(dictionary: str) -> None:
    table = pa.table({"id": ["a", "b"], "text": TEXTS})
    found = biopipe.annotate_table(table, pipeline=dictionary, xrefs=["OMIM"]).mentions
    assert found["xrefs"].to_pylist() == [["OMIM:600807"], []]
    assert "xrefs" not in biopipe.annotate_table(table, pipeline=dictionary).mentions.column_names
