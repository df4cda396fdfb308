"""Hashes that must never change: they are on users' disks."""

from pathlib import Path

from biopipe.kb.hashing import file_sha256, name_hash, word_order_hash


def test_hashes_of_names_are_the_same_everywhere() -> None:
    assert name_hash("diabete mellitus") == 6162397282879158919
    assert word_order_hash("diabete mellitus") != name_hash("diabete mellitus")
    assert 0 <= name_hash("\ud800") < 2**64


def test_a_changed_file_is_hashed_again(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"")
    assert file_sha256(path) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    path.write_bytes(b"a")
    assert file_sha256(path).startswith("ca978112ca1bbdcafac231b39a23dc4d")
