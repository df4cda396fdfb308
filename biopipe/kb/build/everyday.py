"""Names of everyday tables: what they call a concept, no other concept of the kind is called."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import compress

from biopipe.kb.schema import Concept
from biopipe.text.normalize import normalize_name

__all__ = ["without_everyday_names"]


def without_everyday_names(
    concepts: Iterable[Concept],
    everyday: Sequence[Concept],
    *,
    only: re.Pattern[str] | None = None,
) -> Iterator[Concept]:
    """The concepts without those synonyms that `everyday` gives another one, of these `only` what
    the pattern matches whole: COX-2 is an old name of PTGER2 too, and NAD one of sodium dodecyl
    sulfate. Preferred names stay.
    """
    owners = {
        normalize_name(name): concept.id
        for concept in everyday
        for name in (concept.name, *concept.synonyms)
        if only is None or only.fullmatch(name)
    }
    for concept in concepts:
        ids = (concept.id, *concept.xrefs)
        kept = [owners.get(normalize_name(name), concept.id) in ids for name in concept.synonyms]
        if all(kept):
            yield concept
        else:
            kinds = concept.synonym_kinds
            yield replace(
                concept,
                synonyms=tuple(compress(concept.synonyms, kept)),
                synonym_kinds=tuple(compress(kinds, kept)) if kinds else (),
            )
