"""Where an installed package keeps its files, without importing it."""

from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from biopipe.extras import require

__all__ = ["package_folder", "package_version"]


def package_folder(package: str) -> Path:
    """The folder of an installed package; ExtraMissing names the pip extra when it is not there."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return Path(require(package, "kb").__path__[0])
    return Path(spec.origin).parent


def package_version(package: str) -> str:
    package_folder(package)
    return version(package)
