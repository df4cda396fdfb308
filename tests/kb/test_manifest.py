"""Knowledge base folders that are missing, altered, too new, or of another normaliser."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb import manifest as module
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.manifest import load_kb_manifest, write_kb_manifest
from biopipe.text.normalize import NORMALIZER_VERSION


@pytest.fixture
def copy(kb: KnowledgeBase, tmp_path: Path) -> Path:
    return Path(shutil.copytree(kb.path, tmp_path / "copy"))


def rewrite(directory: Path, **changes: Any) -> None:
    path = directory / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_a_copy_is_the_same(kb: KnowledgeBase, copy: Path) -> None:
    assert load_kb_manifest(copy, verify=True) == kb.manifest


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeBaseError, match="There is no knowledge base folder"):
        KnowledgeBase.open(tmp_path / "none")


def test_a_folder_without_manifest(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeBaseError, match=r"no manifest\.json"):
        KnowledgeBase.open(tmp_path)


@pytest.mark.parametrize(
    "name", ["names.arrow", "concepts.arrow", "exact.npy", "ids_rows.npy", "edges.arrow"]
)
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(KnowledgeBaseError, match=f"The file {name} is missing"):
        KnowledgeBase.open(copy)


@pytest.mark.parametrize("name", ["names.arrow", "exact.npy", "edges.arrow"])
def test_a_longer_file_is_named(copy: Path, name: str) -> None:
    with (copy / name).open("ab") as file:
        file.write(b"\0")
    with pytest.raises(KnowledgeBaseError, match=f"{name} is not the one"):
        KnowledgeBase.open(copy)


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_same_size_change_is_seen_in_a_small_directory(copy: Path) -> None:
    flip(copy / "names.arrow")
    with pytest.raises(KnowledgeBaseError, match=r"names\.arrow is not the one"):
        KnowledgeBase.open(copy)


def test_a_same_size_change_of_a_large_directory_needs_verify(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_ALWAYS_HASHED_BYTES", 0)
    flip(copy / "edges.arrow")
    assert KnowledgeBase.open(copy).lookup("asthma")
    with pytest.raises(KnowledgeBaseError, match=r"edges\.arrow is not the one"):
        KnowledgeBase.open(copy, verify=True)


@pytest.mark.parametrize("text", ["", "{", "\xff", "[]", "{}", '{"format": "x"}'])
def test_a_manifest_that_is_none(copy: Path, text: str) -> None:
    (copy / "manifest.json").write_text(text, encoding="latin-1")
    with pytest.raises(KnowledgeBaseError, match=r"manifest\.json"):
        KnowledgeBase.open(copy)


def test_an_altered_manifest(copy: Path) -> None:
    rewrite(copy, licence="mine")
    with pytest.raises(KnowledgeBaseError, match="was altered"):
        KnowledgeBase.open(copy)


def test_a_newer_format(copy: Path) -> None:
    rewrite(copy, format=99)
    with pytest.raises(
        KnowledgeBaseError, match="has format 99, this biopipe reads up to format 2; upgrade"
    ):
        KnowledgeBase.open(copy)


def test_another_normaliser(kb: KnowledgeBase, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "NORMALIZER_VERSION", NORMALIZER_VERSION + 1)
    versions = (
        rf"version {NORMALIZER_VERSION}, this biopipe has {NORMALIZER_VERSION + 1}; build it again"
    )
    with pytest.raises(KnowledgeBaseError, match=versions):
        KnowledgeBase.open(copy)


def test_written_manifests_come_back(kb: KnowledgeBase, copy: Path) -> None:
    write_kb_manifest(copy, kb.manifest)
    assert load_kb_manifest(copy) == kb.manifest


def test_a_manifest_from_before_there_were_vectors(copy: Path) -> None:
    path = copy / "manifest.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    del raw["encoder"]
    raw["sha256"] = module._sha256_of_fields(raw)
    path.write_text(json.dumps(raw), encoding="utf-8")
    older = KnowledgeBase.open(copy)
    assert older.lookup("asthma")
    assert not older.has_dense
