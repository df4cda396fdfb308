"""Packs of knowledge bases, and the names by which bases are found."""

import shutil
from pathlib import Path

import pytest

from biopipe.errors import ConfigError, KnowledgeBaseError, ModelError, OutputError
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.default import base_directory, bases_by_name, open_base
from biopipe.kb.packs import install_base, pack_base
from biopipe.kb.schema import Concept
from biopipe.linking.linker import Linker
from biopipe.ner.dictionary import Dictionary
from biopipe.runtime.model_packs import install_model


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIOPIPE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BIOPIPE_CACHE", str(tmp_path / "cache"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


@pytest.fixture(scope="session")
def tiny_kb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    concepts = [Concept("NCBIGene:1956", "EGFR", ("ERBB1",), ("Gene",))]
    folder = tmp_path_factory.mktemp("kb") / "tiny"
    return compile_kb(
        concepts, folder, name="tiny", version="1", licence="CC0-1.0", sources={"test": "1"}
    )


@pytest.fixture
def pack(tiny_kb: Path, tmp_path: Path) -> Path:
    pack_base(tiny_kb, tmp_path / "tiny.zip")
    return tmp_path / "tiny.zip"


def test_a_base_is_found_by_its_name_after_it_was_installed(tiny_kb: Path, pack: Path) -> None:
    folder = install_base(pack)
    assert bases_by_name() == {"tiny": folder}
    assert base_directory("tiny") == folder
    assert open_base("tiny").hash == KnowledgeBase.open(tiny_kb).hash


def test_the_name_works_wherever_a_base_is_asked_for(pack: Path) -> None:
    install_base(pack, name="mine")
    assert Linker({"Gene": "mine"}, prior=None).resources()[0].name == "tiny"
    assert Dictionary("mine").resources()[0].name == "tiny"


def test_a_folder_goes_before_a_name(tiny_kb: Path, pack: Path, tmp_path: Path) -> None:
    install_base(pack)
    shutil.copytree(tiny_kb, tmp_path / "work" / "tiny")
    assert open_base("tiny").path == tmp_path / "work" / "tiny"


def test_what_a_recipe_built_has_the_recipe_for_a_name(tiny_kb: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_kb, tmp_path / "cache" / "kb" / "hpo")
    assert open_base("hpo").path == tmp_path / "cache" / "kb" / "hpo"


def test_an_unknown_name_lists_what_there_is(pack: Path) -> None:
    install_base(pack)
    with pytest.raises(KnowledgeBaseError, match=r"folder 'nix'.* one of: default, tiny\."):
        open_base("nix")
    with pytest.raises(KnowledgeBaseError, match="folder 'a/tiny'"):
        open_base("a/tiny")


def test_what_is_refused(tiny_kb: Path, pack: Path) -> None:
    with pytest.raises(ConfigError, match="'default' is that of a knowledge base that comes"):
        install_base(pack, name="default")
    with pytest.raises(ModelError, match="pack of a knowledge base, not of a model"):
        install_model(pack)
    with pytest.raises(OutputError, match="--force"):
        pack_base(tiny_kb, pack)


def test_a_base_that_was_altered_is_not_packed(tiny_kb: Path, tmp_path: Path) -> None:
    base = Path(shutil.copytree(tiny_kb, tmp_path / "altered"))
    with (base / "names.arrow").open("ab") as file:
        file.write(b"x")
    with pytest.raises(KnowledgeBaseError, match="not the one its manifest names"):
        pack_base(base, tmp_path / "altered.zip")
    assert not (tmp_path / "altered.zip").exists()


def test_an_empty_name_is_no_base() -> None:
    with pytest.raises(KnowledgeBaseError, match="has no name; give a folder"):
        base_directory("")
