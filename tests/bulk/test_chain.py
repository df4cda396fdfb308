"""The shipped models through a whole run, on a handful of texts."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import biopipe
from biopipe.bulk import run
from biopipe.bulk.tables import TABLES
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept

SAMPLE = Path(biopipe.__file__).parent / "sample" / "abstracts.parquet"
CONCEPTS = [
    Concept("MESH:D015464", "Chronic myeloid leukaemia", types=("Disease",)),
    Concept("MESH:D000068877", "Imatinib", types=("Chemical",)),
    Concept("MESH:D008687", "Metformin", types=("Chemical",)),
]


@pytest.fixture
def chain(tmp_path: Path) -> str:
    """NER, abbreviations, a linker on three concepts, relations."""
    kb = compile_kb(
        CONCEPTS, tmp_path / "kb", name="three", version="1", licence="CC0-1.0", sources={}
    )
    path = tmp_path / "chain.json"
    components = {
        "biopipe_ner": {},
        "biopipe_abbreviations": {},
        "biopipe_linker": {"kb": str(kb)},
        "biopipe_relations": {},
    }
    path.write_text(json.dumps({"components": components}))
    return str(path)


def _table(output: Path, table: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = pq.read_table(output / table).to_pylist()
    return rows


def test_the_whole_chain_fills_the_tables(tmp_path: Path, chain: str) -> None:
    first = pq.read_table(SAMPLE).slice(0, 2).select(["id", "text"]).to_pylist()
    texts = {row["id"]: row["text"] for row in first}
    texts["long"] = "\n\n".join([first[0]["text"]] * 8)
    texts["empty"] = ""
    path = tmp_path / "in.parquet"
    pq.write_table(pa.table({"id": list(texts), "text": list(texts.values())}), path)

    summary = run([str(path)], tmp_path / "out", pipeline=chain)
    documents = {row["id"]: row for row in _table(tmp_path / "out", "documents")}
    mentions = _table(tmp_path / "out", "mentions")
    relations = _table(tmp_path / "out", "relations")

    assert list(documents) == list(texts)
    assert int(str(documents["long"]["windows"])) > 2
    assert documents["sample-01"]["windows"] == 1
    assert documents["empty"]["mentions"] == 0
    for mention in mentions:
        assert (
            texts[str(mention["document_id"])][mention["start"] : mention["end"]] == mention["text"]
        )  # type: ignore[misc]
        assert 0 <= float(str(mention["score"])) <= 1
        assert (mention["concept_id"] is None) == (mention["knowledge_base"] is None)
    linked = {
        (mention["text"], mention["concept_id"], mention["concept_name"], mention["knowledge_base"])
        for mention in mentions
    }
    assert ("imatinib", "MESH:D000068877", "Imatinib", "three") in linked
    assert ("CML", "MESH:D015464", "Chronic myeloid leukaemia", "three") in linked
    assert all(
        relation["document_id"] in texts and relation["head_label"] for relation in relations
    )
    assert summary.counts.mentions.total() == len(mentions)
    assert summary.counts.relations.total() == len(relations)
    assert summary.counts.linked["Chemical"] >= 2


def test_components_of_others_in_between_change_nothing(tmp_path: Path, chain: str) -> None:
    path = tmp_path / "in.parquet"
    pq.write_table(pq.read_table(SAMPLE).slice(0, 2), path)
    config = json.loads(Path(chain).read_text())
    mixed = tmp_path / "mixed.json"
    mixed.write_text(json.dumps({"components": {"sentencizer": {}, **config["components"]}}))
    run([str(path)], tmp_path / "direct", pipeline=chain)
    run([str(path)], tmp_path / "mixed", pipeline=str(mixed))
    for table in TABLES:
        assert _table(tmp_path / "direct", table) == _table(tmp_path / "mixed", table), table
