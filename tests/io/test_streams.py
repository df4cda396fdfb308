import gzip
import os
from pathlib import Path

import pytest

from biopipe.errors import InputError, OutputError
from biopipe.io.streams import (
    BROKEN,
    binary_lines,
    decode_utf8,
    open_binary,
    replacing,
    why_broken,
)


def test_lines_without_ends_and_mark(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"\xef\xbb\xbfone\r\ntwo\x85\x0c\n\nlast")
    with open_binary(path) as stream:
        assert list(binary_lines(stream)) == [b"one", b"two\x85\x0c", b"", b"last"]


def test_gzip_whatever_the_name(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(gzip.compress(b"one", mtime=0) + gzip.compress(b" two", mtime=0))
    with open_binary(path) as stream:
        assert stream.read() == b"one two"


def test_a_plain_file_named_gz(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(b"plain")
    with open_binary(path) as stream:
        assert stream.read() == b"plain"


@pytest.mark.parametrize(
    "damage", [lambda raw: raw[:-9], lambda raw: raw[:40] + b"\xff" * 40 + raw[80:]]
)
def test_damage_is_one_of_broken(tmp_path: Path, damage: object) -> None:
    path = tmp_path / "a.gz"
    assert callable(damage)
    path.write_bytes(damage(gzip.compress(os.urandom(10_000), mtime=0)))
    with open_binary(path) as stream, pytest.raises(BROKEN) as caught:
        stream.read()
    assert "truncated" in why_broken(caught.value) or "cannot be read on" in why_broken(
        caught.value
    )


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="needs a user whom permissions bind"
)
def test_a_file_one_may_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.touch(mode=0o000)
    with pytest.raises(InputError, match="cannot be opened: Permission denied"), open_binary(path):
        pass


def test_a_file_takes_its_name_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    with replacing(path) as stream:
        stream.write(b"x")
        assert not path.exists()
    assert gzip.decompress(path.read_bytes()) == b"x"
    assert list(tmp_path.iterdir()) == [path]


def test_a_name_that_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(OutputError, match="cannot be written"), replacing(tmp_path / "a") as stream:
        stream.write(b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_where_text_cannot_be_utf8() -> None:
    assert decode_utf8("β".encode()) == "β"
    with pytest.raises(ValueError, match=r"title is not valid UTF-8 at byte 1 \(0x80\)"):
        decode_utf8(b"a\x80", "title")
