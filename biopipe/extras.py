"""What an installation has beside the code: optional dependencies, and the folders that ship with
biopipe.
"""

from importlib import import_module
from pathlib import Path
from types import ModuleType

from biopipe.errors import ExtraMissing

__all__ = ["require", "shipped_folder"]


def require(module: str, extra: str) -> ModuleType:
    """Import `module`, or say which pip extra brings it."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] != module.split(".")[0]:
            raise
        raise ExtraMissing(
            f"The package '{module}' is not installed; install it with: pip install 'biopipe[{extra}]'."
        ) from error


def shipped_folder(kind: str) -> Path:
    """The folder `models` or `dictionaries` that came with this biopipe: inside a wheel's package,
    else beside it.
    """
    package = Path(__file__).resolve().parent
    inside = package / kind
    return inside if inside.is_dir() else package.parent / kind
