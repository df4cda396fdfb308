"""`manifest.json` of a knowledge base directory: what it is, what it was made of, and the hash of
each file.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.hashing import file_sha256
from biopipe.text.normalize import NORMALIZER_VERSION

__all__ = ["FORMAT", "MANIFEST", "Manifest", "load_manifest", "write_manifest"]

FORMAT = 1
MANIFEST = "manifest.json"
# Hashing this much takes a fraction of a second, so smaller directories are always verified whole
# at opening.
_ALWAYS_HASHED_BYTES = 64_000_000


@dataclass(frozen=True, slots=True)
class Manifest:
    """What `manifest.json` says; `sources` and `files` carry sha256, `types` the number of concepts
    of each type.

    `encoder` is empty where there are no vectors, else it has the encoder's name, hash and
    dimension, the number of texts encoded, and how the vectors are stored.
    """

    name: str
    version: str
    licence: str
    sources: Mapping[str, str]
    normalizer: int
    counts: Mapping[str, int]
    types: Mapping[str, int]
    files: Mapping[str, Mapping[str, Any]]
    sha256: str = ""
    encoder: Mapping[str, Any] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        return sum(int(about["bytes"]) for about in self.files.values())


def write_manifest(directory: Path, manifest: Manifest) -> None:
    raw = {"format": FORMAT, **asdict(manifest), "sha256": ""}
    raw["sha256"] = _own_hash(raw)
    (directory / MANIFEST).write_text(
        json.dumps(raw, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def load_manifest(directory: Path, *, verify: bool = False) -> Manifest:
    """Read and verify a directory; KnowledgeBaseError says what is missing, altered, too new or of
    another normaliser.

    Sizes are always compared and so is the manifest's own sha256; files are hashed when the
    directory holds less than 64 MB, or with `verify`.
    """
    manifest = _parse(_read(directory), directory)
    whole = verify or manifest.bytes < _ALWAYS_HASHED_BYTES
    for name, about in manifest.files.items():
        _verify(directory / name, about, directory, hashed=whole)
    if manifest.normalizer != NORMALIZER_VERSION:
        raise KnowledgeBaseError(
            f"The knowledge base {directory} was built with normaliser version {manifest.normalizer}, this biopipe "
            f"has {NORMALIZER_VERSION}; build it again."
        )
    return manifest


def _read(directory: Path) -> Any:
    if not directory.is_dir():
        raise KnowledgeBaseError(
            f"There is no knowledge base folder '{directory}'; build one with: biopipe kb build."
        )
    try:
        return json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise KnowledgeBaseError(
            f"The folder {directory} holds no {MANIFEST}; it is not a knowledge base, or its build was not finished."
        ) from None
    except (OSError, ValueError) as error:
        raise KnowledgeBaseError(
            f"Cannot read {directory / MANIFEST} ({error}); build it again."
        ) from error


def _parse(raw: Any, directory: Path) -> Manifest:
    if not isinstance(raw, dict) or not isinstance(raw.get("format"), int):
        raise KnowledgeBaseError(
            f"{directory / MANIFEST} names no 'format' number; it is not a knowledge base's."
        )
    if raw["format"] > FORMAT:
        raise KnowledgeBaseError(
            f"The knowledge base {directory} has format {raw['format']}, this biopipe reads up to {FORMAT}; "
            "upgrade biopipe."
        )
    if raw.get("sha256") != _own_hash(raw):
        raise KnowledgeBaseError(
            f"{directory / MANIFEST} was altered after the build; build the knowledge base again."
        )
    try:
        return Manifest(
            **{each.name: raw[each.name] for each in fields(Manifest) if _wanted(each, raw)}
        )
    except KeyError as error:
        raise KnowledgeBaseError(
            f"{directory / MANIFEST} has no {error}; build the knowledge base again."
        ) from error


def _wanted(each: Field[Any], raw: Mapping[str, Any]) -> bool:
    # What later versions added has a default and is not in older manifests.
    return each.name in raw or each.default_factory is MISSING


def _own_hash(raw: Mapping[str, Any]) -> str:
    canonical = json.dumps({**raw, "sha256": ""}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _verify(path: Path, about: Mapping[str, Any], directory: Path, *, hashed: bool) -> None:
    try:
        size = path.stat().st_size
    except OSError:
        raise KnowledgeBaseError(
            f"The file {path.name} is missing from the knowledge base {directory}; build it again."
        ) from None
    if size != about["bytes"] or (hashed and file_sha256(path) != about["sha256"]):
        raise KnowledgeBaseError(
            f"The file {path} is not the one its manifest names (size or sha256 differs); build it again."
        )
