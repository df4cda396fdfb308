"""Several vocabularies as one: concepts that mapping files call equal are joined under one id."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from biopipe.kb.schema import Concept

__all__ = ["JoinPlan", "plan_join"]


@dataclass(frozen=True, slots=True)
class JoinPlan:
    """Which ids go under which; `refused` counts mappings that would have joined two ids of one
    vocabulary.

    `main` has every id that goes under another one, `aliases` by main id those that no concept has.
    """

    main: Mapping[str, str]
    aliases: Mapping[str, Sequence[str]]
    joined: int
    refused: int

    def apply(self, concepts: Iterable[Concept]) -> Iterator[Concept]:
        """The concepts under their main ids, one by one; the other ids are their cross-references.

        Those under one id become one when they are compiled: names, types and parents are joined,
        and the first that says something has the word for the preferred name and the definition.
        """
        for concept in concepts:
            main = self.main.get(concept.id, concept.id)
            if concept.replaced_by:
                successor = self.main.get(concept.replaced_by, concept.replaced_by)
                yield replace(concept, replaced_by=successor if main == concept.id else main)
                continue
            parents = dict.fromkeys(self.main.get(parent, parent) for parent in concept.parents)
            # A joint of a concept with its own parent must not make it its own ancestor.
            parents.pop(main, None)
            own = (concept.id,) if main != concept.id else self.aliases.get(main, ())
            xrefs = tuple(dict.fromkeys((*own, *concept.xrefs)))
            yield replace(concept, id=main, parents=tuple(parents), xrefs=xrefs)


def plan_join(
    concepts: Iterable[Concept],
    pairs: Iterable[tuple[str, str]],
    *,
    apart: Collection[frozenset[str]] = (),
) -> JoinPlan:
    """How `pairs` of equal ids join `concepts`, of which only the ids are kept.

    The id that comes first is the main one. Two ids of a set of `apart` never become one, whatever
    chain of pairs leads from one to the other. Two concepts of one vocabulary (the prefix of the id)
    are never joined: its editors hold them apart, so a chain of mappings that meets both is cut
    where it would join them.
    """
    places: dict[str, int] = {}
    successors: dict[str, str] = {}
    for concept in concepts:
        if concept.replaced_by:
            successors.setdefault(concept.id, concept.replaced_by)
        else:
            places.setdefault(concept.id, len(places))
    groups, refused = _Groups(places, apart), 0
    for one, other in pairs:
        ends = _successor(one, places, successors), _successor(other, places, successors)
        refused += not groups.union(*ends)
        # A retired id goes with its successor, also where the joint itself was refused.
        for id_, end in zip((one, other), ends, strict=True):
            if id_ != end:
                groups.union(id_, end)
    return groups.plan(refused, known=successors)


class _Groups:
    """Union-find over ids; each group knows its concept of each vocabulary, and ids that are to
    stay apart are known.
    """

    def __init__(self, places: Mapping[str, int], apart: Collection[frozenset[str]]) -> None:
        self._places = places
        self._apart: dict[str, set[str]] = {}
        for one, other in map(sorted, apart):
            self._apart.setdefault(one, set()).add(other)
            self._apart.setdefault(other, set()).add(one)
        self._up: dict[str, str] = {}
        self._concepts: dict[str, dict[str, str]] = {}

    def union(self, one: str, other: str) -> bool:
        """Whether the two are in one group now."""
        root, joining = self._root(one), self._root(other)
        if root == joining:
            return True
        concepts, others = self._concepts[root], self._concepts[joining]
        if not concepts.keys().isdisjoint(others):
            return False
        if self._apart and any(
            not self._apart.get(id_, set()).isdisjoint(others.values()) for id_ in concepts.values()
        ):
            return False
        concepts.update(others)
        self._up[joining] = root
        del self._concepts[joining]
        return True

    def plan(self, refused: int, *, known: Mapping[str, str]) -> JoinPlan:
        """`known`: retired ids, which need no row of their own."""
        first = {
            root: min(concepts.values(), key=self._places.__getitem__)
            for root, concepts in self._concepts.items()
            if concepts
        }
        main = {id_: first[root] for id_ in self._up if (root := self._root(id_)) in first}
        main = {id_: target for id_, target in main.items() if id_ != target}
        aliases: dict[str, list[str]] = {}
        for id_, target in main.items():
            if id_ not in self._places and id_ not in known:
                aliases.setdefault(target, []).append(id_)
        return JoinPlan(main, aliases, sum(id_ in self._places for id_ in main), refused)

    def _root(self, id_: str) -> str:
        if id_ not in self._up:
            self._up[id_] = id_
            self._concepts[id_] = {id_.partition(":")[0]: id_} if id_ in self._places else {}
        while self._up[id_] != id_:
            # Halves the path on the way up (Tarjan & van Leeuwen 1984), so that chains stay short.
            self._up[id_] = self._up[self._up[id_]]
            id_ = self._up[id_]
        return id_


def _successor(id_: str, places: Mapping[str, int], successors: Mapping[str, str]) -> str:
    """The living concept that `id_` is or was replaced by; `id_` itself when there is none."""
    end, seen = id_, {id_}
    while end not in places and end in successors and successors[end] not in seen:
        end = successors[end]
        seen.add(end)
    return end if end in places else id_
