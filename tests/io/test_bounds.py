"""Small compressed files that hold far more than any record: bounded memory, one error row, and
whatever else is in them is read.
"""

import gzip
import subprocess
import sys
from collections.abc import Iterator
from io import BufferedIOBase
from pathlib import Path

import pytest

from biopipe.io import RowError, read, streams
from biopipe.io import xml_records as xml_module
from biopipe.io.codecs import json_records, jsonl, pubtator
from biopipe.io.pieces import cut_file
from biopipe.io.streams import OversizedLine, bounded_lines, open_binary

LIMIT = 1000


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (jsonl, pubtator, xml_module):
        monkeypatch.setattr(module, "MAX_RECORD_BYTES", LIMIT)

    def few(stream: BufferedIOBase, until: int | None = None) -> Iterator[bytes]:
        return bounded_lines(stream, most=LIMIT, until=until)

    monkeypatch.setattr(jsonl, "bounded_lines", few)
    monkeypatch.setattr(pubtator, "bounded_lines", few)
    monkeypatch.setattr(json_records, "_MAX_BYTES", LIMIT)


def outcome(path: Path) -> tuple[list[str], list[tuple[int, str]]]:
    errors: list[RowError] = []
    ids = [document.id for document in read(path, on_error=errors.append)]
    return ids, [(error.row, error.error) for error in errors]


@pytest.mark.usefixtures("limited")
@pytest.mark.parametrize("length", [LIMIT + 1, 10 * LIMIT, 3 * 2**20])
def test_a_line_that_is_too_long_is_one_error_row(tmp_path: Path, length: int) -> None:
    path = tmp_path / "a.jsonl.gz"
    lines = [
        '{"id": 0, "text": "x"}',
        '{"id": 1, "text": "' + "x" * length + '"}',
        '{"id": 2, "text": "y"}',
    ]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    assert outcome(path) == (["0", "2"], [(1, "the line is longer than 1,000 bytes")])


@pytest.mark.usefixtures("limited")
@pytest.mark.parametrize(
    "middle",
    [
        "1|t|" + "x" * 5000,
        "1|t|x\n1|a|" + "x" * 5000,
        "1|t|x\n1\t0\t1\tx\tGene\t" + "5," * 3000,
        "1|t|x\n" + "1\t0\t1\tx\tGene\t5\n" * 200,
    ],
)
def test_a_pubtator_document_that_is_too_long_is_one_error_row(tmp_path: Path, middle: str) -> None:
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(f"0|t|x\n\n{middle}\n\n2|t|y\n".encode()))
    ids, errors = outcome(path)
    assert ids == ["0", "2"]
    assert errors == [(1, "its lines are more than 1,000 bytes")]


@pytest.mark.usefixtures("limited")
@pytest.mark.parametrize(
    "inside",
    ["<ArticleTitle>" + "x" * 100_000 + "</ArticleTitle>", "<i/>" * 5000, f"<i a='{'x' * 5000}'/>"],
)
def test_an_xml_record_that_is_too_large_ends_the_file(tmp_path: Path, inside: str) -> None:
    path = tmp_path / "a.xml.gz"
    citation = "<MedlineCitation><PMID>{}</PMID><Article>{}</Article></MedlineCitation>"
    records = citation.format(1, "") + citation.format(2, inside) + citation.format(3, "")
    path.write_bytes(gzip.compress(f"<PubmedArticleSet>{records}</PubmedArticleSet>".encode()))
    ids, errors = outcome(path)
    assert ids == ["1"]
    assert [error.split("(")[0].strip() for _, error in errors] == [
        "a record is larger than 1,000 bytes"
    ]


@pytest.mark.usefixtures("limited")
def test_a_json_file_that_is_too_large_is_an_error_row(tmp_path: Path) -> None:
    path = tmp_path / "a.json.gz"
    path.write_bytes(gzip.compress(b"[" + b" " * 5000 + b"]"))
    ids, errors = outcome(path)
    assert ids == []
    assert "write it as JSON lines" in errors[0][1]


def test_lines_are_those_of_the_stream(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one\n\n" + b"x" * 10 + b"\n" + b"y" * 11 + b"\nlast")
    with open_binary(path) as stream:
        lines = list(bounded_lines(stream, most=10))
    assert [line for line in lines if not isinstance(line, OversizedLine)] == [
        b"one\n",
        b"\n",
        b"last",
    ]
    assert len(lines) == 5


def test_pieces_of_a_file_with_long_lines_hold_every_record_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("biopipe.io.pieces._LEAST_BYTES", 0)
    monkeypatch.setattr("biopipe.io.pieces._LEAST_GZIP_BYTES", 0)
    monkeypatch.setattr("biopipe.io.pieces._CHUNK_BYTES", 64)
    monkeypatch.setattr("biopipe.io.pieces.PIECE_RECORDS", 2)
    path = tmp_path / "a.jsonl"
    lines = [f'{{"id": {n}, "text": "{"x" * (n * 37 % 300)}"}}' for n in range(40)]
    path.write_text(" " * 200 + "\n" + " " * 100 + "\n".join(lines) + "\n\n")
    pieces = cut_file(path, "jsonl")
    ids = [d.id for piece, _ in pieces for d in read(path, piece=piece)]
    assert ids == [str(n) for n in range(40)]
    assert sum(count for _, count in pieces) == 40


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.txt.gz", "a.xml.gz"])
def test_what_a_small_file_may_take_of_memory_is_bounded(tmp_path: Path, name: str) -> None:
    """Half a gigabyte in one line; the process says what it took."""
    begin = {
        "a.jsonl.gz": b'{"id": "1", "text": "',
        "a.txt.gz": b"1|t|",
        "a.xml.gz": b"<PubmedArticleSet><MedlineCitation><PMID>1</PMID>",
    }[name]
    with gzip.open(tmp_path / name, "wb", compresslevel=1) as file:
        file.write(begin)
        for _ in range(512):
            file.write(b"x" * 2**20)
    assert (tmp_path / name).stat().st_size < 4 * 2**20
    code = (
        "import resource, sys\nfrom biopipe.io import read\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "errors = []\nassert not list(read(sys.argv[1], on_error=errors.append))\n"
        "assert len(errors) == 1, errors\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / name)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    # The line itself, and a copy or two of it on the way.
    assert int(done.stdout) * 1024 < 5 * streams.MAX_RECORD_BYTES
