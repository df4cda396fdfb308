import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from biopipe.bulk.output.estimate import estimate_documents
from biopipe.io.fragments import list_fragments


def _jsonl(path: Path, count: int) -> Path:
    path.write_text(
        "".join(f'{{"id": "{number:06d}", "text": "text"}}\n' for number in range(count))
    )
    return path


def test_parquet_says_it_exactly(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"id": ["a"] * 25, "text": ["b"] * 25}), path, row_group_size=10)
    assert estimate_documents(list_fragments([str(path)]), seconds=0.0) == [10, 10, 5]


def test_other_formats_are_counted(tmp_path: Path) -> None:
    _jsonl(tmp_path / "a.jsonl", 30)
    citation = b"<PubmedArticle><MedlineCitation></MedlineCitation></PubmedArticle>"
    (tmp_path / "b.xml.gz").write_bytes(
        gzip.compress(b"<PubmedArticleSet>" + citation * 12 + b"</PubmedArticleSet>", mtime=0)
    )
    (tmp_path / "c.pubtator").write_text("1|t|Title\n1|a|Text\n\n2|t|Title\n2|a|Text\n\n")
    assert estimate_documents(list_fragments([str(tmp_path)]), seconds=10.0) == [30, 12, 2]


def test_json_is_counted_by_its_texts(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(
        json.dumps({str(number): {"title": "a", "abstract": "b"} for number in range(7)})
    )
    assert estimate_documents(list_fragments([str(path)]), seconds=10.0) == [7]


def test_without_time_the_others_are_taken_to_be_like_the_largest(tmp_path: Path) -> None:
    for name, count in (("a", 100), ("b", 300), ("c", 20)):
        _jsonl(tmp_path / f"{name}.jsonl", count)
    assert estimate_documents(list_fragments([str(tmp_path)]), seconds=0.0) == [100, 300, 20]


def test_a_large_file_is_sampled_from_its_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _jsonl(tmp_path / "a.jsonl", 1000)
    with path.open("ab") as file:
        file.write(b'{"id": "long", "text": "' + b"x" * 100_000 + b'"}\n')
    monkeypatch.setattr("biopipe.bulk.output.estimate._CHUNK_BYTES", 3500)
    (estimate,) = estimate_documents(list_fragments([str(path)]), seconds=0.0) or []
    assert estimate == round(3500 // 33 * path.stat().st_size / 3500)


def test_nothing_to_go_by(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("")
    assert estimate_documents(list_fragments([str(path)])) is None
    assert estimate_documents([]) is None
