"""Concepts on their way into a knowledge base, narrowed to types and branches before it is
built.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from itertools import chain

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.near_values import near_values
from biopipe.kb.schema import Concept
from biopipe.kb.semantic_types import SEMANTIC_TYPES, types_of_base

__all__ = ["in_branches", "of_sources", "of_types", "with_source", "with_type"]


def of_types(concepts: Iterable[Concept], types: Collection[str]) -> Iterator[Concept]:
    """Concepts of one of `types`, then the retired ids that lead to one of them.

    Semantic types and groups of UMLS are given by code or name. KnowledgeBaseError, at the end,
    for a type that no concept has.
    """
    return _having(concepts, types, lambda concept: concept.types, "type", spellings=_spellings)


def of_sources(concepts: Iterable[Concept], sources: Collection[str]) -> Iterator[Concept]:
    """As `of_types`, for vocabularies by the name of the source or the prefix of the id."""
    return _having(
        concepts, sources, lambda concept: (concept.id.partition(":")[0], concept.source), "source"
    )


def _having(
    concepts: Iterable[Concept],
    values: Collection[str],
    values_of: Callable[[Concept], tuple[str, ...]],
    what: str,
    spellings: Callable[[str], frozenset[str]] = lambda value: frozenset({value}),
) -> Iterator[Concept]:
    spelt = {value: spellings(value) for value in values}
    wanted, seen, kept = frozenset(chain(*spelt.values())), set[str](), set[str]()
    retired: dict[str, Concept] = {}
    for concept in concepts:
        if concept.replaced_by:
            # Kept to the end, since their successors may come later in the file.
            retired[concept.id] = concept
            continue
        own = values_of(concept)
        seen.update(own)
        if not wanted.isdisjoint(own):
            kept.add(concept.id)
            yield concept
    for value, same in spelt.items():
        if seen.isdisjoint(same):
            untyped = what == "type" and not seen
            hint = f"give them one with --type {value}" if untyped else near_values(value, seen)
            raise KnowledgeBaseError(
                f"No concept has a type; {hint}."
                if untyped
                else f"No concept is of the {what} '{value}'; {hint}."
            )
    successors = {id_: concept.replaced_by for id_, concept in retired.items()}
    # Along the whole chain: an id may have been replaced twice.
    yield from (retired[id_] for id_ in retired if _end(id_, kept, successors) in kept)


def _spellings(type_: str) -> frozenset[str]:
    """A type, and the semantic types that it names or gathers, by code and by name."""
    every = frozenset({type_, *SEMANTIC_TYPES, *SEMANTIC_TYPES.values()})
    return frozenset({type_, *types_of_base([type_], every - {type_})})


def in_branches(
    read: Callable[[], Iterable[Concept]], branches: Collection[str]
) -> Iterator[Concept]:
    """The concepts with these ids and all their descendants by is-a; reads twice, the first time
    for the tree.

    KnowledgeBaseError when an id of `branches` is not there.
    """
    children: dict[str, list[str]] = defaultdict(list)
    living: set[str] = set()
    successors: dict[str, str] = {}
    for concept in read():
        if concept.replaced_by:
            successors[concept.id] = concept.replaced_by
        else:
            living.add(concept.id)
        for parent in concept.parents:
            children[parent].append(concept.id)
    # A branch may be given by an id that has since been replaced.
    kept = {_living(branch, living, successors) for branch in branches}
    waiting = list(kept)
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in kept:
                kept.add(child)
                waiting.append(child)
    for concept in read():
        if _end(concept.id, kept, successors) in kept:
            yield concept


def with_source(concepts: Iterable[Concept]) -> Iterator[Concept]:
    """Concepts whose file does not say where they are from get the prefix of their id as source."""
    for concept in concepts:
        yield concept if concept.source else replace(concept, source=concept.id.partition(":")[0])


def with_type(
    concepts: Iterable[Concept], type_: str, *, groups: bool = False
) -> Iterator[Concept]:
    """Concepts without a type get `type_`; with `groups` all do, and what types they have stand
    after it.
    """
    for concept in concepts:
        untyped = not concept.types or (groups and type_ not in concept.types)
        if untyped and not concept.replaced_by:
            concept = replace(concept, types=(type_, *concept.types))
        yield concept


def _living(branch: str, living: set[str], successors: dict[str, str]) -> str:
    end = _end(branch, living, successors)
    if end not in living:
        raise KnowledgeBaseError(
            f"There is no concept '{branch}' to be a branch; {near_values(branch, living)}."
        )
    return end


def _end(id_: str, living: set[str], successors: dict[str, str]) -> str:
    """Where the successors of `id_` lead, or the last of them before they go in a circle."""
    seen = {id_}
    while id_ not in living and successors.get(id_, id_) not in seen:
        id_ = successors[id_]
        seen.add(id_)
    return id_
