from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

from biopipe.errors import ExtraMissing, InputError, OutputError
from biopipe.io.fragments import list_fragments, read_fragment
from biopipe.io.remote import RemoteFolder, fetch_file, list_remote, open_file_system


@pytest.fixture
def store() -> Iterator[Any]:
    memory = fsspec.filesystem("memory")
    for name in ("a/x.jsonl", "a/deep/y.jsonl", "a/deep/[z].csv", "b.txt"):
        memory.pipe(f"/{name}", b'{"id": "1", "text": "x"}\n')
    yield memory
    memory.store.clear()
    memory.pseudo_dirs[:] = [""]


@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("memory://a", ["a/deep/[z].csv", "a/deep/y.jsonl", "a/x.jsonl"]),
        ("memory://a/", ["a/deep/[z].csv", "a/deep/y.jsonl", "a/x.jsonl"]),
        ("memory://a/x.jsonl", ["a/x.jsonl"]),
        ("memory://a/*.jsonl", ["a/x.jsonl"]),
        ("memory://a/**/*.jsonl", ["a/deep/y.jsonl", "a/x.jsonl"]),
        ("memory://a/deep/[!x].jsonl", ["a/deep/y.jsonl"]),
    ],
)
def test_what_an_address_names(store: Any, url: str, names: list[str]) -> None:
    assert [file.url for file in list_remote(url)] == [f"memory://{name}" for name in names]


@pytest.mark.parametrize("url", ["memory://nowhere", "memory://a/*.xml"])
def test_an_address_of_nothing_is_an_error(store: Any, url: str) -> None:
    with pytest.raises(InputError, match="names no file"):
        list_remote(url)


def test_files_on_this_machine_have_addresses_too(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("x")
    (file,) = list_remote(f"file://{tmp_path}")
    assert (file.url, file.size) == (f"file://{tmp_path}/x.txt", 1)
    assert file.changed == (tmp_path / "x.txt").stat().st_mtime_ns
    place = tmp_path / "copy" / "x.txt"
    fetch_file(file, place)
    assert place.stat().st_mtime_ns == file.changed
    before = place.stat().st_ino
    fetch_file(file, place)
    assert place.stat().st_ino == before


def test_the_same_content_has_the_same_state(store: Any, tmp_path: Path) -> None:
    (file,) = list_remote("memory://a/x.jsonl")
    for name in ("one", "two"):
        fetch_file(file, tmp_path / name)
    one, two = (tmp_path / name for name in ("one", "two"))
    assert one.stat().st_mtime_ns == two.stat().st_mtime_ns
    store.pipe("/a/x.jsonl", b"other content")
    fetch_file(file, two)
    assert one.stat().st_mtime_ns != two.stat().st_mtime_ns


def test_fragments_are_named_by_their_address(store: Any, tmp_path: Path) -> None:
    one = list_fragments(["memory://a/*.jsonl"], copies=tmp_path / "one")
    two = list_fragments(["memory://a/*.jsonl"], copies=tmp_path / "two")
    assert [fragment.name for fragment in one] == [fragment.name for fragment in two]
    assert [fragment.source for fragment in one] == ["memory://a/x.jsonl"]
    assert [document.text for document in read_fragment(one[0])] == ["x"]


def test_a_folder_is_written_read_and_cleared(store: Any, tmp_path: Path) -> None:
    folder = RemoteFolder("memory://new/place")
    assert folder.sizes() == {}
    (tmp_path / "x").write_bytes(b"123")
    folder.send(tmp_path / "x", "t/one")
    folder.send(tmp_path / "x", "two")
    assert folder.sizes() == {"t/one": 3, "two": 3}
    folder.fetch("t/one", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b"123"
    folder.delete("two")
    assert folder.sizes() == {"t/one": 3}


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(url: str) -> None:
        raise ImportError("Install s4fs to access S4")

    monkeypatch.setattr("fsspec.core.url_to_fs", missing)
    with pytest.raises(ExtraMissing, match="s4://bucket/x needs one more package: Install s4fs"):
        open_file_system("s4://key:secret@bucket/x")
    monkeypatch.setitem(__import__("sys").modules, "fsspec.core", None)
    with pytest.raises(ExtraMissing, match=r"pip install 'biopipe\[remote\]'"):
        open_file_system("s4://bucket/x")


def test_an_unknown_protocol_is_named_without_credentials() -> None:
    with pytest.raises(InputError, match="gopher://host/x cannot be opened") as caught:
        open_file_system("gopher://me:secret@host/x")
    assert "secret" not in str(caught.value)


class _NoAnswer(Exception):
    """As httpx, botocore and paramiko have them: of no type that others know."""


def test_errors_of_other_packages_are_sentences(
    store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file,) = list_remote("memory://a/x.jsonl")
    folder = RemoteFolder("memory://out")

    def fails(*args: object, **options: object) -> None:
        raise _NoAnswer("the host is gone.")

    for name in ("info", "_open", "find", "ls", "makedirs"):
        monkeypatch.setattr(type(store), name, fails)
    with pytest.raises(InputError, match=r"memory://a cannot be read \(the host is gone\)\."):
        list_remote("memory://a")
    with pytest.raises(InputError, match=r"memory://a/x.jsonl cannot be read \(the host is gone\)"):
        fetch_file(file, tmp_path / "x")
    with pytest.raises(OutputError, match=r"memory://out cannot be written \(the host is gone\)"):
        folder.sizes()
    monkeypatch.setattr("fsspec.core.url_to_fs", fails)
    with pytest.raises(InputError, match=r"memory://a cannot be opened \(the host is gone\);"):
        open_file_system("memory://a")
