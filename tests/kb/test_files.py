"""A base that is built again while it is open stays what it was."""

import itertools
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.io.atomic import atomic_folder
from biopipe.kb import base as base_module
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.hierarchy import Hierarchy
from biopipe.kb.schema import Concept
from biopipe.ner.dictionary_scan import NameScan

OLD = [Concept("C:1", "aspirin", ("ASA",), ("Chemical",), parents=("C:2",)), Concept("C:2", "drug")]
NEW = [
    Concept("C:9", "doxorubicin", ("DOX",), ("Chemical",)),
    Concept("C:8", "heparin"),
    Concept("C:7", "water"),
]


def build(concepts: list[Concept], path: Path) -> Path:
    return compile_kb(concepts, path, name="x", version="1", licence="", sources={})


def names(base: KnowledgeBase, asked: str) -> list[str]:
    return [base.preferred_name(hit.concept) for hit in base.search_ngrams([asked], 1)[0]]


def answers(path: Path) -> tuple[object, ...]:
    base = KnowledgeBase.open(path)
    found = [names(base, asked) for asked in ("aspirins", "doxorubicins")]
    return (len(base), *map(tuple, found), base.name_text(0), base.concept_id(0))


def test_what_is_first_asked_after_the_base_was_built_again_is_of_the_old_one(
    tmp_path: Path,
) -> None:
    path = build(OLD, tmp_path / "kb")
    base = KnowledgeBase.open(path)
    build(NEW, path)
    assert names(base, "aspirins") == ["aspirin"]
    assert names(base, "doxorubicin") != ["doxorubicin"]
    assert names(base.preferring(("C",)), "aspirins") == ["aspirin"]
    assert [c.concept_id for c in base.lookup("asa")] == ["C:1"]
    assert len(Hierarchy(base).information) == 2
    mask = base.select(branches=["C:2"])
    assert mask is not None
    assert mask.tolist() == [True, True]
    scan = NameScan(base.files.exact_hashes, base.files.prefixes)
    assert scan.spans("doxorubicin or aspirin") == [(15, 22)]
    assert names(KnowledgeBase.open(path), "doxorubicins") == ["doxorubicin"]


def test_a_base_that_is_built_again_while_it_is_opened_is_opened_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = build(OLD, tmp_path / "kb")
    opened: list[int] = []
    open_files: Callable[..., base_module.BaseFiles] = base_module.BaseFiles.open

    def between(*arguments: object) -> base_module.BaseFiles:
        opened.append(1)
        if len(opened) == 1:
            build(NEW, path)
        return open_files(*arguments)

    monkeypatch.setattr(base_module.BaseFiles, "open", between)
    base = KnowledgeBase.open(path)
    assert len(opened) == 2
    assert len(base) == 3
    assert names(base, "heparins") == ["heparin"]


def test_a_base_that_was_another_while_its_files_were_opened_is_opened_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, new = build(OLD, tmp_path / "kb"), build(NEW, tmp_path / "new")
    old = shutil.copytree(path, tmp_path / "old")
    open_files: Callable[..., base_module.BaseFiles] = base_module.BaseFiles.open
    opened: list[int] = []

    def between(*arguments: object) -> base_module.BaseFiles:
        opened.append(1)
        if len(opened) > 1:
            return open_files(*arguments)
        replace_folder(new, path)
        files = open_files(*arguments)
        replace_folder(old, path)
        return files

    monkeypatch.setattr(base_module.BaseFiles, "open", between)
    assert answers(path) == answers(old)


def replace_folder(source: Path, target: Path) -> None:
    with atomic_folder(target) as making:
        shutil.copytree(source, making, dirs_exist_ok=True)


def test_a_base_that_never_comes_to_rest_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = build(OLD, tmp_path / "kb")
    hashes = map(str, itertools.count())
    monkeypatch.setattr(base_module, "current_kb_sha256", lambda path: next(hashes))
    with pytest.raises(KnowledgeBaseError, match="built again and again"):
        KnowledgeBase.open(path)


def test_readers_beside_a_builder_never_see_a_mixture(tmp_path: Path) -> None:
    path, new = build(OLD, tmp_path / "kb"), build(NEW, tmp_path / "new")
    wanted = {answers(path), answers(new)}
    code = """
import shutil, sys
from pathlib import Path
from biopipe.io.atomic import atomic_folder
path, bases = Path(sys.argv[1]), [Path(base) for base in sys.argv[2:]]
for number in range(60):
    with atomic_folder(path) as making:
        shutil.copytree(bases[number % 2], making, dirs_exist_ok=True)
"""
    old = shutil.copytree(path, tmp_path / "old")
    builder = subprocess.Popen([sys.executable, "-c", code, path, new, old])
    seen = set()
    while builder.poll() is None:
        try:
            seen.add(answers(path))
        except KnowledgeBaseError:
            continue  # between the two renames there is none
    assert builder.returncode == 0
    assert seen
    assert seen <= wanted
