import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from biopipe.bulk.estimate import estimate_documents
from biopipe.io.fragments import list_fragments


def _jsonl(path: Path, count: int) -> Path:
    path.write_text("".join(f'{{"id": "{number:06d}", "text": "text"}}\n' for number in range(count)))
    return path


def test_parquet_says_it_exactly(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"id": ["a"] * 25, "text": ["b"] * 25}), path, row_group_size=10)
    assert estimate_documents(list_fragments([str(path)]), seconds=0.0) == [10, 10, 5]


def test_other_formats_are_counted(tmp_path: Path) -> None:
    _jsonl(tmp_path / "a.jsonl", 30)
    citation = b"<PubmedArticle><MedlineCitation></MedlineCitation></PubmedArticle>"
    (tmp_path / "b.xml.gz").write_bytes(
        gzip.compress(b"<PubmedArticleSet>" + citation * 12 + b"</PubmedArticleSet>")
    )
    (tmp_path / "c.pubtator").write_text("1|t|Title\n1|a|Text\n\n2|t|Title\n2|a|Text\n\n")
    assert estimate_documents(list_fragments([str(tmp_path)]), seconds=10.0) == [30, 12, 2]


def test_without_time_for_all_the_rest_is_taken_to_be_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, count in (("a", 100), ("b", 300)):
        _jsonl(tmp_path / f"{name}.jsonl", count)
    clock = iter([0.0, 0.0, 0.0, 2.0])
    monkeypatch.setattr("biopipe.bulk.estimate.time.monotonic", lambda: next(clock))
    assert estimate_documents(list_fragments([str(tmp_path)]), seconds=1.0) == [100, 300]


def test_a_large_file_is_sampled_from_its_beginning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _jsonl(tmp_path / "a.jsonl", 1000)
    monkeypatch.setattr("biopipe.bulk.estimate._CHUNK", path.stat().st_size // 10)
    clock = iter([0.0, 0.0, 0.0, 2.0])
    monkeypatch.setattr("biopipe.bulk.estimate.time.monotonic", lambda: next(clock))
    (estimate,) = estimate_documents(list_fragments([str(path)]), seconds=1.0) or []
    assert 800 <= estimate <= 1200


def test_nothing_to_go_by(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("")
    assert estimate_documents(list_fragments([str(path)])) is None
    assert estimate_documents([]) is None
