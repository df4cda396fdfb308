"""The models that ship with biopipe or were installed, by name, and which of a model's graphs a
device runs.
"""

from pathlib import Path

from biopipe.errors import ModelError
from biopipe.extras import installed_folder, shipped_folder
from biopipe.io.installing import installed_names
from biopipe.runtime.device import parse_device
from biopipe.runtime.manifest import Manifest

__all__ = ["find_model", "graph_file", "list_models", "named_model", "shipped_folder"]

# A graphics card has no fast kernels for dynamic int8, and a processor none for fp16.
_PREFERRED = {"cuda": ("fp16", "fp32", "int8"), "tensorrt": ("fp16", "fp32", "int8")}


def list_models() -> list[str]:
    """Names of the models that ship or were installed, sorted."""
    folders = (shipped_folder("models"), installed_folder("models"))
    return sorted({name for folder in folders for name in installed_names(folder)})


def find_model(name_or_path: str | Path) -> Path:
    """The directory of a model that ships or was installed, by name, or of any model by path;
    ModelError lists what there is.
    """
    path = Path(name_or_path)
    if path.is_dir():
        return path.resolve()
    if (named := named_model(str(name_or_path))) is not None:
        return named
    raise ModelError(
        f"There is no model '{name_or_path}'; give a model directory or one of: "
        f"{', '.join(list_models()) or 'none'}."
    )


def named_model(name: str) -> Path | None:
    """The directory of a model that ships or was installed; None where no model has the name."""
    if len(Path(name).parts) != 1 or name == "..":
        return None
    folders = (shipped_folder("models") / name, installed_folder("models") / name)
    return next((folder for folder in folders if folder.is_dir()), None)


def graph_file(directory: Path, manifest: Manifest, *, device: str = "cpu") -> Path:
    """The graph of a model directory for `device`: on a graphics card fp16 where there is one, else
    `model.onnx`. ModelError where that is no plain name of a file in the directory.
    """
    for precision in _PREFERRED.get(parse_device(device).kind, ()):
        if precision in manifest.variants:
            name = str(manifest.variants[precision]["file"])
            if Path(name).name != name:
                raise ModelError(
                    f"The model {directory} names the graph '{name}', which is no plain name of a "
                    "file in it; export the model again."
                )
            return directory / name
    return directory / "model.onnx"
