"""Manifests that are missing, altered, too new, or that name files they must not."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.errors import ModelError
from biopipe.io.manifest_files import (
    ManifestKind,
    _is_plain,
    describe_files,
    read_manifest_fields,
    verify_files,
    write_manifest_fields,
)

MODEL = ManifestKind("model", ModelError, format=2, remedy="restore the model")
NESTED = ManifestKind("base", ModelError, format=2, remedy="build it again", folders=True)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "model.onnx").write_bytes(b"graph")
    (tmp_path / "ngram").mkdir()
    (tmp_path / "ngram" / "grams.npy").write_bytes(b"grams")
    write_manifest_fields(
        tmp_path, {"format": 1, "name": "é", "files": describe_files(tmp_path, ["model.onnx"])}
    )
    return tmp_path


def test_what_was_written_is_read_and_verified(model: Path) -> None:
    fields = read_manifest_fields(model, MODEL)
    assert fields["name"] == "é"
    assert fields["files"]["model.onnx"]["bytes"] == 5
    verify_files(model, fields["files"], MODEL)
    assert sorted(path.name for path in model.iterdir()) == ["manifest.json", "model.onnx", "ngram"]


@pytest.mark.parametrize("content", [b"other", b"longer graph"])
def test_a_changed_file_is_named(model: Path, content: bytes) -> None:
    files = read_manifest_fields(model, MODEL)["files"]
    (model / "model.onnx").write_bytes(content)
    with pytest.raises(ModelError, match=r"model\.onnx is not the one its manifest names"):
        verify_files(model, files, MODEL)


def test_a_missing_file_is_named(model: Path) -> None:
    files = read_manifest_fields(model, MODEL)["files"]
    (model / "model.onnx").unlink()
    with pytest.raises(ModelError, match=r"The file model\.onnx is missing from the model"):
        verify_files(model, files, MODEL)


def test_a_folder_is_no_file(model: Path) -> None:
    about = {"bytes": (model / "ngram").stat().st_size, "sha256": "0" * 64}
    with pytest.raises(ModelError, match="is not the one"):
        verify_files(model, {"ngram": about}, MODEL)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format": "1"}', '{"format": 1}'])
def test_a_manifest_that_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(ModelError, match=r"manifest\.json"):
        read_manifest_fields(tmp_path, MODEL)


def test_no_manifest(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no manifest\.json in .*; it is no model, or was not"):
        read_manifest_fields(tmp_path, MODEL)


def test_a_newer_format(tmp_path: Path) -> None:
    write_manifest_fields(tmp_path, {"format": 3, "files": {}})
    with pytest.raises(ModelError, match="has format 3, this biopipe reads up to format 2"):
        read_manifest_fields(tmp_path, MODEL)


@pytest.mark.parametrize(
    "name",
    ["../secret", "/etc/passwd", "a/../b", "./a", "a//b", "a/", "..", "", "C:\\a", "c:a", "a\0"],
)
@pytest.mark.parametrize("kind", [MODEL, NESTED])
def test_names_that_lead_elsewhere(tmp_path: Path, name: str, kind: ManifestKind) -> None:
    files: dict[str, Any] = {name: {"sha256": "0", "bytes": 1}}
    (tmp_path / "manifest.json").write_text(json.dumps({"format": 1, "files": files}))
    with pytest.raises(ModelError, match="no plain name"):
        read_manifest_fields(tmp_path, kind)


def test_folders_where_the_kind_has_them(tmp_path: Path, model: Path) -> None:
    files = describe_files(model, ["ngram/grams.npy"])
    write_manifest_fields(model, {"format": 1, "files": files})
    verify_files(model, read_manifest_fields(model, NESTED)["files"], NESTED)
    with pytest.raises(ModelError, match=r"ngram/grams\.npy', which is no plain name"):
        read_manifest_fields(model, MODEL)


@given(st.text(st.sampled_from("ab./\\:"), max_size=8))
def test_a_plain_name_stays_below_its_directory(name: str) -> None:
    if _is_plain(name, folders=True):
        assert (Path("/x") / name).resolve().is_relative_to("/x")
        assert (Path("/x") / name).resolve() != Path("/x")


def test_size_and_hash_must_be_given(tmp_path: Path) -> None:
    write_manifest_fields(tmp_path, {"format": 1, "files": {"a": {"bytes": 1}}})
    with pytest.raises(ModelError, match="size and sha256 of 'a'"):
        read_manifest_fields(tmp_path, MODEL)


@pytest.mark.parametrize("make", ["fifo", "device", "folder", "link to a device"])
def test_what_is_no_regular_file_is_refused_and_not_read(tmp_path: Path, make: str) -> None:
    path = tmp_path / "model.onnx"
    if make == "fifo":
        os.mkfifo(path)  # reading one waits for ever
    elif make == "folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero")
    files = {"model.onnx": {"bytes": path.stat().st_size, "sha256": "0" * 64}}
    with pytest.raises(ModelError, match="is not the one its manifest names"):
        verify_files(tmp_path, files, MODEL)


@pytest.mark.parametrize(
    "files",
    [
        {"a": 5},
        {"a": {"sha256": "0" * 64}},
        {"a": {"sha256": 5, "bytes": 5}},
        {"a": {"sha256": "0" * 64, "bytes": "5"}},
        {"a": {"sha256": "0" * 64, "bytes": True}},
        {"a": {"sha256": "0" * 64, "bytes": -1}},
        {"a": {"sha256": "0" * 64, "bytes": 1.5}},
        {"/etc/passwd": {"sha256": "0" * 64, "bytes": 1}},
        {"../a": {"sha256": "0" * 64, "bytes": 1}},
        {"a\nb": {"sha256": "0" * 64, "bytes": 1}},
        ["a"],
        "a",
        None,
    ],
)
def test_files_of_another_shape_are_refused(tmp_path: Path, files: object) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"format": 1, "files": files}))
    with pytest.raises(ModelError, match=r"manifest\.json"):
        read_manifest_fields(tmp_path, MODEL)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"format": 1, "files": {}, "files": {}}', "names a field twice"),
        ('{"format": 1, "files": {}, "x": {"a": 1, "a": 1}}', "names a field twice"),
        ('{"format": 1, "files": {}, "slope": NaN}', "holds NaN"),
        ('{"format": 1, "files": {}, "slope": -Infinity}', "holds -Infinity"),
        ('{"format": 1, "files": {}, "slope": 1e999}', "number that is too large"),
        ("[" * 200_000, "nested too deeply"),
        ('{"format": true, "files": {}}', "names no 'format' number"),
        ('{"format": 0, "files": {}}', "has format 0"),
    ],
)
def test_what_two_readers_may_take_differently_is_refused(
    model: Path, content: str, said: str
) -> None:
    (model / "manifest.json").write_text(content)
    with pytest.raises(ModelError, match=said):
        read_manifest_fields(model, MODEL)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with a name")
def test_a_manifest_that_is_no_file_is_not_waited_for(model: Path) -> None:
    (model / "manifest.json").unlink()
    os.mkfifo(model / "manifest.json")
    with pytest.raises(ModelError, match="it is no regular file"):
        read_manifest_fields(model, MODEL)


def test_a_manifest_without_end_is_not_read(model: Path) -> None:
    with (model / "manifest.json").open("r+b") as file:
        file.truncate(1 << 30)
    with pytest.raises(ModelError, match="bytes; 64,000,000 are the most"):
        read_manifest_fields(model, MODEL)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["ngram", "ngram/grams.npy"], "'ngram' as a file and as a folder"),
        (["n" * 256], "no plain name"),
        (["é" * 128], "no plain name"),
        (["/".join("a" * 501)], "no plain name"),
    ],
)
def test_names_that_no_folder_can_hold(model: Path, names: list[str], said: str) -> None:
    files = {name: {"sha256": "0" * 64, "bytes": 1} for name in names}
    write_manifest_fields(model, {"format": 1, "files": files})
    with pytest.raises(ModelError, match=said):
        read_manifest_fields(model, NESTED)
