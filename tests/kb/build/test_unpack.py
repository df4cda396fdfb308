"""Members of real zip archives."""

import os
import shutil
import zipfile
from pathlib import Path

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build import unpack as unpack_module
from biopipe.kb.build.unpack import unpack


def archive(folder: Path, **members: str) -> Path:
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, text in members.items():
            opened.writestr(name.replace("__", "/"), text)
    return path


def test_members_come_out_beside_the_archive_without_their_folders(tmp_path: Path) -> None:
    path = archive(
        tmp_path, release__rrf__NAMES="names", release__rrf__TREE="tree", release__other="x"
    )
    names, tree = unpack(path, ["rrf/NAMES", "TREE"])
    assert (names, tree) == (tmp_path / "NAMES", tmp_path / "TREE")
    assert (names.read_text(), tree.read_text()) == ("names", "tree")
    assert not (tmp_path / "other").exists()


def test_of_several_the_one_nearest_the_top_is_meant(tmp_path: Path) -> None:
    path = archive(tmp_path, prescribe__rrf__NAMES="some", rrf__NAMES="all")
    assert unpack(path, ["rrf/NAMES"])[0].read_text() == "all"


def test_a_pattern_may_have_stars(tmp_path: Path) -> None:
    path = archive(
        tmp_path,
        **{"table and index__icd10cm-tabular-2027.xml": "<x/>", "table and index__index.xml": ""},
    )
    assert unpack(path, ["*tabular*2027.xml"])[0].name == "icd10cm-tabular-2027.xml"


def test_no_member_can_lie_outside_the_folder(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    path = archive(tmp_path / "inside", **{"../../evil": "x"})
    assert unpack(path, ["evil"]) == [tmp_path / "inside" / "evil"]
    assert not (tmp_path / "evil").exists()


def test_what_is_there_is_left_until_the_archive_is_newer(tmp_path: Path) -> None:
    path = archive(tmp_path, NAMES="names")
    names = unpack(path, ["NAMES"])[0]
    names.write_text("NAMES")
    assert unpack(path, ["NAMES"])[0].read_text() == "NAMES"
    os.utime(names, ns=(0, 0))
    assert unpack(path, ["NAMES"])[0].read_text() == "names"


def test_a_member_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeBaseError, match=r"a\.zip holds no 'TREE'; it holds: rrf/NAMES"):
        unpack(archive(tmp_path, rrf__NAMES="names"), ["TREE"])


def test_a_damaged_archive(tmp_path: Path) -> None:
    path = archive(tmp_path, NAMES="names " * 1000)
    content = bytearray(path.read_bytes())
    content[40:50] = b"0123456789"
    path.write_bytes(bytes(content))
    with pytest.raises(KnowledgeBaseError, match=r"damaged or no zip archive.*remove it"):
        unpack(path, ["NAMES"])
    assert not (tmp_path / "NAMES").exists()
    path.write_bytes(b"PK, but no archive")
    with pytest.raises(KnowledgeBaseError, match="damaged or no zip archive"):
        unpack(path, ["NAMES"])


@pytest.mark.parametrize("name", ["..", "a/..", "a/."])
def test_a_member_that_has_no_name_is_none(tmp_path: Path, name: str) -> None:
    path = archive(tmp_path, **{name: "x", "b": "y"})
    with pytest.raises(KnowledgeBaseError, match=r"holds no '\.\.'"):
        unpack(path, [".."])
    assert unpack(path, ["b"])[0].read_text() == "y"


def test_a_member_that_would_fill_the_disk_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpack_module, "_SMALL_BYTES", 100_000)
    path = archive(tmp_path, zeros="0" * 3_000_000, words="".join(map(str, range(100_000))))
    assert unpack(path, ["words"])[0].stat().st_size > 100_000
    with pytest.raises(
        KnowledgeBaseError, match=r"'zeros' with 3,000,000 bytes in .* not unpacked"
    ):
        unpack(path, ["zeros"])
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    path.touch()
    with pytest.raises(KnowledgeBaseError, match=r"1,000 are free"):
        unpack(archive(tmp_path, more="x" * 2000), ["more"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "a.zip.lock", "words"]
