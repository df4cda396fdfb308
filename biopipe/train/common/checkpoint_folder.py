"""A folder with a Hugging Face checkpoint, looked at before a library reads it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError, safe_open
from transformers import AutoConfig

from biopipe.errors import ConfigError

__all__ = ["check_checkpoint", "reading_checkpoint"]

_CONFIGS = ("config.json", "gliner_config.json")
_WEIGHTS = ("*.safetensors", "pytorch_model*.bin")


def check_checkpoint(folder: Path) -> None:
    """ConfigError unless the folder has a configuration that transformers knows and weights that
    are whole.
    """
    config = next((folder / name for name in _CONFIGS if (folder / name).is_file()), None)
    if config is None:
        raise ConfigError(
            f"{folder} has no config.json; give the folder of a Hugging Face checkpoint, or a "
            "model directory of biopipe's."
        )
    _read_object(config)
    weights = [path for pattern in _WEIGHTS for path in sorted(folder.glob(pattern))]
    if not weights:
        raise ConfigError(f"{folder} has no model.safetensors; get the checkpoint again.")
    with reading_checkpoint(str(folder)):
        # GLiNER's own configuration is none that transformers knows.
        if config.name == _CONFIGS[0]:
            AutoConfig.from_pretrained(folder)
        for path in weights:
            if path.suffix == ".safetensors":
                # Reads the header alone, and fails where the file is shorter than that says.
                with safe_open(path, framework="pt") as file:
                    file.keys()


@contextmanager
def reading_checkpoint(checkpoint: str) -> Iterator[None]:
    """ConfigError in place of what libraries raise where a checkpoint is not what it should be."""
    try:
        yield
    except (
        SafetensorError,
        StrictDataclassError,
        OSError,
        EOFError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RuntimeError,
    ) as error:
        # Loaders may list every tensor of a model in one message.
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise ConfigError(
            f"The checkpoint {checkpoint} cannot be read ({reason}); get or train it again."
        ) from error


def _read_object(path: Path) -> dict[str, Any]:
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} is not JSON ({error}); get the checkpoint again.") from error
    if not isinstance(fields, dict):
        raise ConfigError(f"{path} is not a JSON object; get the checkpoint again.")
    return fields
