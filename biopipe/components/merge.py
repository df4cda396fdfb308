"""`biopipe_merge`: one set of mentions from what the recognisers before it found."""

from pathlib import Path
from typing import Any

from spacy.language import Language

from biopipe.components.base import Component
from biopipe.document import Predictor

__all__ = ["Merge", "make_merge"]

DEFAULTS: dict[str, Any] = {"policy": "union", "sources": [], "labels": {}, "overlaps": "all"}


@Language.factory("biopipe_merge", default_config=DEFAULTS, assigns=["doc.ents", "doc.spans"])
def make_merge(
    nlp: Language,
    name: str,
    policy: str,
    sources: list[str],
    labels: dict[str, dict[str, str]],
    overlaps: str,
) -> "Merge":
    """Union, priority of `sources` or best score; see `biopipe.ner.merge.Merger`. It belongs behind
    them all.
    """
    options = (policy, sources, labels, overlaps)
    return Merge(name, dict(zip(DEFAULTS, options, strict=True)))


class Merge(Component):
    """Replaces the mentions by those that `biopipe.ner.merge.Merger` makes of them."""

    def open(self, model: Path | None) -> Predictor:
        from biopipe.ner.merge import Merger

        return Merger(**self.config)
