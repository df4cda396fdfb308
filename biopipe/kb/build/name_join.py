"""Which concepts of different vocabularies are the same, told by their names alone.

For vocabularies that no file maps to each other. A joint of two concepts needs a preferred name of
the one among the names of the other, which no further concept of the two vocabularies has, and
each must be the best match of the other. So a concept that is only narrower, for which the other
vocabulary has a concept too, stays by itself.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from biopipe.kb.schema import INDEXED_KINDS, Concept
from biopipe.text.normalize import normalize_name, word_order_key

__all__ = ["NameKey", "joints_by_name", "lower_case_key", "words_key"]

NameKey = Callable[[str], str]
"""Names with the same key are the same name; "" for a name that tells nothing."""

# Shorter names are abbreviations, which mean one thing in each field; a preferred name may be short.
_LEAST_LETTERS = 5


def words_key(name: str) -> str:
    """The normal form of a name, whatever the order of its words."""
    normalized = normalize_name(name)
    return word_order_key(name, normalized) or normalized


def lower_case_key(name: str) -> str:
    """A name in lower case; for chemicals, where every sign and its place matters."""
    return " ".join(name.lower().replace("-", " ").split())


@dataclass(slots=True)
class _Bearers:
    """The concepts of one vocabulary that have a name, and those that have it as preferred one."""

    named: set[str] = field(default_factory=set)
    preferred: set[str] = field(default_factory=set)


# Whether both have the name as preferred one, then how many names they share.
_Strength = tuple[bool, int]


def joints_by_name(
    concepts: Iterable[Concept], systems: Sequence[str], key: NameKey
) -> Iterator[tuple[str, str]]:
    """Pairs of ids of equal concepts, the one of the earlier of `systems` (prefixes) first.

    Concepts of other systems, and retired ones, are passed over; a concept counts for every
    system that it has an id of.
    """
    index: dict[str, dict[str, _Bearers]] = defaultdict(dict)
    for concept in concepts:
        if concept.replaced_by:
            continue
        for id_ in _ids_in(concept, systems):
            _index(index, concept, id_, key)
    for number, system in enumerate(systems):
        for other in systems[number + 1 :]:
            yield from _mutual(_strengths(index, system, other))


def _ids_in(concept: Concept, systems: Sequence[str]) -> list[str]:
    by_system = {id_.partition(":")[0]: id_ for id_ in (*concept.xrefs, concept.id)}
    return [by_system[system] for system in systems if system in by_system]


def _index(
    index: dict[str, dict[str, _Bearers]], concept: Concept, id_: str, key: NameKey
) -> None:
    system = id_.partition(":")[0]
    kinds = concept.synonym_kinds or ("exact",) * len(concept.synonyms)
    preferred = key(concept.name)
    keys = {
        key(synonym)
        for synonym, kind in zip(concept.synonyms, kinds, strict=True)
        if kind in INDEXED_KINDS and kind != "related"
    }
    for name in {preferred, *(name for name in keys if len(name) >= _LEAST_LETTERS)} - {""}:
        bearers = index[name].setdefault(system, _Bearers())
        bearers.named.add(id_)
        if name == preferred:
            bearers.preferred.add(id_)


def _strengths(
    index: Mapping[str, Mapping[str, _Bearers]], system: str, other: str
) -> dict[tuple[str, str], _Strength]:
    """How strongly names join each pair of concepts of two vocabularies."""
    both: dict[tuple[str, str], bool] = {}
    shared: dict[tuple[str, str], int] = defaultdict(int)
    for by_system in index.values():
        ours, theirs = by_system.get(system), by_system.get(other)
        if ours is None or theirs is None:
            continue
        for one in ours.named:
            for two in theirs.named:
                shared[one, two] += 1
        if len(ours.preferred) == len(theirs.preferred) == 1:
            both[_only(ours.preferred), _only(theirs.preferred)] = True
        elif len(ours.named) == len(theirs.named) == 1 and (ours.preferred or theirs.preferred):
            both.setdefault((_only(ours.named), _only(theirs.named)), False)
    return {pair: (preferred, shared[pair]) for pair, preferred in both.items()}


def _mutual(strengths: Mapping[tuple[str, str], _Strength]) -> Iterator[tuple[str, str]]:
    """The pairs of which each is the one best match of the other, the strongest first."""
    best: dict[str, list[tuple[_Strength, str]]] = defaultdict(list)
    for (one, other), strength in strengths.items():
        best[one].append((strength, other))
        best[other].append((strength, one))
    leading = {id_: _leading(matches) for id_, matches in best.items()}
    pairs = [(one, two) for one, two in strengths if leading[one] == two and leading[two] == one]
    yield from sorted(pairs, key=strengths.__getitem__, reverse=True)


def _leading(matches: list[tuple[_Strength, str]]) -> str:
    """The strongest match, "" where two are equally strong."""
    matches = sorted(matches, reverse=True)
    tied = len(matches) > 1 and matches[0][0] == matches[1][0]
    return "" if tied else matches[0][1]


def _only(ids: set[str]) -> str:
    (id_,) = ids
    return id_
