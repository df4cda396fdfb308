"""The model directory of the linker's weights, whose files several scripts fit."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from biopipe.runtime.manifest import load_manifest, write_manifest

__all__ = ["write_named_weights"]


def write_named_weights(
    output: Path,
    file: str,
    names: Sequence[str],
    weights: Sequence[float],
    about: Mapping[str, Any],
) -> None:
    """Write weights by their names to a file of the directory, and the manifest that names it beside
    the files it named before.
    """
    named = {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)}
    manifest = load_manifest(output)
    content = json.dumps({"weights": named, "about": dict(about)}, indent=1)
    (output / file).write_text(content + "\n", encoding="utf-8")
    write_manifest(output, manifest, list(dict.fromkeys([*manifest.files, file])))
