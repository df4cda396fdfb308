"""Write biopipe/sample/abstracts.parquet from abstracts.jsonl beside it: python
tests/data/make_sample.py
"""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

SAMPLE = Path(__file__).parents[2] / "biopipe" / "sample"
COLUMNS = ("id", "title", "text", "date", "journal")


def sample_table() -> pa.Table:
    lines = (SAMPLE / "abstracts.jsonl").read_text(encoding="utf-8").splitlines()
    schema = pa.schema([(name, pa.string()) for name in COLUMNS])
    return pa.Table.from_pylist([json.loads(line) for line in lines], schema=schema)


if __name__ == "__main__":
    pq.write_table(sample_table(), SAMPLE / "abstracts.parquet", compression="zstd")
