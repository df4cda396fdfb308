import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import biopipe
from biopipe.bulk import in_memory as table_module
from biopipe.bulk.in_memory import Tables, annotate_batches, annotate_table
from biopipe.bulk.runner import run
from biopipe.bulk.tables import SCHEMAS, TABLES
from biopipe.errors import ConfigError, InputError
from biopipe.pipeline import build

TEXTS = [
    "Tumor necrosis factor (TNF) is a cytokine.",
    None,
    "",
    "Chronic myeloid leukaemia (CML) and TNF.",
]
TABLE = pa.table({"id": ["a", "b", "c", "a"], "text": TEXTS})


def _rows(tables: Tables) -> dict[str, list[dict[str, object]]]:
    return {name: getattr(tables, name).to_pylist() for name in TABLES}


def test_the_tables_are_those_of_a_run(tmp_path: Path, pipeline: str) -> None:
    pq.write_table(TABLE, tmp_path / "in.parquet")
    run([str(tmp_path / "in.parquet")], tmp_path / "out", pipeline=pipeline)
    found = annotate_table(TABLE, pipeline=pipeline)
    for name in TABLES:
        table: pa.Table = getattr(found, name)
        assert table.schema.equals(SCHEMAS[name], check_metadata=True)
        written = pq.read_table(tmp_path / "out" / name).select(table.column_names)
        assert set(table["input"].to_pylist()) <= {"the table"}
        written, table = written.drop_columns("input"), table.drop_columns("input")
        assert table.to_pylist() == written.to_pylist()
    assert found.documents["id"].to_pylist() == ["a", "c", "a"]
    assert found.documents["row"].to_pylist() == [0, 2, 3]
    assert [(row["row"], row["document_id"]) for row in found.errors.to_pylist()] == [(1, "b")]


def test_a_bar_counts_the_documents(pipeline: str, capfd: pytest.CaptureFixture[str]) -> None:
    silent = annotate_table(TABLE, pipeline=pipeline)
    assert capfd.readouterr() == ("", "")
    counted = annotate_table(TABLE, pipeline=pipeline, progress=True)
    said = capfd.readouterr()
    assert said.out == ""
    assert "Annotating" in said.err
    assert "3/3" in said.err
    assert _rows(counted) == _rows(silent)
    batches = iter(TABLE.to_batches(max_chunksize=2))
    assert _rows(annotate_table(batches, pipeline=pipeline, progress=True)) == _rows(silent)


def test_a_loaded_pipeline_and_its_name_give_the_same(pipeline: str) -> None:
    nlp = build({"components": {"biopipe_abbreviations": {}}})
    assert _rows(annotate_table(TABLE, pipeline=nlp)) == _rows(
        annotate_table(TABLE, pipeline=pipeline)
    )
    with pytest.raises(ConfigError, match="The device 'cpu' is for a pipeline given by name"):
        annotate_table(TABLE, pipeline=nlp, device="cpu")


def test_a_pipeline_is_loaded_once_and_again_when_its_file_changes(
    pipeline: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = []

    def counting(name: str, *, device: str | None) -> object:
        loaded.append(name)
        return biopipe.load(name, device=device)

    monkeypatch.setattr(table_module, "load", counting)
    annotate_table(TABLE, pipeline=pipeline)
    annotate_table(TABLE, pipeline=Path(pipeline))
    assert loaded == [pipeline]
    Path(pipeline).write_text('{"components": {}}')
    annotate_table(TABLE, pipeline=pipeline)
    assert loaded == [pipeline, pipeline]


def test_a_stream_is_not_held_in_memory(pipeline: str) -> None:
    taken = 0

    def batches() -> Iterator[pa.RecordBatch]:
        nonlocal taken
        for _ in range(10_000):
            taken += 100
            yield pa.record_batch({"id": [str(n) for n in range(100)], "text": ["a"] * 100})

    results = annotate_batches(batches(), pipeline=pipeline)
    done = 0
    for _ in range(10):
        done += next(results).documents.num_rows
        assert taken - done <= 400
    results.close()


def test_no_rows_are_empty_tables_of_the_same_schemas(pipeline: str) -> None:
    for table in (TABLE.slice(0, 0), iter(())):
        found = annotate_table(table, pipeline=pipeline)
        assert all(getattr(found, name).schema == SCHEMAS[name] for name in TABLES)
        assert all(getattr(found, name).num_rows == 0 for name in TABLES)


def test_a_missing_column_is_told_before_anything_is_loaded() -> None:
    with pytest.raises(InputError, match=r"no column 'abstrct' .*Did you mean 'abstract'\?"):
        annotate_batches(
            pa.table({"id": ["1"], "abstract": ["x"]}), text="abstrct", pipeline="nowhere"
        )


def test_a_row_that_fails_is_an_error_row_and_the_others_go_on(
    pipeline: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(text: str) -> tuple[object, ...]:
        if text.startswith("Chronic"):
            raise ValueError("cannot")
        return ()

    monkeypatch.setattr("biopipe.text.abbreviations.find_abbreviations", fail)
    found = annotate_table(TABLE, pipeline=pipeline)
    assert found.documents["id"].to_pylist() == ["a", "c"]
    assert [(e["row"], e["stage"], e["error"]) for e in found.errors.to_pylist()] == [
        (1, "read", "text is null"),
        (3, "biopipe_abbreviations", "ValueError: cannot"),
    ]


def test_it_is_a_member_of_biopipe_that_loads_on_demand() -> None:
    code = (
        "import sys, biopipe\n"
        "assert 'pyarrow' not in sys.modules and 'spacy' not in sys.modules\n"
        "biopipe.annotate_table, biopipe.annotate_batches\n"
        "assert not {'pandas', 'onnxruntime'} & {*sys.modules}\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
