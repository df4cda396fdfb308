"""`manifest.json` of a knowledge base directory: what it is, what it was made of, and the hash of
each file.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from biopipe.errors import KnowledgeBaseError
from biopipe.io.file_hash import RememberedHashes
from biopipe.io.manifest_files import (
    MANIFEST,
    ManifestKind,
    read_manifest_fields,
    verify_files,
    write_manifest_fields,
)
from biopipe.kb.arrow_schemas import TABLE_SCHEMAS
from biopipe.kb.check_tables import check_tables
from biopipe.text.normalize import NORMALIZER_VERSION

__all__ = [
    "KB_FORMAT",
    "KB_KIND",
    "KBManifest",
    "current_kb_sha256",
    "load_kb_manifest",
    "write_kb_manifest",
]

KB_FORMAT = 2
KB_KIND = ManifestKind(
    "knowledge base", KnowledgeBaseError, KB_FORMAT, "build it again", folders=True
)
# Hashing this much takes a fraction of a second, so smaller directories are hashed by every process
# that opens them.
_ALWAYS_HASHED_BYTES = 64_000_000
_SHAPES: Mapping[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("name", "version", "licence", "sha256"), str),
    **dict.fromkeys(("sources", "counts", "types", "files", "encoder", "systems"), dict),
    "normalizer": int,
    "prefer": (list, tuple),
}


@dataclass(frozen=True, slots=True)
class KBManifest:
    """What `manifest.json` says; `sources` and `files` carry sha256, `types` the number of concepts
    of each type.

    `encoder` is empty where there are no vectors, else it has the encoder's name, hash and
    dimension, the number of texts encoded, and how the vectors are stored. `systems` are the
    prefixes of ids with the number of ids of each, cross-references among them; `prefer` those of
    them under which concepts are shown, the most wanted first. `sha256` is that of the manifest
    itself, and so of all that the base holds.
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
    systems: Mapping[str, int] = field(default_factory=dict)
    prefer: Sequence[str] = field(default_factory=tuple)

    @property
    def bytes(self) -> int:
        """Size of all files together."""
        return sum(int(about["bytes"]) for about in self.files.values())


def write_kb_manifest(directory: Path, manifest: KBManifest) -> None:
    """Write the manifest with its own sha256, whatever `manifest.sha256` is."""
    content = {"format": KB_FORMAT, **asdict(manifest), "sha256": ""}
    write_manifest_fields(directory, content | {"sha256": _sha256_of_fields(content)})


def load_kb_manifest(directory: Path, *, verify: bool = False) -> KBManifest:
    """Read and verify a directory; KnowledgeBaseError says what is missing, altered, too new or of
    another normaliser.

    The manifest's own sha256 is compared, and those of all files. Hashes of a directory of 64 MB
    and more are remembered in the cache folder: a file of the same size, times and inode is not
    read again, unless with `verify`. Tables that are read are checked as well (`check_tables`).
    """
    if not directory.is_dir():
        raise KnowledgeBaseError(
            f"There is no knowledge base folder '{directory}'; build one with: biopipe kb build."
        )
    manifest = _manifest_of(read_manifest_fields(directory, KB_KIND), directory)
    _verify(directory, manifest, verify=verify)
    if manifest.normalizer != NORMALIZER_VERSION:
        raise KnowledgeBaseError(
            f"The knowledge base {directory} was built with normaliser version "
            f"{manifest.normalizer}, this biopipe has {NORMALIZER_VERSION}; build it again."
        )
    return manifest


def _verify(directory: Path, manifest: KBManifest, *, verify: bool) -> None:
    if missing := sorted(TABLE_SCHEMAS.keys() - manifest.files.keys()):
        raise KnowledgeBaseError(
            f"{directory / MANIFEST} names no {missing[0]}; build the knowledge base again."
        )
    if verify or manifest.bytes < _ALWAYS_HASHED_BYTES:
        verify_files(directory, manifest.files, KB_KIND)
        check_tables(directory)
        return
    remembered = RememberedHashes(directory)
    verify_files(directory, manifest.files, KB_KIND, sha256=remembered.sha256)
    if remembered.news:
        check_tables(directory)
        remembered.save()


def current_kb_sha256(directory: Path) -> str:
    """What the manifest of a directory says now of all that the base holds; "" where it says
    nothing.
    """
    try:
        return str(read_manifest_fields(directory, KB_KIND).get("sha256", ""))
    except KnowledgeBaseError:
        return ""


def _manifest_of(content: Mapping[str, Any], directory: Path) -> KBManifest:
    path = directory / MANIFEST
    if content.get("sha256") != _sha256_of_fields(content):
        raise KnowledgeBaseError(
            f"{path} was altered after the build; build the knowledge base again."
        )
    # What later versions added has a default and is not in older manifests.
    required = {f.name for f in fields(KBManifest) if f.default_factory is MISSING}
    if missing := sorted(required - content.keys()):
        raise KnowledgeBaseError(f"{path} has no '{missing[0]}'; build the knowledge base again.")
    manifest = KBManifest(
        **{f.name: content[f.name] for f in fields(KBManifest) if f.name in content}
    )
    for name, expected in _SHAPES.items():
        if not isinstance(getattr(manifest, name), expected):
            raise KnowledgeBaseError(
                f"{path} has {str(getattr(manifest, name))[:60]} as '{name}'; build the knowledge "
                "base again."
            )
    return manifest


def _sha256_of_fields(content: Mapping[str, Any]) -> str:
    canonical = json.dumps({**content, "sha256": ""}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
