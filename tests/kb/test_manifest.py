"""Knowledge base folders that are missing, altered, too new, or of another normaliser."""

import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.io import file_hash
from biopipe.io.manifest_files import describe_files
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


@pytest.fixture
def large(copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A base whose hashes are remembered."""
    monkeypatch.setattr(module, "_ALWAYS_HASHED_BYTES", 0)
    monkeypatch.setattr(file_hash, "_SETTLED_NS", 0)
    monkeypatch.setenv("BIOPIPE_CACHE", str(tmp_path / "cache"))
    return copy


def test_a_large_directory_is_read_once(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert KnowledgeBase.open(large).lookup("asthma")

    def unread(*_: object) -> str:
        raise AssertionError("a file is read again")

    monkeypatch.setattr(file_hash, "_sha256_of", unread)
    monkeypatch.setattr(module, "check_tables", unread)
    assert KnowledgeBase.open(large).lookup("asthma")
    with pytest.raises(AssertionError):
        KnowledgeBase.open(large, verify=True)


def test_forty_flipped_bytes_of_a_large_directory_are_all_refused(
    kb: KnowledgeBase, large: Path
) -> None:
    KnowledgeBase.open(large)
    chance = random.Random(17)
    names = sorted(path.relative_to(large) for path in large.rglob("*") if path.is_file())
    for _ in range(40):
        path = large / chance.choice(names)
        content, times = bytearray(path.read_bytes()), path.stat()
        if not content:
            continue
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        whole = path.read_bytes()
        path.write_bytes(content)
        # As a copy that keeps times.
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        with pytest.raises(KnowledgeBaseError):
            KnowledgeBase.open(large)
        path.write_bytes(whole)
    assert KnowledgeBase.open(large).lookup("asthma") == kb.lookup("asthma")


def rehashed(directory: Path) -> None:
    """A manifest that names the files as they are: what a stranger may send."""
    path = directory / "manifest.json"
    fields = json.loads(path.read_text())
    fields["files"] = describe_files(directory, fields["files"])
    fields["sha256"] = module._sha256_of_fields(fields)
    path.write_text(json.dumps(fields))


def table(path: Path, change: Callable[[pa.RecordBatch], pa.RecordBatch]) -> None:
    batch = pa.ipc.open_file(path).get_batch(0)
    changed = change(batch)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, changed.schema) as writer:
        writer.write_batch(changed)


def with_bad_offsets(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Texts that begin far outside of the buffer: reading one would end the process."""
    place = batch.schema.get_field_index("text")
    column = batch.column(place)
    offsets = np.frombuffer(column.buffers()[1], np.int64).copy()
    offsets[1:-1] = 2**40
    buffers = [None, pa.py_buffer(offsets.tobytes()), column.buffers()[2]]
    odd = pa.Array.from_buffers(column.type, len(column), buffers)
    return batch.set_column(place, "text", odd)


def with_far_owner(batch: pa.RecordBatch) -> pa.RecordBatch:
    place = batch.schema.get_field_index("concept")
    return batch.set_column(place, "concept", pa.array([10**6] * batch.num_rows, pa.uint32()))


def with_wide_owner(batch: pa.RecordBatch) -> pa.RecordBatch:
    place = batch.schema.get_field_index("concept")
    return batch.set_column(place, "concept", batch.column(place).cast(pa.int64()))


def with_nulls(batch: pa.RecordBatch) -> pa.RecordBatch:
    place = batch.schema.get_field_index("concept")
    return batch.set_column(place, "concept", pa.nulls(batch.num_rows, pa.uint32()))


@pytest.mark.parametrize("change", [with_bad_offsets, with_far_owner, with_wide_owner, with_nulls])
def test_tables_that_would_lead_out_of_their_buffers_are_refused(
    copy: Path, change: Callable[[pa.RecordBatch], pa.RecordBatch]
) -> None:
    table(copy / "names.arrow", change)
    rehashed(copy)
    with pytest.raises(KnowledgeBaseError, match=r"The tables of .* are not valid"):
        KnowledgeBase.open(copy)


@pytest.mark.parametrize(
    ("field", "value"),
    [("encoder", 5), ("counts", []), ("types", "x"), ("prefer", 7), ("name", None), ("files", {})],
)
def test_fields_of_another_shape_are_refused(copy: Path, field: str, value: object) -> None:
    path = copy / "manifest.json"
    fields = json.loads(path.read_text()) | {field: value}
    fields["sha256"] = module._sha256_of_fields(fields)
    path.write_text(json.dumps(fields))
    with pytest.raises(KnowledgeBaseError, match=r"build .* again"):
        KnowledgeBase.open(copy)


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
