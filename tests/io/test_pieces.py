"""Every record of a large file is in one piece, once, with the row it has in the file."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from biopipe.io import RowError, list_fragments, pieces, read_fragment
from biopipe.io.fragments import Fragment
from biopipe.io.pieces import ByteRange, RowRange, cut_file

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
LINE = st.one_of(
    TEXT.map(lambda text: json.dumps({"id": "x", "text": text}, ensure_ascii=False).encode()),
    st.sampled_from([b"", b"  \t", b"\x0b", b"{", b"\xff\xfe", b"\xef\xbb\xbf", b"[1]"]),
)
Seen = list[tuple[int, str]]


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of any size are large, and pieces hold three records or about 200 bytes."""
    for name, value in {
        "PIECE_RECORDS": 3,
        "PIECE_BYTES": 200,
        "_LEAST_BYTES": 0,
        "_LEAST_GZIP_BYTES": 0,
        "_CHUNK_BYTES": 64,
    }.items():
        monkeypatch.setattr(pieces, name, value)


def _read(fragments: list[Fragment]) -> tuple[list[str], list[RowError]]:
    errors: list[RowError] = []
    texts = [
        document.text
        for fragment in fragments
        for document in read_fragment(fragment, on_error=errors.append)
    ]
    return texts, errors


def _whole(path: Path, format: str) -> tuple[list[str], list[RowError]]:
    return _read([Fragment(path, format, None, "whole")])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(LINE, min_size=1, max_size=30),
    ending=st.sampled_from([b"\n", b"\r\n"]),
    final=st.booleans(),
    bom=st.booleans(),
    records=st.integers(1, 5),
    size=st.integers(1, 300),
)
def test_byte_ranges_hold_every_line_once(
    tmp_path: Path,
    small_pieces: None,
    lines: list[bytes],
    ending: bytes,
    final: bool,
    bom: bool,
    records: int,
    size: int,
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(bom * b"\xef\xbb\xbf" + ending.join(lines) + final * ending)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "PIECE_RECORDS", records)
        patch.setattr(pieces, "PIECE_BYTES", size)
        fragments = list_fragments([str(path)])
    assert _read(fragments) == _whole(path, "jsonl")
    if len(fragments) > 1:
        assert all(isinstance(fragment.piece, ByteRange) for fragment in fragments)
        rows = [fragment.first_row for fragment in fragments]
        counts = [fragment.rows or 0 for fragment in fragments]
        assert rows == [sum(counts[:number]) for number in range(len(fragments))]
        assert all(1 <= count <= records for count in counts)


CITATION = (
    "<PubmedArticle><MedlineCitation><PMID>{0}</PMID><Article><ArticleTitle>Ärger {0}"
    "</ArticleTitle></Article></MedlineCitation></PubmedArticle>"
)
DELETED = "<DeleteCitation><PMID>99</PMID><PMID>98</PMID></DeleteCitation>"
MISLEADING = "<!-- </MedlineCitation></MedlineCitation></MedlineCitation></MedlineCitation> -->"


def _pubmed(count: int, *, comment: str = "") -> bytes:
    citations = "".join(map(CITATION.format, range(count)))
    text = f"<PubmedArticleSet>{comment}{citations}{comment}{DELETED}</PubmedArticleSet>"
    return text.encode()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    count=st.integers(0, 40),
    records=st.integers(1, 7),
    size=st.integers(64, 2000),
    compressed=st.booleans(),
    comment=st.sampled_from(["", MISLEADING]),
    cut=st.integers(0, 60),
)
def test_ranges_of_records_hold_every_citation_once(
    tmp_path: Path,
    small_pieces: None,
    count: int,
    records: int,
    size: int,
    compressed: bool,
    comment: str,
    cut: int,
) -> None:
    """Also where the count of records is misled, and where the file is cut off."""
    content = _pubmed(count, comment=comment)
    content = gzip.compress(content, mtime=0) if compressed else content
    path = tmp_path / ("a.xml.gz" if compressed else "a.xml")
    path.write_bytes(content[: len(content) - cut])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "PIECE_RECORDS", records)
        patch.setattr(pieces, "PIECE_BYTES", size)
        fragments = list_fragments([str(path)])
    assert _read(fragments) == _whole(path, "xml")
    assert (len(fragments) > 1) <= isinstance(fragments[-1].piece, RowRange)


FILES = {
    "a.jsonl.gz": gzip.compress(b'{"id": "a", "text": "b"}\n\n{\n' * 20, mtime=0),
    "a.pubtator": b"".join(b"%d|t|Title\n%d|a|T|t| x\n\n" % (n, n) for n in range(20)),
    "a.xml": b"<collection>"
    + b"".join(
        b"<document><id>%d</id><passage><offset>0</offset><text>a</text></passage></document>" % n
        for n in range(20)
    )
    + b"</collection>",
}


@pytest.mark.parametrize("name", FILES)
def test_other_formats_are_cut_as_well(tmp_path: Path, small_pieces: None, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(FILES[name])
    fragments = list_fragments([str(path)])
    assert len(fragments) > 3
    assert [fragment.piece.stop for fragment in fragments if fragment.piece][-1] is None
    assert _read(fragments) == _whole(path, fragments[0].format)


def test_ranges_of_records_grow_where_there_are_many(
    tmp_path: Path, small_pieces: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "_MOST_ROW_RANGES", 5)
    path = tmp_path / "a.xml"
    path.write_bytes(_pubmed(100))
    fragments = list_fragments([str(path)])
    assert 3 <= len(fragments) <= 5
    assert _read(fragments) == _whole(path, "xml")


def test_small_files_and_what_cannot_be_read_stay_whole(tmp_path: Path) -> None:
    for name in ("a.jsonl", "a.jsonl.gz", "a.xml", "a.pubtator"):
        (tmp_path / name).write_bytes(FILES.get(name, b"{}\n"))
    (tmp_path / "a.json").write_bytes(b"[" + b" " * pieces._LEAST_BYTES + b"]")
    (tmp_path / "b.jsonl.gz").write_bytes(b"\x1f\x8b" + bytes(pieces._LEAST_GZIP_BYTES))
    fragments = list_fragments([str(tmp_path)])
    assert [fragment.piece for fragment in fragments] == [None] * 6
    assert cut_file(tmp_path / "gone.jsonl", "jsonl") == []


def test_a_file_is_large_from_five_thousand_abstracts_on(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    line = json.dumps({"id": "1", "text": "x" * 1700}) + "\n"
    path.write_text(line * 12_001)
    cuts = cut_file(path, "jsonl")
    assert [rows for _, rows in cuts] == [5000, 5000, 2001]
    names = [fragment.name for fragment in list_fragments([str(path)])]
    assert [name[:8] for name in names] == ["a-00000-", "a-00001-", "a-00002-"]
    assert len(set(names)) == 3
    path.write_text(line * 12_002)
    grown = [fragment.name for fragment in list_fragments([str(path)])]
    assert grown[:2] == names[:2]
    assert grown[2] != names[2]
