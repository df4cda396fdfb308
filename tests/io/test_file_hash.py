"""Hashes of files follow their content."""

import hashlib
import json
import os
from io import BytesIO
from pathlib import Path

import pytest

from biopipe.io import file_hash
from biopipe.io.file_hash import RememberedHashes, copy_with_sha256, file_sha256


def test_a_changed_file_is_hashed_again(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"")
    assert file_sha256(path) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    path.write_bytes(b"a")
    assert file_sha256(path).startswith("ca978112ca1bbdcafac231b39a23dc4d")


def test_a_change_behind_the_same_size_and_time_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"aspirin")
    before, status = file_sha256(path), path.stat()
    path.write_bytes(b"heparin")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path.stat().st_mtime_ns == status.st_mtime_ns
    assert file_sha256(path) != before


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BIOPIPE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(file_hash, "_SETTLED_NS", 0)
    (tmp_path / "base" / "sub").mkdir(parents=True)
    (tmp_path / "base" / "sub" / "a").write_bytes(b"a")
    return tmp_path / "base"


def test_hashes_are_remembered_by_state(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = RememberedHashes(folder)
    assert first.sha256(folder / "sub" / "a") == hashlib.sha256(b"a").hexdigest()
    assert first.news
    first.save()

    def unread(path: Path) -> str:
        raise AssertionError("the file is read again")

    monkeypatch.setattr(file_hash, "file_sha256", unread)
    second = RememberedHashes(folder)
    assert second.sha256(folder / "sub" / "a") == hashlib.sha256(b"a").hexdigest()
    assert not second.news
    (folder / "sub" / "a").write_bytes(b"b")
    with pytest.raises(AssertionError):
        RememberedHashes(folder).sha256(folder / "sub" / "a")


def test_a_file_that_was_changed_just_now_is_not_remembered(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_hash, "_SETTLED_NS", 10**12)
    hashes = RememberedHashes(folder)
    hashes.sha256(folder / "sub" / "a")
    hashes.save()
    assert not (folder.parent / "cache").exists()


@pytest.mark.parametrize("text", ["", "[]", '{"format": 1}', '{"format": 9, "files": {}}', "\xff"])
def test_a_damaged_memory_is_none(folder: Path, text: str) -> None:
    hashes = RememberedHashes(folder)
    hashes.sha256(folder / "sub" / "a")
    hashes.save()
    (store,) = (folder.parent / "cache" / "hashes").iterdir()
    assert json.loads(store.read_text())["folder"] == str(folder)
    store.write_text(text)
    again = RememberedHashes(folder)
    again.sha256(folder / "sub" / "a")
    assert again.news


@pytest.mark.parametrize("size", [0, 1, 3 * 2**20])
def test_a_copy_is_hashed_on_its_way(size: int) -> None:
    content = b"x" * size
    target = BytesIO()
    digest, copied = copy_with_sha256(BytesIO(content), target, most=size)
    assert (digest, copied) == (hashlib.sha256(content).hexdigest(), size)
    assert target.getvalue() == content


def test_no_more_is_copied_than_is_allowed() -> None:
    target = BytesIO()
    _, copied = copy_with_sha256(BytesIO(b"x" * 5 * 2**20), target, most=2**21)
    assert copied > 2**21
    assert len(target.getvalue()) <= 2**21
