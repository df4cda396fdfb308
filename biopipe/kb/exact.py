"""Concepts by their very names: the same normal form, or else the same words in another order."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from biopipe.document import Candidate
from biopipe.kb.arrays import view
from biopipe.kb.concepts import ConceptRecord, ConceptTable
from biopipe.kb.groups import Mask
from biopipe.kb.hash_index import HashIndex
from biopipe.kb.hashing import name_hash, word_order_hash
from biopipe.kb.prior import NameMatch, match_name, prior, shares, system_share
from biopipe.text.normalize import normalize_name, word_order_key

__all__ = ["ExactNames", "NameBearer"]

# Candidates with equal scores go by place of their type, by match and kind of name, then by id.
_Order = tuple[int, tuple[int, int], tuple[tuple[str, int], ...]]
# Concept, text and kind of a row of the name table.
_StoredName = tuple[int, str, str]

_SCORE_DIGITS = 4
_ID_PARTS = re.compile(r"(\D*)([0-9]*)", re.ASCII)


class NameBearer(NamedTuple):
    """A concept that has a name: its row of the concept table, and how likely it is meant."""

    concept: int
    score: float


class ExactNames:
    """The name table of a base and the index of its normal forms."""

    def __init__(self, names: pa.RecordBatch, index: HashIndex, concepts: ConceptTable) -> None:
        self._index, self._concepts = index, concepts
        self._owner_array = view(names["concept"], np.uint32)
        self._owners = self._owner_array.data
        self._texts, kinds = names["text"], names["kind"]
        self._kind_names = [kind.as_py() for kind in kinds.dictionary]
        self._kinds = view(kinds.indices, np.int8).data

    def text(self, row: int) -> str:
        """The text of a row of the name table."""
        return str(self._texts[row].as_py())

    def kind(self, row: int) -> str:
        """The kind (of `biopipe.kb.schema.KINDS`) of a row of the name table."""
        return str(self._kind_names[self._kinds[row]])

    def lookup(
        self, name: str, types: Collection[str] | None, allowed: Mask | None
    ) -> list[Candidate]:
        """Concepts that have this name, the best first; see `KnowledgeBase.lookup`."""
        bearers = self._bearers(self.matches(name, types, allowed), types)
        records = [self._concepts.record(bearer.concept) for bearer in bearers]
        return [
            Candidate(record.id, record.name, bearer.score)
            for record, bearer in zip(records, bearers, strict=True)
        ]

    def bearers(
        self, names: Sequence[str], types: Collection[str] | None, allowed: Mask | None
    ) -> list[list[NameBearer]]:
        """For each name what `lookup` finds; many names are looked up together."""
        forms = [normalize_name(name) for name in names]
        hashes = [name_hash(form) for form in forms]
        stored = self._stored_together(hashes, types, allowed)
        matches: list[list[NameMatch]] = []
        keys: dict[int, str] = {}
        for place, (name, form, of_name) in enumerate(zip(names, forms, stored, strict=True)):
            matches.append(_same_form(name, form, of_name) if form else [])
            if not matches[place] and (key := word_order_key(name, form)):
                keys[place] = key
        hashes = [word_order_hash(key) for key in keys.values()]
        stored = self._stored_together(hashes, types, allowed)
        for (place, key), of_key in zip(keys.items(), stored, strict=True):
            matches[place] = _same_words(names[place], key, of_key)
        return [self._bearers(of_name, types) for of_name in matches]

    def matches(
        self, name: str, types: Collection[str] | None, allowed: Mask | None
    ) -> list[NameMatch]:
        """Every stored name that `name` matches; see `KnowledgeBase.matches`."""
        normalized = normalize_name(name)
        if not normalized:
            return []
        stored = self._stored(name_hash(normalized), types, allowed)
        matches = _same_form(name, normalized, stored)
        key = "" if matches else word_order_key(name, normalized)
        if not key:
            return matches
        return _same_words(name, key, self._stored(word_order_hash(key), types, allowed))

    def _stored(
        self, hash_: int, types: Collection[str] | None, allowed: Mask | None
    ) -> Iterator[_StoredName]:
        """The names with a hash whose concepts pass."""
        for row in self._index.rows(hash_):
            concept = self._owners[row]
            if allowed is not None and not allowed[concept]:
                continue
            if _is_of(self._concepts.record(concept), types):
                yield concept, self.text(row), self.kind(row)

    def _stored_together(
        self, hashes: Sequence[int], types: Collection[str] | None, allowed: Mask | None
    ) -> list[list[_StoredName]]:
        """For each hash what `_stored` gives."""
        stored: list[list[_StoredName]] = [[] for _ in hashes]
        places, rows = self._index.rows_of_many(hashes)
        concepts = self._owner_array[rows]
        if allowed is not None:
            passing = allowed[concepts]
            places, rows, concepts = places[passing], rows[passing], concepts[passing]
        if not len(rows):
            return stored
        texts = self._texts.take(pa.array(rows)).to_pylist()
        owners = concepts.tolist()
        records = self._concepts.records(owners)
        for place, row, concept, text in zip(
            places.tolist(), rows.tolist(), owners, texts, strict=True
        ):
            if _is_of(records[concept], types):
                stored[place].append((concept, text, self.kind(row)))
        return stored

    def _bearers(
        self, matches: Sequence[NameMatch], types: Collection[str] | None
    ) -> list[NameBearer]:
        """The concepts of matches of one name, the best first."""
        best: dict[int, NameMatch] = {}
        for match in matches:
            if match.concept not in best or self._is_better(match, best[match.concept]):
                best[match.concept] = match
        if len(best) > 1:
            return self._ranked(list(best.values()), types)
        return [
            NameBearer(concept, round(self._prior(match), _SCORE_DIGITS))
            for concept, match in best.items()
        ]

    def _is_better(self, match: NameMatch, other: NameMatch) -> bool:
        """Whether a match of the same concept says more; of equal ones the likelier."""
        if match.rank != other.rank:
            return match.rank < other.rank
        return match.symbol != other.symbol and self._prior(match) > self._prior(other)

    def _prior(self, match: NameMatch) -> float:
        return prior(match, gene="Gene" in self._concepts.record(match.concept).types)

    def _ranked(
        self, matches: Sequence[NameMatch], types: Collection[str] | None
    ) -> list[NameBearer]:
        places = (
            {type_: place for place, type_ in enumerate(types)}
            if isinstance(types, Sequence)
            else {}
        )
        groups: dict[tuple[str, float], list[tuple[_Order, NameMatch]]] = defaultdict(list)
        for match in matches:
            concept = self._concepts.record(match.concept)
            place = min(
                (places.get(type_, len(places)) for type_ in concept.types), default=len(places)
            )
            # Two vocabularies with the same name most often mean the same; within one it is
            # ambiguous.
            namespace = concept.id.partition(":")[0]
            order = (place, match.rank, _numbers_as_numbers(concept.id))
            groups[namespace, self._prior(match)].append((order, match))
        best = self._best_by_system(groups) if len(groups) > 1 else []
        bearers = []
        for (_, score), group in groups.items():
            group.sort(key=lambda ranked: ranked[0])
            parts = shares(len(group), symbol=group[0][1].symbol)
            for part, (order, match) in zip(parts, group, strict=True):
                concept = self._concepts.record(match.concept)
                part *= system_share(concept.system, concept.types, score, best)
                bearer = NameBearer(match.concept, round(score * part, _SCORE_DIGITS))
                bearers.append((order, bearer))
        bearers.sort(key=lambda ranked: (-ranked[1].score, ranked[0]))
        return [bearer for _, bearer in bearers]

    def _best_by_system(
        self, groups: Mapping[tuple[str, float], Sequence[tuple[_Order, NameMatch]]]
    ) -> list[tuple[int, tuple[str, ...], float]]:
        """Place of the system, types and score of each concept."""
        places = []
        for (_, score), group in groups.items():
            for _, match in group:
                concept = self._concepts.record(match.concept)
                places.append((concept.system, concept.types, score))
        return places


def _same_form(name: str, normalized: str, stored: Iterable[_StoredName]) -> list[NameMatch]:
    """The matches of a name among stored ones with the hash of its normal form."""
    return [
        match_name(name, text, kind, concept)
        for concept, text, kind in stored
        if text == name or normalize_name(text) == normalized
    ]


def _same_words(name: str, key: str, stored: Iterable[_StoredName]) -> list[NameMatch]:
    """The matches of a name among stored ones with the hash of its word-order key."""
    return [
        match_name(name, text, kind, concept, in_order=False)
        for concept, text, kind in stored
        if word_order_key(text, normalize_name(text)) == key
    ]


def _is_of(concept: ConceptRecord, types: Collection[str] | None) -> bool:
    return types is None or any(type_ in types for type_ in concept.types)


def _numbers_as_numbers(concept_id: str) -> tuple[tuple[str, int], ...]:
    # "HP:9" before "HP:10": an older id is the better guess, and the order must not depend on the
    # number of digits.
    return tuple((text, int(number or 0)) for text, number in _ID_PARTS.findall(concept_id))
