"""Concepts by their very names: the same normal form, or else the same words in another order."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from biopipe.document import Candidate
from biopipe.kb.arrays import view
from biopipe.kb.concepts import ConceptRecord, ConceptTable
from biopipe.kb.groups import Mask
from biopipe.kb.hash_index import HashIndex
from biopipe.kb.hashing import name_hash, name_hashes, word_order_hash
from biopipe.kb.prior import (
    PREFERRED_NAME,
    SHARE_OF_OTHER_SPELLING,
    SHARE_OF_OTHER_TYPE,
    Match,
    NameMatch,
    match_name,
    prior,
    shares,
    system_share,
)
from biopipe.kb.schema import KINDS
from biopipe.text.normalize import PIECES, normalize_name, word_order_key

__all__ = ["ExactNames", "NameBearer"]

# Candidates with equal scores go by place of their type, by match and kind of name, those whose
# preferred name has the form too before others, then by id.
_Order = tuple[int, tuple[int, int, int], bool, tuple[tuple[str, int], ...]]
_Scored = tuple[_Order, NameMatch, float]
# What shares a name's probability: of one system (its prefix, its place among those preferred), and
# of symbols the score too.
_Group = tuple[tuple[str, int], float]
# Concept, text and kind of a row of the name table.
_StoredName = tuple[int, str, str]

_SCORE_DIGITS = 4
_NO_PLACE = 1 << 30
# A capital at the end of a symbol is no ending of a plural: "pRPS6" is no RP6, "CsrS" no CSR. In
# capitals throughout it may be: "NSAIDS".
_CAPITAL_S = re.compile(r"[^\W\d_]*[a-z][^\W\d_]*S(?![^\W\d_])|[^\W\d_]+S(?=\d)")
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
        matches = self.matches_in_form(names, types, allowed)
        keys: dict[int, str] = {}
        for place, (name, of_name) in enumerate(zip(names, matches, strict=True)):
            if not of_name and (key := word_order_key(name, normalize_name(name))):
                keys[place] = key
        hashes = [word_order_hash(key) for key in keys.values()]
        stored = self._stored_together(hashes, types, allowed)
        for (place, key), of_key in zip(keys.items(), stored, strict=True):
            matches[place] = _same_words(names[place], key, of_key)
        return [self._bearers(of_name, types) for of_name in matches]

    def matches_in_form(
        self, names: Sequence[str], types: Collection[str] | None, allowed: Mask | None
    ) -> list[list[NameMatch]]:
        """For each name the stored ones of its normal form; many names are looked up together."""
        forms = [normalize_name(name) for name in names]
        stored = self._stored_together(name_hashes(forms), types, allowed)
        return [
            _same_form(name, form, of_name) if form and of_name else []
            for name, form, of_name in zip(names, forms, stored, strict=True)
        ]

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
        self,
        hashes: Sequence[int] | NDArray[np.uint64],
        types: Collection[str] | None,
        allowed: Mask | None,
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
            preferred = {match.concept for match in matches if match.kind == KINDS[0]}
            return self._ranked(list(best.values()), types, preferred)
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
        self,
        matches: Sequence[NameMatch],
        types: Collection[str] | None,
        preferred: Collection[int],
    ) -> list[NameBearer]:
        places = (
            {type_: place for place, type_ in enumerate(types)}
            if isinstance(types, Sequence)
            else {}
        )
        groups: dict[_Group, list[_Scored]] = defaultdict(list)
        for match in matches:
            concept = self._concepts.record(match.concept)
            place = min(
                (places.get(type_, len(places)) for type_ in concept.types), default=len(places)
            )
            # Two vocabularies with the same name most often mean the same; within one it is
            # ambiguous.
            # Supplementary concepts of MeSH rank apart from its headings.
            namespace = concept.id.partition(":")[0], concept.system
            is_other = match.concept not in preferred
            order = (place, match.rank, is_other, _numbers_as_numbers(concept.id))
            # Of words the poorer matches share with the better ones, symbols in another case not.
            score = self._prior(match)
            groups[namespace, score if match.symbol else 0.0].append((order, match, score))
        best = self._best_by_system(groups) if len(groups) > 1 else []
        likeliest = _likeliest_place_called_so(groups)
        is_own_symbol = any(map(_is_own_symbol, matches))
        bearers = []
        for group in groups.values():
            group.sort(key=lambda ranked: ranked[0])
            parts = shares(len(group), symbol=group[0][1].symbol)
            for part, (order, match, score) in zip(parts, group, strict=True):
                concept = self._concepts.record(match.concept)
                share = system_share(concept.system, concept.types, score, best)
                if order[0] > likeliest and not match.symbol and match.kind != PREFERRED_NAME:
                    share = min(share, SHARE_OF_OTHER_TYPE)
                if is_own_symbol and match.symbol and match.match != Match.IDENTICAL:
                    share = min(share, SHARE_OF_OTHER_SPELLING)
                bearer = NameBearer(match.concept, round(score * part * share, _SCORE_DIGITS))
                bearers.append((order, bearer))
        bearers.sort(key=lambda ranked: (-ranked[1].score, ranked[0]))
        return [bearer for _, bearer in bearers]

    def _best_by_system(
        self, groups: Mapping[_Group, Sequence[_Scored]]
    ) -> list[tuple[int, tuple[str, ...], float]]:
        """Place of the system, types and score of each concept."""
        places = []
        for group in groups.values():
            for _, match, score in group:
                concept = self._concepts.record(match.concept)
                places.append((concept.system, concept.types, score))
        return places


def _is_own_symbol(match: NameMatch) -> bool:
    """Whether a mention is, letter by letter, the symbol that a concept is called by."""
    return match.symbol and match.kind == PREFERRED_NAME and match.match == Match.IDENTICAL


def _likeliest_place_called_so(groups: Mapping[_Group, Sequence[_Scored]]) -> int:
    """The least place of the type of a concept that is itself called by the name, in words; more
    than any where none is.
    """
    places = [
        order[0]
        for group in groups.values()
        for order, match, _ in group
        if match.kind == PREFERRED_NAME and not match.symbol
    ]
    return min(places, default=_NO_PLACE)


def _same_form(name: str, normalized: str, stored: Iterable[_StoredName]) -> list[NameMatch]:
    """The matches of a name among stored ones with the hash of its normal form."""
    # Case never matters to the form of ASCII, and to lower it takes a fraction of making the form.
    lower = name.lower() if name.isascii() else name
    return [
        match_name(name, text, kind, concept)
        for concept, text, kind in stored
        if text == name
        or (text.isascii() and text.lower() == lower)
        or (normalize_name(text) == normalized and _has_its_letters(name, text))
    ]


def _has_its_letters(name: str, text: str) -> bool:
    """False where a stored name of the same form lacks a capital S that belongs to a symbol."""
    own = {piece.lower() for piece in _CAPITAL_S.findall(name)}
    return not own or own.issubset(piece.lower() for piece in PIECES.findall(text))


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
