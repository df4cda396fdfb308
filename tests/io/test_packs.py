"""Packs of a real model directory, whole, damaged and made by somebody who means harm."""

import json
import os
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from biopipe.errors import ConfigError, InputError, ModelError, OutputError
from biopipe.io.file_hash import file_sha256
from biopipe.runtime.manifest import load_manifest
from biopipe.runtime.model_packs import install_model, pack_model
from biopipe.runtime.models import find_model, list_models
from biopipe.testing import tiny_model

Member = tuple[str, bytes]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BIOPIPE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    pack_model(tiny_model("tiny-tagger"), tmp_path / "tiny.zip")
    return tmp_path / "tiny.zip"


def installed(home: Path) -> list[str]:
    """All that is below the folder of installed models."""
    folder = home / "models"
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def members(pack: Path) -> list[Member]:
    with zipfile.ZipFile(pack) as archive:
        return [(info.filename, archive.read(info)) for info in archive.infolist()]


def write(pack: Path, content: list[Member], mode: int = 0o100644) -> Path:
    with zipfile.ZipFile(pack, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return pack


def changed_header(pack: Path, change: Callable[[dict], None]) -> Path:
    (name, header), *files = members(pack)
    fields = json.loads(header)
    change(fields)
    return write(pack, [(name, json.dumps(fields).encode()), *files])


def test_a_model_is_found_by_its_name_after_it_was_installed(pack: Path, home: Path) -> None:
    folder = install_model(pack)
    assert folder == home / "models" / "tiny-tagger"
    assert find_model("tiny-tagger") == folder
    assert "tiny-tagger" in list_models()
    assert load_manifest(folder) == load_manifest(tiny_model("tiny-tagger"))
    assert {path.name for path in folder.iterdir()} == {
        "manifest.json",
        *load_manifest(folder).files,
    }


def test_equal_models_give_equal_packs(pack: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(tiny_model("tiny-tagger"), tmp_path / "other"))
    for path in other.iterdir():
        os.utime(path, (0, 0))
    assert pack_model(other, tmp_path / "again.zip") == file_sha256(pack)


def test_nothing_is_replaced_without_force(pack: Path, home: Path) -> None:
    with pytest.raises(OutputError, match="is there already; give --force"):
        pack_model("biopipe-mention-prior", pack)
    folder = install_model(pack)
    (folder / "mark").write_text("x")
    with pytest.raises(OutputError, match=r"'tiny-tagger' is installed .* --force"):
        install_model(pack)
    assert (folder / "mark").exists()
    install_model(pack, force=True)
    assert not (folder / "mark").exists()
    install_model(pack, name="second")
    assert [path for path in installed(home) if "/" not in path] == ["second", "tiny-tagger"]


def test_a_directory_is_installed_without_what_does_not_belong_to_it(tmp_path: Path) -> None:
    model = Path(shutil.copytree(tiny_model("tiny-tagger"), tmp_path / "model"))
    (model / "checkpoint.safetensors").write_bytes(b"x")
    (model / "README.md").write_text("A card.")
    names = {path.name for path in install_model(model).iterdir()}
    assert "README.md" in names
    assert "checkpoint.safetensors" not in names


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".hidden", "a b", "..", "x" * 101])
def test_names_that_are_no_names_of_a_folder(pack: Path, home: Path, name: str) -> None:
    changed_header(pack, lambda fields: fields.update(name=name))
    install_model(pack)  # the name is that of the model's own manifest
    if name:
        with pytest.raises(ConfigError, match="cannot be the name of an installed model"):
            install_model(pack, name=name)


def test_names_of_shipped_models_are_taken(pack: Path) -> None:
    with pytest.raises(ConfigError, match="comes with biopipe"):
        install_model(pack, name="biopipe-ner-minilm")


def test_the_expected_sha256(pack: Path) -> None:
    with pytest.raises(ModelError, match=f"is {file_sha256(pack)}, not 00"):
        install_model(pack, sha256="00")
    assert install_model(pack, sha256=file_sha256(pack).upper()).is_dir()
    with pytest.raises(ConfigError, match="is a directory"):
        install_model(tiny_model("tiny-tagger"), sha256="00")


