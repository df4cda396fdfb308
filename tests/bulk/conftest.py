"""Inputs and a pipeline without a model, so that a run takes a moment."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

WriteInput = Callable[..., Path]


@pytest.fixture
def pipeline(tmp_path: Path) -> str:
    """A configuration with abbreviations alone."""
    path = tmp_path / "pipeline.json"
    path.write_text(json.dumps({"components": {"biopipe_abbreviations": {}}}))
    return str(path)


@pytest.fixture
def write_input(tmp_path: Path) -> WriteInput:
    """Writes a Parquet file of texts under tmp_path/in; ids are made from the file's name."""

    def write(name: str, texts: Sequence[str | None], *, row_group_size: int | None = None) -> Path:
        path = tmp_path / "in" / f"{name}.parquet"
        path.parent.mkdir(exist_ok=True)
        ids = [f"{name}-{number}" for number in range(len(texts))]
        table = pa.table({"id": ids, "text": pa.array(texts, pa.string())})
        pq.write_table(table, path, row_group_size=row_group_size)
        return path

    return write
