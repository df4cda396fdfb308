"""Hashes that must never change: they are on users' disks."""

from biopipe.kb.hashing import name_hash, name_hashes, word_order_hash


def test_hashes_of_names_are_the_same_everywhere() -> None:
    assert name_hash("diabete mellitus") == 6162397282879158919
    assert word_order_hash("diabete mellitus") != name_hash("diabete mellitus")
    assert 0 <= name_hash("\ud800") < 2**64


def test_hashes_of_many_names_are_those_of_single_ones() -> None:
    names = ["", "diabete mellitus", "\ud800", "α"]
    assert name_hashes(names).tolist() == [name_hash(name) for name in names]
