"""Names of concepts as training data for a bi-encoder: synonym pairs, in batches that hold
look-alikes.
"""

import random
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from biopipe.document import Document
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.schema import INDEXED_KINDS, Concept

__all__ = ["NamePair", "NamedConcepts", "pair_batches", "read_synonyms"]

# Words in more concepts than this tell little of which ones look alike.
_COMMON = 300
_MOST_MENTIONS = 6
_WORD = re.compile(r"\w{3,}")

# A concept (index) and two of its names (texts).
NamePair = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class NamedConcepts:
    """Concepts with at least two different names; `mentions` are what texts call them, `parents`
    indices.
    """

    names: tuple[tuple[str, ...], ...]
    mentions: tuple[tuple[str, ...], ...]
    parents: tuple[frozenset[int], ...]


def read_synonyms(
    knowledge_bases: Iterable[KnowledgeBase],
    documents: Iterable[Document],
    log: Callable[[str], None],
    *,
    types: Collection[str] = (),
) -> NamedConcepts:
    """The names of all concepts in use, and the mentions of linked documents as further names of
    theirs. A concept that an earlier base has by another id is that base's concept.

    With `types`, concepts of other types are left out; those without a type stay.

    Mentions with several ids, or ids that no knowledge base has, teach nothing and are counted in
    the log.
    """
    names: dict[str, dict[str, None]] = {}
    parents: dict[str, tuple[str, ...]] = {}
    bases = list(knowledge_bases)
    for kb in bases:
        for concept in kb.concepts():
            if types and concept.types and not set(types) & set(concept.types):
                continue
            id_ = _of_first_base(concept.id, bases)
            names.setdefault(id_, {}).update(dict.fromkeys(_names(concept)))
            above = (_of_first_base(parent, bases) for parent in concept.parents)
            parents[id_] = (*parents.get(id_, ()), *above)
    mentions = _mentions(bases, documents, log)
    concept_ids = [
        id_ for id_, each in names.items() if len(_distinct((*each, *mentions.get(id_, ())))) > 1
    ]
    place = {id_: index for index, id_ in enumerate(concept_ids)}
    return NamedConcepts(
        names=tuple(tuple(names[id_]) for id_ in concept_ids),
        mentions=tuple(tuple(mentions.get(id_, ()))[:_MOST_MENTIONS] for id_ in concept_ids),
        parents=tuple(
            frozenset(place[p] for p in parents[id_] if p in place) for id_ in concept_ids
        ),
    )


def _names(concept: Concept) -> Iterator[str]:
    yield concept.name
    kinds = concept.synonym_kinds or ("exact",) * len(concept.synonyms)
    for name, kind in zip(concept.synonyms, kinds, strict=True):
        if kind in INDEXED_KINDS:
            yield name


def _of_first_base(concept_id: str, bases: Sequence[KnowledgeBase]) -> str:
    """The id that the first of `bases` to know this concept gives it."""
    known = (kb.canonical(concept_id) for kb in bases)
    return next((id_ for id_ in known if id_ is not None), concept_id)


def _mentions(
    bases: Sequence[KnowledgeBase], documents: Iterable[Document], log: Callable[[str], None]
) -> dict[str, dict[str, None]]:
    surfaces: dict[str, dict[str, None]] = defaultdict(dict)
    unknown = 0
    for document in documents:
        for mention in document.mentions:
            ids = [i for i in mention.concept_ids if any(kb.canonical(i) for kb in bases)]
            if len(mention.concept_ids) == 1 and ids:
                surfaces[_of_first_base(ids[0], bases)][
                    document.text[mention.start : mention.end]
                ] = None
            else:
                unknown += 1
    log(
        f"{sum(map(len, surfaces.values()))} mention texts of {len(surfaces)} concepts; {unknown} "
        "mentions left out"
    )
    return surfaces


def _distinct(names: Iterable[str]) -> set[str]:
    return {name.lower() for name in names}


def pair_batches(data: NamedConcepts, *, size: int, seed: int) -> list[list[NamePair]]:
    """One epoch: each concept once and once more for each of its mentions, every second pair a
    look-alike's.

    A look-alike shares a word that is not too common with the pair before it: the negatives worth
    learning from.
    """
    rng = random.Random(seed)
    visits = [(concept, "") for concept in range(len(data.names))]
    visits += [(concept, text) for concept, each in enumerate(data.mentions) for text in each]
    rng.shuffle(visits)
    lookalikes = _Lookalikes(data)
    batches: list[list[NamePair]] = []
    batch: dict[int, NamePair] = {}
    for concept, mention in visits:
        batch.setdefault(concept, _pair(data, concept, mention, rng))
        other = lookalikes.of(batch[concept], rng)
        if other is not None:
            batch.setdefault(other, _pair(data, other, "", rng))
        if len(batch) >= size:
            batches.append(list(batch.values()))
            batch = {}
    # A last pair alone has no negatives.
    return batches + ([list(batch.values())] if len(batch) > 1 else [])


def _pair(data: NamedConcepts, concept: int, mention: str, rng: random.Random) -> NamePair:
    every = (*data.names[concept], *data.mentions[concept])
    first = mention or rng.choice(every)
    others = [name for name in every if name.lower() != first.lower()]
    return concept, first, rng.choice(others)


class _Lookalikes:
    def __init__(self, data: NamedConcepts) -> None:
        self._concepts: dict[str, list[int]] = defaultdict(list)
        for concept, names in enumerate(data.names):
            for word in {word for name in names for word in _words(name)}:
                self._concepts[word].append(concept)

    def of(self, pair: NamePair, rng: random.Random) -> int | None:
        """Another concept that shares a telling word with the names of the pair, if there is
        any.
        """
        words = [w for w in _words(f"{pair[1]} {pair[2]}") if 1 < len(self._concepts[w]) <= _COMMON]
        if not words:
            return None
        other = rng.choice(self._concepts[rng.choice(words)])
        return None if other == pair[0] else other


def _words(name: str) -> Iterator[str]:
    return iter(_WORD.findall(name.lower()))
