"""The sample in the package: the Parquet file is the readable JSON lines."""

import json
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pyarrow.parquet as pq

import biopipe
from biopipe import io

SAMPLE = Path(biopipe.__file__).parent / "sample"


def _rows() -> list[dict[str, str]]:
    return [
        json.loads(line)
        for line in (SAMPLE / "abstracts.jsonl").read_text(encoding="utf-8").splitlines()
    ]


def test_the_parquet_file_was_written_from_the_json_lines() -> None:
    spec = spec_from_file_location(
        "make_sample", Path(__file__).parents[1] / "data" / "make_sample.py"
    )
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    written = pq.read_table(SAMPLE / "abstracts.parquet")
    assert written.equals(module.sample_table()), "run: python tests/data/make_sample.py"


def test_texts_are_abstracts_after_their_titles() -> None:
    rows = _rows()
    assert len(rows) == 32
    assert len({row["id"] for row in rows}) == 32
    for row in rows:
        title, text = row["title"], row["text"]
        assert text.startswith(title + " ")
        assert 80 <= len(text.removeprefix(title).split()) <= 160


def test_both_files_read_as_the_same_documents() -> None:
    assert list(io.read(SAMPLE / "abstracts.jsonl")) == list(io.read(SAMPLE / "abstracts.parquet"))
