"""Concepts by their very names: the same normal form, or else the same words in another order."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

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

__all__ = ["ExactNames"]

# Candidates with equal scores go by place of their type, by match and kind of name, then by id.
_Order = tuple[int, tuple[int, int], tuple[tuple[str, int], ...]]
_Ranked = tuple[_Order, ConceptRecord, NameMatch]

_SCORE_DIGITS = 4
_ID_PARTS = re.compile(r"(\D*)([0-9]*)", re.ASCII)


class ExactNames:
    """The name table of a base and the index of its normal forms."""

    def __init__(self, names: pa.RecordBatch, index: HashIndex, concepts: ConceptTable) -> None:
        self._index, self._concepts = index, concepts
        self._owners = view(names["concept"], np.uint32).data
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
        best: dict[int, NameMatch] = {}
        for match in self.matches(name, types, allowed):
            if match.concept not in best or match.rank < best[match.concept].rank:
                best[match.concept] = match
        return self._candidates(list(best.values()), types) if best else []

    def matches(
        self, name: str, types: Collection[str] | None, allowed: Mask | None
    ) -> list[NameMatch]:
        """Every stored name that `name` matches; see `KnowledgeBase.matches`."""
        normalized = normalize_name(name)
        if not normalized:
            return []
        matches = [
            match_name(name, text, kind, concept)
            for concept, text, kind in self._stored(name_hash(normalized), types, allowed)
            if text == name or normalize_name(text) == normalized
        ]
        key = "" if matches else word_order_key(name, normalized)
        if not key:
            return matches
        return [
            match_name(name, text, kind, concept, in_order=False)
            for concept, text, kind in self._stored(word_order_hash(key), types, allowed)
            if word_order_key(text, normalize_name(text)) == key
        ]

    def _stored(
        self, hash_: int, types: Collection[str] | None, allowed: Mask | None
    ) -> Iterator[tuple[int, str, str]]:
        """Concept, text and kind of the names with a hash whose concepts pass."""
        for row in self._index.rows(hash_):
            concept = self._owners[row]
            if allowed is not None and not allowed[concept]:
                continue
            if types is None or any(
                type_ in types for type_ in self._concepts.record(concept).types
            ):
                yield concept, self.text(row), self.kind(row)

    def _candidates(
        self, matches: Sequence[NameMatch], types: Collection[str] | None
    ) -> list[Candidate]:
        places = (
            {type_: place for place, type_ in enumerate(types)}
            if isinstance(types, Sequence)
            else {}
        )
        groups: dict[tuple[str, float], list[_Ranked]] = defaultdict(list)
        for match in matches:
            concept = self._concepts.record(match.concept)
            place = min(
                (places.get(type_, len(places)) for type_ in concept.types), default=len(places)
            )
            # Two vocabularies with the same name most often mean the same; within one it is
            # ambiguous.
            namespace = concept.id.partition(":")[0]
            score = prior(match, gene="Gene" in concept.types)
            order = (place, match.rank, _numbers_as_numbers(concept.id))
            groups[namespace, score].append((order, concept, match))
        best = _best_by_system(groups) if len(groups) > 1 else []
        candidates = []
        for (_, score), group in groups.items():
            group.sort(key=lambda ranked: ranked[0])
            parts = shares(len(group), symbol=group[0][2].symbol)
            for part, (order, concept, _) in zip(parts, group, strict=True):
                part *= system_share(concept.system, concept.types, score, best)
                rounded = round(score * part, _SCORE_DIGITS)
                candidates.append((order, Candidate(concept.id, concept.name, rounded)))
        candidates.sort(key=lambda ranked: (-ranked[1].score, ranked[0]))
        return [candidate for _, candidate in candidates]


def _best_by_system(
    groups: Mapping[tuple[str, float], Sequence[_Ranked]],
) -> list[tuple[int, tuple[str, ...], float]]:
    """Place of the system, types and score of each concept."""
    return [
        (concept.system, concept.types, score)
        for (_, score), group in groups.items()
        for _, concept, _ in group
    ]


def _numbers_as_numbers(concept_id: str) -> tuple[tuple[str, int], ...]:
    # "HP:9" before "HP:10": an older id is the better guess, and the order must not depend on the
    # number of digits.
    return tuple((text, int(number or 0)) for text, number in _ID_PARTS.findall(concept_id))
