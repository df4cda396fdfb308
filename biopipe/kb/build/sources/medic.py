"""MEDIC, CTD's disease vocabulary, as it came in 2012: `id|altid|altid||name|synonym|synonym`."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

from biopipe.document.labels import DISEASE
from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.curie import disease_id
from biopipe.kb.build.sources.lines import numbered_lines
from biopipe.kb.schema import Concept

__all__ = ["read", "without_included"]

# Some names came through HTML: "Banti&apos;s syndrome".
_ENTITY = re.compile(r"&(?:#\d+|\w+);")
_INCLUDED = ", included"


def read(path: Path) -> Iterator[Concept]:
    """Diseases, each followed by its alternative ids; numbers are OMIM's ids, the others MeSH's."""
    for number, line in numbered_lines(path):
        if not line.strip():
            continue
        ids, bars, rest = _ENTITY.sub(lambda entity: unescape(entity[0]), line).partition("||")
        main, *alternatives = (disease_id(part.strip()) for part in ids.split("|"))
        name, *synonyms = (part.strip() for part in rest.split("|"))
        if not bars or not main or not name:
            raise KnowledgeBaseError(
                f"{path}, line {number}, is not 'id|altids||name|synonyms'; "
                "for CTD_diseases.tsv give the format ctd."
            )
        kinds = without_included(synonyms)
        kinds.pop(name, None)
        yield Concept(
            main,
            name,
            tuple(kinds),
            (DISEASE,),
            synonym_kinds=tuple(kinds.values()),
            source="MEDIC",
        )
        for alternative in dict.fromkeys(alternatives):
            if alternative not in ("", main):
                yield Concept(alternative, name, replaced_by=main, source="MEDIC")


def without_included(names: list[str]) -> dict[str, str]:
    """Names with their kinds; OMIM's "NAME, INCLUDED" is a disorder described under the same
    number: related.
    """
    kinds: dict[str, str] = {}
    for name in names:
        if name.lower().endswith(_INCLUDED):
            kinds.setdefault(name[: -len(_INCLUDED)], "related")
        elif name:
            kinds[name] = "exact"
    return kinds
