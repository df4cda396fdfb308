"""Concepts that a plan joins as one concept each, in memory."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from biopipe.kb.build.concept_rows import merge_concepts, names_by_kind
from biopipe.kb.build.merge import JoinPlan
from biopipe.kb.schema import Concept

__all__ = ["grouped_concepts"]


def grouped_concepts(concepts: Iterable[Concept], plan: JoinPlan) -> Iterator[Concept]:
    """One concept for each main id of `plan`, in the order of the first of each; retired ids after
    them.

    Of names that differ in case alone one is kept.
    """
    groups: dict[str, list[Concept]] = {}
    retired: dict[str, Concept] = {}
    for concept in plan.apply(concepts):
        if concept.replaced_by:
            retired.setdefault(concept.id, concept)
        else:
            groups.setdefault(concept.id, []).append(concept)
    for group in groups.values():
        yield _as_one(group)
    for id_, concept in retired.items():
        # A retired id that became another name of a living concept needs no row of its own.
        if id_ not in groups and id_ not in plan.main:
            yield concept


def _as_one(concepts: list[Concept]) -> Concept:
    if len(concepts) == 1:
        return concepts[0]
    merged = merge_concepts(concepts[0], concepts[1:])
    names: dict[str, tuple[str, str]] = {}
    for concept in concepts:
        for text, kind in names_by_kind(concept).items():
            kept = names.get(text.lower())
            # A name that has capitals may be a symbol, whose capitals tell it from a word.
            if kept is None:
                names[text.lower()] = (text, "exact" if kind == "name" else kind)
            elif kept[0].islower() and not text.islower():
                names[text.lower()] = (text, kept[1])
    # The preferred name is no synonym of itself.
    names.pop(merged.name.lower())
    return replace(
        merged,
        synonyms=tuple(text for text, _ in names.values()),
        synonym_kinds=tuple(kind for _, kind in names.values()),
        xrefs=tuple(xref for xref in merged.xrefs if xref != merged.id),
    )
