import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from biopipe.io.atomic import (
    atomic_file,
    atomic_folder,
    move_files,
    publish_file,
    publish_folder,
    sync_tree,
    write_json_file,
)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_whole_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with atomic_file(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
        assert temporary.parent == tmp_path
        assert temporary.name.startswith(".")
    assert path.read_text() == "new"
    assert names(tmp_path) == ["a.txt"]


def test_a_file_that_fails_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def write_half() -> None:
        with atomic_file(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        write_half()
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_files_have_the_permissions_of_any_other_file(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    with atomic_file(tmp_path / "a") as temporary:
        temporary.touch()
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "plain").stat().st_mode
    with atomic_folder(tmp_path / "f"):
        pass
    (tmp_path / "g").mkdir()
    assert (tmp_path / "f").stat().st_mode == (tmp_path / "g").stat().st_mode


def test_long_names_leave_room_for_the_temporary_one(tmp_path: Path) -> None:
    path = tmp_path / ("🧬" * 62)
    with atomic_file(path) as temporary:
        temporary.write_text("x")
    assert path.read_text() == "x"


def test_writers_of_one_file_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with atomic_file(path) as first, atomic_file(path) as second:
        first.write_text("1")
        second.write_text("2")
    assert path.read_text() == "1"
    assert names(tmp_path) == ["a"]


def test_a_folder_appears_whole_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "made" / "model"
    with atomic_folder(path) as temporary:
        (temporary / "below").mkdir()
        (temporary / "below" / "a").write_text("x")
        assert not path.exists()
    assert (path / "below" / "a").read_text() == "x"
    assert names(tmp_path / "made") == ["model"]


def test_a_folder_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    path = tmp_path / "model"
    path.mkdir()
    (path / "stale").write_text("old")
    with (path / "stale").open() as opened:
        with atomic_folder(path) as temporary:
            (temporary / "fresh").write_text("new")
        assert opened.read() == "old"
    assert names(path) == ["fresh"]
    assert names(tmp_path) == ["model"]


def test_a_folder_that_fails_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "model"
    path.mkdir()
    (path / "stale").write_text("old")

    def write_half() -> None:
        with atomic_folder(path) as temporary:
            (temporary / "fresh").write_text("new")
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        write_half()
    assert names(path) == ["stale"]
    assert names(tmp_path) == ["model"]


def test_the_old_folder_comes_back_when_the_new_one_cannot_be_named(tmp_path: Path) -> None:
    path = tmp_path / "model"
    path.mkdir()
    (path / "stale").write_text("old")
    with pytest.raises(FileNotFoundError):
        publish_folder(tmp_path / "not there", path)
    assert names(path) == ["stale"]
    assert names(tmp_path) == ["model"]


def test_a_link_to_a_folder_is_replaced_and_its_target_stays(tmp_path: Path) -> None:
    target, path = tmp_path / "target", tmp_path / "model"
    target.mkdir()
    (target / "a").write_text("of another")
    path.symlink_to(target, target_is_directory=True)
    with atomic_folder(path) as temporary:
        (temporary / "fresh").write_text("new")
    assert names(path) == ["fresh"]
    assert not path.is_symlink()
    assert (target / "a").read_text() == "of another"


def test_a_folder_does_not_take_the_place_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "model"
    path.write_text("a file")
    with pytest.raises(NotADirectoryError, match="is a file, not a folder"), atomic_folder(path):
        pass
    assert path.read_text() == "a file"
    assert names(tmp_path) == ["model"]


def test_json_by_way_of_another_folder(tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    content = {"name": "β", "input": "a\udcff.xml"}
    write_json_file(tmp_path / "a.json", content)
    write_json_file(tmp_path / "b.json", content, temporary=tmp_path / "scratch" / "b.json")
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == content
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert names(tmp_path) == ["a.json", "b.json", "scratch"]
    assert names(tmp_path / "scratch") == []


def test_what_gets_its_name_was_flushed_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    sync, replace = os.fsync, os.replace

    def told_sync(descriptor: int) -> None:
        steps.append(f"sync {Path(os.readlink(f'/proc/self/fd/{descriptor}')).name}")
        sync(descriptor)

    def told_replace(self: Path, target: Path) -> Path:
        steps.append(f"name {target.name}")
        replace(self, target)
        return target

    monkeypatch.setattr(os, "fsync", told_sync)
    monkeypatch.setattr(Path, "replace", told_replace)
    (tmp_path / "t").write_text("x")
    publish_file(tmp_path / "t", tmp_path / "a")
    assert steps == ["sync t", "name a", f"sync {tmp_path.name}"]
    steps.clear()
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "b").touch()
    sync_tree(tmp_path)
    assert sorted(steps) == sorted(f"sync {name}" for name in ("a", "b", "below", tmp_path.name))


KILLED = """
import os, signal, sys
from pathlib import Path
from biopipe.io.atomic import atomic_file, atomic_folder

place = Path(sys.argv[1])
with atomic_file(place / "a.txt") as file, atomic_folder(place / "f") as folder:
    file.write_text("half")
    (folder / "half").touch()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_process_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old")
    (tmp_path / "f").mkdir()
    ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert (tmp_path / "a.txt").read_text() == "old"
    assert names(tmp_path / "f") == []
    assert [name for name in names(tmp_path) if not name.startswith(".")] == ["a.txt", "f"]


def test_files_move_with_the_one_that_vouches_for_them_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "made", tmp_path / "place"
    (source / "b").mkdir(parents=True)
    target.mkdir()
    for name in ("a.json", "b/c", "z"):
        (source / name).write_text(f"new {name}")
    (target / "z").write_text("old")
    (target / "kept").write_text("kept")
    moved: list[str] = []
    replace = Path.replace

    def told_replace(self: Path, place: Path) -> Path:
        if len(moved) == 1 and moved != ["again"]:
            moved[:] = ["again"]
            raise OSError("cut off")
        moved.append(self.name)
        return replace(self, place)

    monkeypatch.setattr(Path, "replace", told_replace)
    with pytest.raises(OSError, match="cut off"):
        move_files(source, target, last="a.json")
    assert sorted(path.name for path in target.rglob("*") if path.is_file()) == ["c", "kept", "z"]
    assert (target / "z").read_text() == "old"
    move_files(source, target, last="a.json")
    assert moved == ["again", "z", "a.json"]
    assert {
        str(path.relative_to(target)): path.read_text()
        for path in target.rglob("*")
        if path.is_file()
    } == {"a.json": "new a.json", "b/c": "new b/c", "z": "new z", "kept": "kept"}
