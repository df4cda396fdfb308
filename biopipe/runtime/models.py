"""The models that ship with biopipe, by name, and which of a model's graphs a device runs."""

from pathlib import Path

from biopipe.errors import ModelError
from biopipe.extras import shipped_folder
from biopipe.runtime.device import parse_device
from biopipe.runtime.manifest import Manifest

__all__ = ["find_model", "graph_file", "list_models", "shipped_folder"]

# A graphics card has no fast kernels for dynamic int8, and a processor none for fp16.
_PREFERRED = {"cuda": ("fp16", "fp32", "int8"), "tensorrt": ("fp16", "fp32", "int8")}


def list_models() -> list[str]:
    """Names of the shipped model directories, sorted."""
    return sorted(path.parent.name for path in shipped_folder("models").glob("*/manifest.json"))


def find_model(name_or_path: str | Path) -> Path:
    """The directory of a shipped model by name, or of any model by path; ModelError lists what
    there is.
    """
    path = Path(name_or_path)
    if path.is_dir():
        return path.resolve()
    shipped = shipped_folder("models") / str(name_or_path)
    if len(path.parts) == 1 and shipped.is_dir():
        return shipped
    raise ModelError(
        f"There is no model '{name_or_path}'; give a model directory or one of: "
        f"{', '.join(list_models()) or 'none'}."
    )


def graph_file(directory: Path, manifest: Manifest, *, device: str = "cpu") -> Path:
    """The graph of a model directory for `device`: on a graphics card fp16 where there is one, else
    `model.onnx`.
    """
    for precision in _PREFERRED.get(parse_device(device).kind, ()):
        if precision in manifest.variants:
            return directory / str(manifest.variants[precision]["file"])
    return directory / "model.onnx"
