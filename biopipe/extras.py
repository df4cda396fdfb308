"""What an installation has beside the code: optional dependencies, the folders that ship with
biopipe, and the user's folders for what can be made again (cache) and for what was installed.
"""

import os
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from biopipe.errors import ExtraMissing

__all__ = [
    "cache_folder",
    "installed_folder",
    "package_folder",
    "package_version",
    "require",
    "shipped_folder",
]


def require(module: str, extra: str) -> ModuleType:
    """Import `module`, or say which pip extra brings it.

    ExtraMissing where it is not installed; errors inside of it stay what they are.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if error.name is None or error.name.partition(".")[0] != package:
            raise
        raise ExtraMissing(
            f"The package '{package}' is not installed; install it with: pip install 'biopipe[{extra}]'."
        ) from error


def package_folder(package: str) -> Path:
    """The folder of an installed package of the extra `kb`, which is not imported; ExtraMissing
    when it is not there.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return Path(require(package, "kb").__path__[0])
    return Path(spec.origin).parent


def package_version(package: str) -> str:
    """The version of an installed package of the extra `kb`; ExtraMissing when it is not there."""
    package_folder(package)
    return version(package)


def shipped_folder(kind: str) -> Path:
    """The folder `models` or `dictionaries` that came with this biopipe: inside a wheel's package,
    else beside it.
    """
    package = Path(__file__).resolve().parent
    inside = package / kind
    return inside if inside.is_dir() else package.parent / kind


def cache_folder() -> Path:
    """`$BIOPIPE_CACHE`, else `biopipe` in `$XDG_CACHE_HOME` (XDG Base Directory), else in
    `~/.cache`; it may not be there yet.
    """
    if folder := os.environ.get("BIOPIPE_CACHE"):
        return Path(folder)
    # The specification has relative paths ignored.
    shared = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (shared if shared.is_absolute() else Path.home() / ".cache") / "biopipe"


def installed_folder(kind: str) -> Path:
    """Where the packs of a kind ("models" or "kb") are installed, a folder each by name; it may not
    be there yet.

    It is in `$BIOPIPE_HOME`, else in `biopipe` of `$XDG_DATA_HOME`, else of `~/.local/share`.
    """
    if folder := os.environ.get("BIOPIPE_HOME"):
        return Path(folder) / kind
    shared = Path(os.environ.get("XDG_DATA_HOME", ""))
    return (shared if shared.is_absolute() else Path.home() / ".local" / "share") / "biopipe" / kind
