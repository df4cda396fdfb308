from pathlib import Path

import pytest

from biopipe.errors import InputError, OutputError
from biopipe.io import read
from biopipe.io.addresses import (
    check_local,
    check_local_input,
    is_url,
    looks_like_address,
    shown_url,
)
from biopipe.io.atomic import atomic_file, atomic_folder


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("s3://bucket/x", True),
        ("hf://datasets/a/b", True),
        ("github+file://x", True),
        ("C:\\x", False),
        ("s3:/x", False),
        ("/data/s3://x", False),
        ("notes", False),
    ],
)
def test_addresses_are_told_from_paths(name: str, url: bool) -> None:
    assert is_url(name) is url


def test_credentials_are_not_shown() -> None:
    assert shown_url("s3://key:s@cret@bucket/a/b?region=x&secret=y#z") == "s3://bucket/a/b"
    assert shown_url("memory://a/b") == "memory://a/b"
    assert shown_url("hf://datasets/a@main/b.csv") == "hf://datasets/a@main/b.csv"


@pytest.mark.parametrize("name", ["s3://bucket/x", "gs://b/x", "file:///tmp/x", "hf://a/b"])
def test_nothing_is_written_to_a_path_that_was_an_address(name: str) -> None:
    path = Path(name)
    assert looks_like_address(path)
    assert looks_like_address(path.absolute())
    with pytest.raises(OutputError, match="is an address of"):
        check_local(path)
    for writing in (atomic_file, atomic_folder):
        with pytest.raises(OutputError, match="biopipe run alone writes"), writing(path):
            pass
    with pytest.raises(InputError, match="is an address, which biopipe run alone reads"):
        list(read(path, format="jsonl"))
    assert not Path(path.parts[0]).exists()


def test_other_names_with_colons_are_paths(tmp_path: Path) -> None:
    for name in ("s3:", "a:b", "http:"):
        assert not looks_like_address(Path(name))
    with atomic_file(tmp_path / "a:b") as temporary:
        temporary.write_text("x")
    assert (tmp_path / "a:b").read_text() == "x"


def test_where_paths_alone_are_read_an_address_is_one_sentence(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from biopipe.cli import app

    check_local_input(tmp_path)
    for arguments in (
        ["graph", "s3://b/out", "-o", str(tmp_path / "graph")],
        ["convert", "s3://b/out", "-o", str(tmp_path / "a.jsonl")],
        ["similar", "s3://b/out", "--id", "1"],
    ):
        refused = CliRunner().invoke(app, arguments)
        assert refused.exit_code == 1
        assert refused.stderr.splitlines()[-1].endswith(
            "s3:/b/out is an address of 's3' and no path; biopipe run and biopipe report alone "
            "read from addresses: copy what is there, and give its path."
        )
    assert list(tmp_path.iterdir()) == []
