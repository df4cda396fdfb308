"""`manifest.json` of a model directory: what the model is, how it was made, and the hash of each of
its files.
"""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from biopipe.document import Resource
from biopipe.errors import ModelError

__all__ = ["MODEL_FORMAT", "TASKS", "Manifest", "load_manifest", "write_manifest"]

MODEL_FORMAT = 1
TASKS = (
    "token-classification",
    "gliner",
    "bi-encoder",
    "cross-encoder",
    "mention-prior",
    "relation",
)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What `manifest.json` says; `labels` are entity or relation labels, `settings` what only this
    task needs.

    `max_length` and `stride` (the overlap of windows) count tokens, special tokens included in
    `max_length`. `variants` are the graphs by precision, each with its `file` and its parity with
    the checkpoint; without any there is `model.onnx` alone.
    """

    name: str
    version: str
    task: str
    labels: tuple[str, ...]
    max_length: int
    stride: int
    opset: int
    base_model: str
    licence: str
    pooling: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    calibration: Mapping[str, Any] = field(default_factory=dict)
    training_data: Sequence[Mapping[str, Any]] = ()
    metrics: Sequence[Mapping[str, Any]] = ()
    parity: Mapping[str, Any] = field(default_factory=dict)
    variants: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    made_with: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def hash(self) -> str:
        """One sha256 for the whole model: of its files' hashes and of everything that changes what
        it answers.
        """
        said = {name: about["sha256"] for name, about in self.files.items()}
        answer = [
            said,
            list(self.labels),
            dict(self.calibration),
            dict(self.settings),
            self.max_length,
            self.stride,
        ]
        return hashlib.sha256(json.dumps(answer, sort_keys=True).encode()).hexdigest()

    def resource(self, role: str, folder: Path | None = None) -> Resource:
        """The model as a predictor names it among its resources."""
        return Resource(role=role, name=self.name, hash=self.hash, folder=folder)


def load_manifest(directory: Path, *, task: str | None = None) -> Manifest:
    """Read and verify a model directory; ModelError names what is missing, altered, too new or of
    another task.
    """
    path = directory / "manifest.json"
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(
            f"There is no manifest.json in {directory}; a model directory must hold one."
        ) from None
    except (OSError, ValueError) as error:
        raise ModelError(f"Cannot read {path} ({error}); restore the model directory.") from error
    manifest = _parse(raw, path)
    if task is not None and manifest.task != task:
        raise ModelError(f"The model {directory} does {manifest.task}; give one that does {task}.")
    for name, about in manifest.files.items():
        _verify(directory / name, about, directory)
    return manifest


def _parse(raw: Any, path: Path) -> Manifest:
    if not isinstance(raw, dict) or not isinstance(raw.get("format"), int):
        raise ModelError(f"{path} names no 'format' number; it is not a biopipe model manifest.")
    if raw["format"] > MODEL_FORMAT:
        raise ModelError(
            f"{path} has format {raw['format']}, this biopipe reads up to {MODEL_FORMAT}; "
            "upgrade biopipe."
        )
    known = {f.name for f in fields(Manifest)}
    try:
        values = {key: value for key, value in raw.items() if key in known}
        manifest = Manifest(**{**values, "labels": tuple(values["labels"])})
    except (KeyError, TypeError) as error:
        raise ModelError(f"{path} is not complete ({error}); export the model again.") from error
    if manifest.task not in TASKS:
        raise ModelError(
            f"{path} names the unknown task '{manifest.task}'; known tasks: {', '.join(TASKS)}."
        )
    return manifest


def _verify(path: Path, about: Mapping[str, Any], directory: Path) -> None:
    try:
        status = path.stat()
    except OSError:
        raise ModelError(
            f"The file {path.name} is missing from {directory}; restore the model directory."
        ) from None
    if (
        status.st_size != about["bytes"]
        or _sha256(path, status.st_mtime_ns, status.st_size) != about["sha256"]
    ):
        raise ModelError(
            f"The file {path} is not the one its manifest names (sha256 differs); restore the model."
        )


@lru_cache(maxsize=256)
def _sha256(path: Path, _modified: int, _size: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def write_manifest(directory: Path, manifest: Manifest, files: Sequence[str]) -> Manifest:
    """Hash `files` of `directory` and write manifest.json (temporary name, then rename); returns
    what was written.
    """
    hashed = {}
    for name in files:
        status = (directory / name).stat()
        digest = _sha256(directory / name, status.st_mtime_ns, status.st_size)
        hashed[name] = {"sha256": digest, "bytes": status.st_size}
    raw = {"format": MODEL_FORMAT, **asdict(manifest), "files": hashed}
    temporary = directory / "manifest.json.tmp"
    temporary.write_text(json.dumps(raw, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(temporary, directory / "manifest.json")
    return load_manifest(directory)
