"""Which concepts of different vocabularies are the same, told by their names alone.

For vocabularies that no file maps to each other. A joint of two concepts needs a name that no
further concept of the two vocabularies has: the preferred one of at least one of them, or two
synonyms; and each must be the best match of the other. So a concept that is only narrower, for
which the other vocabulary has a concept too, stays by itself.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from biopipe.kb.schema import Concept
from biopipe.text.normalize import normalize_name, word_order_key

__all__ = ["NameKey", "chemical_key", "joints_by_name", "lower_case_key", "words_key"]

NameKey = Callable[[str], str]
"""Names with the same key are the same name; "" for a name that tells nothing."""

_CODE = re.compile(r"[a-z]{1,5} \d{3,}[a-z]?")
# Shorter names are abbreviations, which mean one thing in each field; a preferred name may be short.
_LEAST_LETTERS = 5
# Where no preferred name is shared: one synonym alone may be that of a narrower concept.
_LEAST_SHARED_SYNONYMS = 2
_LOOSE_PART = 3


def words_key(name: str) -> str:
    """The normal form of a name of a disease, whatever the order of its words, with or without
    "type" before a number, and with today's words for those that vocabularies have replaced.
    """
    plain, lowered = name, name.lower()
    if "type " in lowered:
        plain = _TYPE.sub("", _LEADING_TYPE.sub(r"\2 \1", name))
    if "mental" in lowered:
        for before, now in _RENAMED.items():
            plain = before.sub(now, plain)
    normalized = normalize_name(plain)
    return word_order_key(plain, normalized) or normalized


def lower_case_key(name: str) -> str:
    """A name in lower case; for chemicals, where every sign and its place matters, but not in codes
    of laboratories: "SB-203580" and "SB203580" are one.
    """
    key = " ".join(name.lower().replace("-", " ").split())
    return key.replace(" ", "") if _CODE.fullmatch(key) else key


def chemical_key(name: str) -> str:
    """As `lower_case_key`, in the singular: classes of chemicals are in the plural in MeSH."""
    key = lower_case_key(name)
    plural = key.endswith("s") and not key.endswith(("ss", "us", "is", "as", "os"))
    return key[:-1] if plural and len(key) > _LEAST_LETTERS else key


@dataclass(slots=True)
class _Bearers:
    """The concepts of one vocabulary that have a name, and those that have it as preferred one."""

    named: set[str] = field(default_factory=set)
    preferred: set[str] = field(default_factory=set)


_Index = Mapping[str, Mapping[str, _Bearers]]
_LEADING_TYPE = re.compile(r"type ([\dIVX]+[a-z]?\b) (.+)", re.IGNORECASE)
_TYPE = re.compile(r"\btype (?=\d|[IVX]+\b)", re.IGNORECASE)
# OMIM and Mondo renamed these one entry after the other, so both words are in use for one disease.
# All of them have "mental" in them.
_RENAMED = {
    re.compile("mental retardation", re.IGNORECASE): "intellectual disability",
    re.compile("intellectual developmental disorder", re.IGNORECASE): "intellectual disability",
}

# In how many of the two a shared name is the preferred one, then how many names they share.
_Strength = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _KeyedConcept:
    """Ids of a concept by their system, and the keys of its names."""

    ids: Mapping[str, str]
    preferred: str
    names: frozenset[str]


def joints_by_name(
    concepts: Iterable[Concept], systems: Sequence[str], key: NameKey, *, loose: str = ""
) -> Iterator[tuple[str, str]]:
    """Pairs of ids of equal concepts, the one of the earlier of `systems` (prefixes) first.

    Concepts of other systems, and retired ones, are passed over; a concept counts for every
    system that it has an id of. Synonyms of the system `loose` may be names of narrower concepts:
    where its preferred name is not shared, a third of its names has to be.
    """
    keyed = [
        _keyed(concept, ids, key)
        for concept in concepts
        if not concept.replaced_by and (ids := _ids_in(concept, systems))
    ]
    counts = {c.ids[loose]: len(c.names) for c in keyed if loose in c.ids}
    index = _index(keyed, systems)
    for number, system in enumerate(systems):
        for other in systems[number + 1 :]:
            yield from _mutual(_strengths(index, system, other, counts))


def _keyed(concept: Concept, ids: Mapping[str, str], key: NameKey) -> _KeyedConcept:
    kinds = concept.synonym_kinds or ("exact",) * len(concept.synonyms)
    synonyms = zip(concept.synonyms, kinds, strict=True)
    keys = {key(synonym) for synonym, kind in synonyms if kind == "exact"}
    preferred = key(concept.name)
    names = {name for name in keys if len(name) >= _LEAST_LETTERS} | {preferred}
    return _KeyedConcept(ids, preferred, frozenset(names))


def _index(concepts: Sequence[_KeyedConcept], systems: Sequence[str]) -> _Index:
    """Who bears each name that several vocabularies have."""
    places = {system: 1 << place for place, system in enumerate(systems)}
    having: dict[str, int] = defaultdict(int)
    for concept in concepts:
        mask = sum(places[system] for system in concept.ids)
        for name in concept.names:
            having[name] |= mask
    index: dict[str, dict[str, _Bearers]] = defaultdict(dict)
    for concept in concepts:
        for name in concept.names:
            if having[name].bit_count() > 1 and name:
                for system, id_ in concept.ids.items():
                    bearers = index[name].setdefault(system, _Bearers())
                    bearers.named.add(id_)
                    if name == concept.preferred:
                        bearers.preferred.add(id_)
    return index


def _ids_in(concept: Concept, systems: Sequence[str]) -> dict[str, str]:
    """The ids of a concept by their system, for those of `systems`."""
    by_system = {id_.partition(":")[0]: id_ for id_ in (*concept.xrefs, concept.id)}
    return {system: by_system[system] for system in systems if system in by_system}


def _strengths(
    index: _Index, system: str, other: str, counts: Mapping[str, int]
) -> dict[tuple[str, str], _Strength]:
    """How strongly names join each pair of concepts of two vocabularies; `counts`: how many names
    the concepts have whose synonyms are loose.
    """
    levels: dict[tuple[str, str], int] = {}
    own: set[tuple[str, str]] = set()
    shared: dict[tuple[str, str], int] = defaultdict(int)
    for by_system in index.values():
        ours, theirs = by_system.get(system), by_system.get(other)
        if ours is None or theirs is None:
            continue
        for pair in product(ours.named, theirs.named):
            shared[pair] += 1
        if len(ours.preferred) == len(theirs.preferred) == 1:
            levels[_only(ours.preferred), _only(theirs.preferred)] = 2
        elif len(ours.named) == len(theirs.named) == 1:
            pair = (_only(ours.named), _only(theirs.named))
            level = 1 if ours.preferred or theirs.preferred else 0
            levels[pair] = max(level, levels.get(pair, 0))
            if ours.preferred:
                own.add(pair)
    return {
        pair: (level, shared[pair])
        for pair, level in levels.items()
        if (level or shared[pair] >= _LEAST_SHARED_SYNONYMS)
        and (level == 2 or pair in own or _LOOSE_PART * shared[pair] >= counts.get(pair[0], 0))
    }


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
