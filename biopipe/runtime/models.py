"""The models that ship with biopipe, by name."""

from pathlib import Path

from biopipe.errors import ModelError
from biopipe.extras import shipped_folder

__all__ = ["find_model", "list_models", "shipped_folder"]


def list_models() -> list[str]:
    """Names of the shipped model directories, sorted."""
    return sorted(path.parent.name for path in shipped_folder("models").glob("*/manifest.json"))


def find_model(name_or_path: str | Path) -> Path:
    """The directory of a shipped model by name, or of any model by path; ModelError lists what there is."""
    path = Path(name_or_path)
    if path.is_dir():
        return path.resolve()
    shipped = shipped_folder("models") / str(name_or_path)
    if len(path.parts) == 1 and shipped.is_dir():
        return shipped
    raise ModelError(
        f"There is no model '{name_or_path}'; give a model directory or one of: {', '.join(list_models()) or 'none'}."
    )
