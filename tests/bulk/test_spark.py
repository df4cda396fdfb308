"""The recipe for Spark in docs/bulk.md, run as it stands there."""

import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from biopipe.bulk.in_memory import annotate_table
from biopipe.bulk.tables import TABLES

# pyspark 4.3 warns of pandas 3, which the recipe does without.
pytestmark = pytest.mark.filterwarnings(
    "ignore:PySpark does not yet fully support pandas:FutureWarning"
)

PAGE = Path(__file__).parents[2] / "docs" / "bulk.md"


@pytest.fixture
def spark() -> Iterator[Any]:
    """A session of two threads on this machine."""
    sql = pytest.importorskip(
        "pyspark.sql", reason="needs pyspark (500 MB), which no extra of biopipe brings"
    )
    if shutil.which("java") is None:
        pytest.skip("needs java")
    builder = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = (
        builder.config("spark.pyspark.python", sys.executable)
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    try:
        yield session
    finally:
        session.stop()


def _recipe(pipeline: str) -> Callable[[Any], Any]:
    block = re.search(
        r"<!-- test:spark -->\n```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL
    )
    assert block is not None
    assert block[1].count('"default"') == 1
    # As if typed into a notebook: what is defined in __main__ travels by value.
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(block[1].replace('"default"', repr(pipeline)), names)
    recipe: Callable[[Any], Any] = names["annotate"]
    return recipe


def test_the_recipe_gives_what_annotate_table_gives(spark: Any, pipeline: str) -> None:
    texts = [f"Tumor necrosis factor (TNF) in study {number}." for number in range(50)]
    rows = [{"id": f"d{number}", "text": text} for number, text in enumerate([*texts, None])]
    found = _recipe(pipeline)(
        spark.createDataFrame(rows, "id string, text string").repartition(4)
    ).cache()
    expected = annotate_table(pa.Table.from_pylist(rows), pipeline=pipeline)
    for table in TABLES:
        some = [
            row.asDict(recursive=True)
            for row in found.where(f"{table} is not null").select(f"{table}.*").collect()
        ]
        wanted = getattr(expected, table).to_pylist()
        if table == "errors":  # rows are counted in each partition
            some, wanted = ([{**row, "row": 0} for row in each] for each in (some, wanted))
        assert sorted(map(repr, some)) == sorted(map(repr, wanted))
    assert expected.documents.num_rows == 50
    assert expected.errors.num_rows == 1
