"""Names to put in the place of mentions: of a knowledge base's concepts of their type, or of the
gold itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from biopipe.document import Document
from biopipe.evaluate.predict import KnowledgeBases
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.default import open_base
from biopipe.kinds.registry import concept_types_of

__all__ = ["ReplacementNames", "replacement_names"]

# Concepts drawn for a label: as many names as a gold has mentions, whatever the size of the
# knowledge base.
CONCEPTS = 2000
# Longer ones, and those turned round at a comma as in "Neoplasms, Lung", are hardly ever written in
# a text.
LONGEST = 60


@dataclass(frozen=True, slots=True)
class ReplacementNames:
    """Names of one label, each once, and where they are from."""

    source: str
    texts: Sequence[str]


def replacement_names(
    gold: Sequence[Document],
    labels: Sequence[str],
    *,
    kb: KnowledgeBases | None = None,
    seed: int = 0,
) -> dict[str, ReplacementNames]:
    """By label the names of concepts of `kb` of that type; without any those that the gold has.

    A knowledge base that is there for one label and has types of its own gives names of all its
    concepts.
    """
    paths = {} if kb is None else {"": kb} if isinstance(kb, str) else kb
    opened = {label: open_base(path) for label, path in paths.items()}
    names = {}
    for label in labels:
        base = opened.get(label, opened.get(""))
        drawn = [] if base is None else _names_of(base, label, seed, any_type=label in opened)
        source = f"{base.name} {base.version}" if base is not None and drawn else "gold"
        names[label] = ReplacementNames(source, drawn or _names_in(gold, label))
    return names


def _names_in(gold: Sequence[Document], label: str) -> list[str]:
    return sorted({d.text[m.start : m.end] for d in gold for m in d.mentions if m.label == label})


def _names_of(kb: KnowledgeBase, label: str, seed: int, *, any_type: bool) -> list[str]:
    type_ = concept_types_of(label)[0]
    if type_ not in kb.types and not any_type:
        return []
    mask = kb.select(types=[type_] if type_ in kb.types else None)
    rows = np.arange(len(kb)) if mask is None else np.flatnonzero(mask)
    chosen = np.random.default_rng(seed).permutation(rows)[:CONCEPTS]
    concepts = (kb.concept(kb.concept_id(int(row))) for row in chosen)
    # A dict keeps the order of drawing and drops repeats; a set would make runs differ.
    names = {name: None for concept in concepts for name in (concept.name, *concept.synonyms)}
    return [
        name
        for name in names
        if len(name) <= LONGEST and ", " not in name and name == " ".join(name.split())
    ]
