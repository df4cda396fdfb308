"""Terms of the ontologies that the package cellxgene-ontology-guide carries as compressed JSON."""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from biopipe.errors import KnowledgeBaseError
from biopipe.extras import require

__all__ = ["decompress", "read_terms"]


def read_terms(path: Path) -> Mapping[str, Mapping[str, Any]]:
    """Terms by id: `label`, `deprecated`, `ancestors` with their distances, and where there are
    such `synonyms`, `description`, `replaced_by`. KnowledgeBaseError for anything else.
    """
    try:
        terms = json.loads(decompress(path))
    except ValueError as error:
        raise KnowledgeBaseError(
            f"{path} is no JSON ({error}); install its package again."
        ) from error
    if not isinstance(terms, dict) or not all("label" in term for term in terms.values()):
        raise KnowledgeBaseError(f"{path} holds no terms with labels; install its package again.")
    return terms


def decompress(path: Path) -> bytes:
    """The content of a file that is compressed with Zstandard."""
    zstandard = require("zstandard", "kb")
    try:
        with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as reader:
            content: bytes = io.BufferedReader(reader).read()
    except (OSError, zstandard.ZstdError) as error:
        raise KnowledgeBaseError(
            f"Cannot read {path} ({error}); install its package again."
        ) from error
    return content
