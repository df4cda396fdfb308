"""Optional dependencies, imported where they are used."""

from importlib import import_module
from types import ModuleType

from biopipe.errors import ExtraMissing

__all__ = ["require"]


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
