"""`manifest.json` of a model directory: what the model is, how it was made, and the hash of each of
its files.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from biopipe.document import Resource
from biopipe.errors import ModelError
from biopipe.io.manifest_files import (
    MANIFEST,
    ManifestKind,
    describe_files,
    read_manifest_fields,
    verify_files,
    write_manifest_fields,
)
from biopipe.runtime.manifest_values import problem_with

__all__ = [
    "MODEL_FORMAT",
    "MODEL_KIND",
    "TASKS",
    "Manifest",
    "file_sha256_of",
    "load_manifest",
    "verified_bytes",
    "write_manifest",
]

MODEL_FORMAT = 1
TASKS = (
    "encoder",
    "token-classification",
    "gliner",
    "bi-encoder",
    "cross-encoder",
    "mention-prior",
    "linker-weights",
    "relation",
)
MODEL_KIND = ManifestKind(
    noun="model", error=ModelError, format=MODEL_FORMAT, remedy="restore the model directory"
)
_SHAPES: Mapping[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("name", "version", "task", "base_model", "licence", "pooling"), str),
    **dict.fromkeys(("max_length", "stride", "opset"), int),
    **dict.fromkeys(("settings", "calibration", "parity", "variants", "made_with", "files"), dict),
    **dict.fromkeys(("training_data", "metrics"), (list, tuple)),
}


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
        digests = {name: about["sha256"] for name, about in self.files.items()}
        answer = [
            digests,
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
    fields_read = read_manifest_fields(directory, MODEL_KIND)
    manifest = _parse(fields_read, directory / MANIFEST)
    if task is not None and manifest.task != task:
        raise ModelError(f"The model {directory} does {manifest.task}; give one that does {task}.")
    verify_files(directory, manifest.files, MODEL_KIND)
    return manifest


def verified_bytes(directory: Path, manifest: Manifest, name: str) -> bytes:
    """The content of a file of a model that was opened before; ModelError where the manifest names
    no such file, or another one has taken its place.
    """
    try:
        content = (directory / name).read_bytes()
    except OSError as error:
        raise ModelError(
            f"The file {directory / name} cannot be read ({error.strerror or error}); restore the "
            "model directory."
        ) from error
    if hashlib.sha256(content).hexdigest() != file_sha256_of(directory, manifest, name):
        raise ModelError(
            f"The file {directory / name} is another one than when its model was opened (sha256 "
            "differs); open the model again."
        )
    return content


def file_sha256_of(directory: Path, manifest: Manifest, name: str) -> str:
    """What the manifest has of a file; ModelError where it does not name it, for then nothing says
    what the file should be.
    """
    if name not in manifest.files:
        raise ModelError(
            f"The manifest of the model {directory} names no file '{name}'; export the model again."
        )
    return str(manifest.files[name]["sha256"])


def _parse(fields_read: Mapping[str, Any], path: Path) -> Manifest:
    names = {f.name for f in fields(Manifest)}
    try:
        values = {key: value for key, value in fields_read.items() if key in names}
        labels = values["labels"]
        if not isinstance(labels, list):
            raise TypeError(f"'labels' is {str(labels)[:60]}")
        manifest = Manifest(**{**values, "labels": tuple(labels)})
    except (KeyError, TypeError) as error:
        raise ModelError(f"{path} is not complete ({error}); export the model again.") from error
    for name, expected in _SHAPES.items():
        if not isinstance(getattr(manifest, name), expected):
            raise ModelError(
                f"{path} has {str(getattr(manifest, name))[:60]} as '{name}'; export the model "
                "again."
            )
    if manifest.task not in TASKS:
        raise ModelError(
            f"{path} names the unknown task '{manifest.task}'; known tasks: {', '.join(TASKS)}."
        )
    if problem := problem_with(manifest.task, {name: getattr(manifest, name) for name in names}):
        raise ModelError(f"{path} {problem}; export the model again.")
    return manifest


def write_manifest(directory: Path, manifest: Manifest, files: Sequence[str]) -> Manifest:
    """Hash `files` of `directory`, write the manifest and return what was written."""
    described = describe_files(directory, files)
    write_manifest_fields(
        directory, {"format": MODEL_FORMAT, **asdict(manifest), "files": described}
    )
    return load_manifest(directory)
