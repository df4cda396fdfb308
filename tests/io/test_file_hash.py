"""Hashes of files follow their content."""

from pathlib import Path

from biopipe.io.file_hash import file_sha256


def test_a_changed_file_is_hashed_again(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"")
    assert file_sha256(path) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    path.write_bytes(b"a")
    assert file_sha256(path).startswith("ca978112ca1bbdcafac231b39a23dc4d")
