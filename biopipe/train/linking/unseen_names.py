"""A copy of a base without some names, so that mentions of them are as those that no base has."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.build.dense_build import NameEncoder
from biopipe.kb.schema import Concept
from biopipe.text.normalize import normalize_name, word_order_key

__all__ = ["base_without_names", "forms_of_name"]


def forms_of_name(name: str) -> frozenset[str]:
    """What must not be in a base for it not to know `name`: its normal form, and its words in any
    order.
    """
    form = normalize_name(name)
    return frozenset({form, word_order_key(name, form)} - {""})


def base_without_names(
    kb: KnowledgeBase,
    forms: Collection[str],
    directory: Path,
    *,
    types: Collection[str] | None = None,
    encoder: NameEncoder | None = None,
) -> KnowledgeBase:
    """The concepts of `types` (None: all) without names of these forms (`forms_of_name`), built in
    `directory`.

    Where the preferred name goes the first synonym takes its place; a concept that has none goes.
    """
    concepts = list(_without_names(kb, frozenset(forms), types))
    # A system whose last concept went is no longer one to prefer: a base refuses unknown ones.
    systems = {
        id_.partition(":")[0] for concept in concepts for id_ in (concept.id, *concept.xrefs)
    }
    compile_kb(
        concepts,
        directory,
        name=kb.name,
        version=kb.version,
        licence=kb.manifest.licence,
        sources=dict(kb.manifest.sources),
        prefer=[system for system in kb.prefer if system in systems],
        encoder=encoder,
    )
    return KnowledgeBase.open(directory)


def _without_names(
    kb: KnowledgeBase, forms: frozenset[str], types: Collection[str] | None
) -> Iterator[Concept]:
    for concept in kb.concepts():
        if types is not None and set(types).isdisjoint(concept.types):
            continue
        kinds = concept.synonym_kinds or ("exact",) * len(concept.synonyms)
        named = [
            (name, kind)
            for name, kind in zip((concept.name, *concept.synonyms), ("exact", *kinds), strict=True)
            if forms.isdisjoint(forms_of_name(name))
        ]
        if named:
            yield replace(
                concept,
                name=named[0][0],
                synonyms=tuple(name for name, _ in named[1:]),
                synonym_kinds=tuple(kind for _, kind in named[1:]),
            )