def test_sources_that_are_no_packs(tmp_path: Path, home: Path) -> None:
    with pytest.raises(InputError, match="There is no"):
        install_model(tmp_path / "nothing.zip")
    (tmp_path / "text.zip").write_text("no zip")
    with pytest.raises(ModelError, match="no pack of biopipe's"):
        install_model(tmp_path / "text.zip")
    with pytest.raises(ModelError, match=r"has no pack.json"):
        install_model(write(tmp_path / "other.zip", [("a", b"b")]))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match=r"no manifest\.json"):
        install_model(tmp_path / "empty")
    assert installed(home) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda fields: fields.update(format=99), "format 99"),
        (lambda fields: fields.update(kind="knowledge base"), "pack of a knowledge base"),
        (lambda fields: fields.update(files=[]), "no 'files'"),
        (lambda fields: fields.update(format="1"), "not one of biopipe's"),
        (lambda fields: fields["files"].pop("model.onnx"), "does not name"),
        (lambda fields: fields["files"]["model.onnx"].update(bytes=3), "tampered"),
        (lambda fields: fields["files"]["model.onnx"].update(sha256="0" * 64), "sha256 differs"),
        (
            lambda fields: fields["files"].update(more={"bytes": 1, "sha256": "0" * 64}),
            "lacks 'more'",
        ),
    ],
)
def test_headers_that_are_not_right(
    pack: Path, home: Path, change: Callable[[dict], None], message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        install_model(changed_header(pack, change))
    assert installed(home) == []


def test_a_file_that_was_changed_with_its_hash(pack: Path, home: Path, tmp_path: Path) -> None:
    """Whoever changes a file and pack.json still meets the model's own manifest."""
    content = dict(members(pack))
    content["tokenizer.json"] += b" "
    fields = json.loads(content["pack.json"])
    (tmp_path / "t").write_bytes(content["tokenizer.json"])
    fields["files"]["tokenizer.json"] = {
        "bytes": len(content["tokenizer.json"]),
        "sha256": file_sha256(tmp_path / "t"),
    }
    content["pack.json"] = json.dumps(fields).encode()
    with pytest.raises(ModelError, match="is not the one its manifest names"):
        install_model(write(pack, list(content.items())))
    assert installed(home) == []


@pytest.mark.parametrize(
    "name", ["../evil", "/tmp/evil", "a/../../evil", "C:\\evil", "..\\evil", "sub/evil"]
)
def test_members_that_lead_elsewhere(pack: Path, home: Path, tmp_path: Path, name: str) -> None:
    (header_name, header), *files = members(pack)
    fields = json.loads(header)
    (tmp_path / "x").write_bytes(b"x")
    fields["files"][name] = {"bytes": 1, "sha256": file_sha256(tmp_path / "x")}
    write(pack, [(header_name, json.dumps(fields).encode()), *files, (name, b"x")])
    with pytest.raises(ModelError, match="no plain name"):
        install_model(pack)
    assert installed(home) == []
    assert not list(tmp_path.rglob("evil*"))


def test_links_and_devices(pack: Path, home: Path) -> None:
    for mode in (stat.S_IFLNK | 0o777, stat.S_IFCHR | 0o666):
        write(pack, members(pack), mode)
        with pytest.raises(ModelError, match="as a link or device"):
            install_model(pack)
    assert installed(home) == []


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_that_come_twice(pack: Path, home: Path) -> None:
    content = members(pack)
    for twice in (content[0], content[-1]):
        with pytest.raises(ModelError, match="does not name, or holds it twice"):
            install_model(write(pack, [*content, twice]))
    assert installed(home) == []


def test_a_file_that_unpacks_to_very_many_times_its_size(pack: Path, home: Path) -> None:
    zeros = bytes(150_000_000)
    content = [(name, zeros if name == "model.onnx" else data) for name, data in members(pack)]
    write(pack, content)
    changed_header(pack, lambda fields: fields["files"]["model.onnx"].update(bytes=len(zeros)))
    assert pack.stat().st_size < 1_000_000
    with pytest.raises(ModelError, match=r"150,000,000 bytes as 'model.onnx'"):
        install_model(pack)
    assert installed(home) == []


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(where=st.floats(0, 0.9999), bit=st.integers(0, 7))
def test_one_changed_bit_is_refused_or_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, pack: Path, home: Path, where: float, bit: int
) -> None:
    data = bytearray(pack.read_bytes())
    data[int(where * len(data))] ^= 1 << bit
    damaged = tmp_path_factory.mktemp("damaged") / "pack.zip"
    damaged.write_bytes(data)
    try:
        folder = install_model(damaged, force=True)
    except ModelError:
        return
    # Dates and attributes of a member say nothing of what it holds.
    assert load_manifest(folder) == load_manifest(tiny_model("tiny-tagger"))


def test_a_pack_that_was_cut_off(pack: Path, home: Path) -> None:
    data = pack.read_bytes()
    for length in (0, 10, len(data) // 2, len(data) - 1):
        pack.write_bytes(data[:length])
        with pytest.raises(ModelError):
            install_model(pack)
    assert installed(home) == []
