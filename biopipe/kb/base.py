"""A knowledge base directory, open: names to candidate concepts, ids to concepts, through mmap."""

import re
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from biopipe.document import Candidate
from biopipe.errors import KnowledgeBaseError
from biopipe.kb.arrays import open_array, open_batch, view
from biopipe.kb.dense import DenseIndex
from biopipe.kb.groups import NameHit, Mask, NameGroups
from biopipe.kb.hashing import name_hash, word_order_hash
from biopipe.kb.manifest import KBManifest, load_kb_manifest
from biopipe.kb.ngram import NgramIndex
from biopipe.kb.prior import NameMatch, match_name, prior, shares
from biopipe.kb.schema import Concept
from biopipe.kb.select import branch_mask, source_mask, type_mask
from biopipe.text.normalize import normalize_name, word_order_key

__all__ = ["KnowledgeBase"]

_Order = tuple[int, tuple[int, int], tuple[tuple[str, int], ...]]
_Ranked = tuple[_Order, str, NameMatch]
_CACHED_MASKS = 16
_ID_PARTS = re.compile(r"(\D*)([0-9]*)", re.ASCII)


class KnowledgeBase:
    """Open one with `KnowledgeBase.open(directory)`; pickling keeps the path and opens it again."""

    def __init__(self, directory: Path, manifest: KBManifest) -> None:
        self.path = directory
        self.manifest = manifest
        try:
            self._concepts = open_batch(directory / "concepts.arrow")
            self._names = open_batch(directory / "names.arrow")
            self._exact = _Index(directory, "exact")
            self._ids = _Index(directory, "ids")
        except (OSError, ValueError, pa.ArrowException) as error:
            raise KnowledgeBaseError(
                f"The knowledge base {directory} cannot be read ({error}); build it again."
            ) from error
        self._name_concepts = view(self._names["concept"], np.uint32)
        self._name_texts, kinds = self._names["text"], self._names["kind"]
        self._kinds = [kind.as_py() for kind in kinds.dictionary]
        self._name_kinds = view(kinds.indices, np.int8)
        self._concept_ids, self._concept_types = self._concepts["id"], self._concepts["types"]
        self._masks: OrderedDict[tuple[frozenset[str], ...], Mask] = OrderedDict()
        self._masks_lock = threading.Lock()

    @classmethod
    def open(cls, directory: str | Path, *, verify: bool = False) -> "KnowledgeBase":
        """Open a directory; KnowledgeBaseError when it is missing, altered, too new or of another
        normaliser.

        Files are mapped, not read. Large ones are hashed only with `verify` (see `load_kb_manifest`).
        """
        path = Path(directory).resolve()
        return cls(path, load_kb_manifest(path, verify=verify))

    def __reduce__(self) -> tuple[Callable[..., "KnowledgeBase"], tuple[str]]:
        return KnowledgeBase.open, (str(self.path),)

    @property
    def name(self) -> str:
        return self.manifest.name

    @property
    def version(self) -> str:
        return self.manifest.version

    @property
    def hash(self) -> str:
        """One sha256 of all it holds."""
        return self.manifest.sha256

    @property
    def types(self) -> Mapping[str, int]:
        """Number of concepts of each type."""
        return self.manifest.types

    def __len__(self) -> int:
        return self.manifest.counts["concepts"]

    def __contains__(self, concept_id: object) -> bool:
        return isinstance(concept_id, str) and self._concept_row(concept_id) is not None

    def concept(self, concept_id: str) -> Concept:
        """The concept with this id, retired ones too (their `replaced_by` says what to use);
        KeyError without.
        """
        row = self._concept_row(concept_id)
        if row is None:
            raise KeyError(concept_id)
        fields = self._concepts.slice(row, 1).to_pylist()[0]
        first, end = self._name_concepts.searchsorted(
            np.array([row, row + 1], self._name_concepts.dtype)
        )
        names = self._names.slice(first, end - first).to_pylist()
        synonyms = {name["text"]: name["kind"] for name in names if name["text"] != fields["name"]}
        return Concept(
            id=fields["id"],
            name=fields["name"],
            synonyms=tuple(synonyms),
            types=tuple(fields["types"]),
            definition=fields["definition"],
            parents=tuple(fields["parents"]),
            replaced_by=fields["replaced_by"],
            synonym_kinds=tuple(synonyms.values()),
            source=names[0]["source"] if names else "",
        )

    def concepts(self) -> Iterator[Concept]:
        """All concepts in the order of the table, retired ones left out."""
        for row, replaced in enumerate(self._concepts["replaced_by"]):
            if not replaced.as_py():
                yield self.concept(self._concept_ids[row].as_py())

    def canonical(self, concept_id: str) -> str | None:
        """The id in use for `concept_id`: what replaced a retired one, as far as it is known here;
        None if unknown.

        Ids that replace each other in a circle stand for the first of them in alphabetical order.
        """
        row, seen = self._concept_row(concept_id), list[str]()
        while row is not None:
            if concept_id in seen:
                return min(seen[seen.index(concept_id) :])
            seen.append(concept_id)
            concept_id = self._concepts["replaced_by"][row].as_py()
            row = self._concept_row(concept_id) if concept_id else None
        return seen[-1] if seen else None

    def select(
        self,
        *,
        types: Collection[str] | None = None,
        sources: Collection[str] | None = None,
        branches: Collection[str] | None = None,
    ) -> Mask | None:
        """Which concepts pass every filter given, by row; None when none is given. Equal filters
        give one array.

        `types` and `sources` keep concepts of any of them, `branches` are ids and keep them and all
        below by is-a. KnowledgeBaseError for a type, source or id that the knowledge base does not
        have, and when nothing is left.
        """
        given = [None if each is None else frozenset(each) for each in (types, sources, branches)]
        if all(each is None for each in given):
            return None
        key = tuple(each if each is not None else frozenset({"*"}) for each in given)
        with self._masks_lock:
            if key not in self._masks:
                self._masks[key] = self._mask(*given)
                while len(self._masks) > _CACHED_MASKS:
                    self._masks.popitem(last=False)
            self._masks.move_to_end(key)
            return self._masks[key]

    def _mask(
        self,
        types: frozenset[str] | None,
        sources: frozenset[str] | None,
        branches: frozenset[str] | None,
    ) -> Mask:
        mask = np.zeros(len(self._concept_ids), bool)
        mask[self._name_concepts] = True
        if types is not None:
            mask &= type_mask(types, self._concept_types, self.types, self.name)
        if sources is not None:
            mask &= source_mask(
                sources, self._names["source"], self._name_concepts, len(mask), self.name
            )
        if branches is not None:
            unknown = sorted(branch for branch in branches if branch not in self)
            if unknown:
                raise KnowledgeBaseError(
                    f"The knowledge base {self.name} has no concept '{unknown[0]}'."
                )
            ids = [self.canonical(branch) or branch for branch in branches]
            mask &= branch_mask(ids, self._concepts, self.path / "edges.arrow")
        if not mask.any():
            asked = {"types": types, "sources": sources, "branches": branches}
            parts = "; ".join(
                f"{key} {', '.join(sorted(each))}"
                for key, each in asked.items()
                if each is not None
            )
            raise KnowledgeBaseError(
                f"No concept of the knowledge base {self.name} passes the filter ({parts}); widen it."
            )
        mask.flags.writeable = False
        return mask

    @property
    def has_ngrams(self) -> bool:
        return "ngram/grams.npy" in self.manifest.files

    @property
    def has_dense(self) -> bool:
        return bool(self.manifest.encoder)

    @property
    def encoder(self) -> tuple[str, str] | None:
        """Name and hash of the encoder that made the vectors; None where there are none."""
        about = self.manifest.encoder
        return (about["name"], about["hash"]) if about else None

    def check_encoder(self, name: str, hash: str) -> None:
        """KnowledgeBaseError unless this encoder made the vectors."""
        if self.encoder is None:
            raise KnowledgeBaseError(
                f"The knowledge base {self.path} holds no vectors; build it again with the encoder {name}."
            )
        if self.encoder[1] != hash:
            raise KnowledgeBaseError(
                f"The vectors of the knowledge base {self.path} are of the encoder {self.encoder[0]} "
                f"({self.encoder[1][:12]}), not of {name} ({hash[:12]}); build it again with that one."
            )

    def search_ngrams(
        self, names: Sequence[str], k: int, allowed: Mask | None = None
    ) -> list[list[NameHit]]:
        """For each name the `k` concepts with the most similar names by character 3-grams (see
        `biopipe.kb.ngram`).

        `allowed` is what `select` gives. A concept is there once, by its best name; fewer where
        fewer share a 3-gram.
        """
        return self._ngrams.search(names, k, allowed)

    def search_dense(
        self, vectors: npt.NDArray[np.float32], k: int, allowed: Mask | None = None
    ) -> list[list[NameHit]]:
        """For each vector (unit rows, (n, dimension)) the `k` concepts with the nearest names by
        cosine.

        The vectors must be of the encoder that `encoder` names; `check_encoder` makes sure.
        """
        return self._dense.search(vectors, k, allowed)

    @cached_property
    def _ngrams(self) -> NgramIndex:
        if not self.has_ngrams:
            raise KnowledgeBaseError(
                f"The knowledge base {self.path} has no n-gram index; build it again."
            )
        return NgramIndex(self.path / "ngram", self._groups("ngram"))

    @cached_property
    def _dense(self) -> DenseIndex:
        if not self.has_dense:
            raise KnowledgeBaseError(
                f"The knowledge base {self.path} holds no vectors; build it again with an encoder."
            )
        return DenseIndex(self.path / "dense", self._groups("dense"))

    def _groups(self, index: str) -> NameGroups:
        return NameGroups(self.path / index, self._name_concepts)

    def name_counts(self, concepts: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
        """How many names rows of the concept table have: (n,) rows to (n,) int64."""
        # Of the column's own type: numpy would convert the whole column to that of other numbers,
        # at every call.
        rows = concepts.astype(self._name_concepts.dtype)
        ends = self._name_concepts.searchsorted(rows, side="right")
        return ends - self._name_concepts.searchsorted(rows)

    def concept_row(self, concept_id: str) -> int | None:
        """The row of the concept table with this id, retired ones too; None when it is unknown."""
        return self._concept_row(concept_id)

    def concept_id(self, concept: int) -> str:
        """The id of a row of the concept table."""
        return str(self._concept_ids[concept].as_py())

    def preferred_name(self, concept: int) -> str:
        """The preferred name of a row of the concept table."""
        return str(self._concepts["name"][concept].as_py())

    def types_of(self, concept: int) -> tuple[str, ...]:
        """The types of a row of the concept table."""
        return tuple(self._concept_types[concept].as_py())

    def name_text(self, name: int) -> str:
        """The text of a row of the name table."""
        return str(self._name_texts[name].as_py())

    def name_kind(self, name: int) -> str:
        """The kind (of `biopipe.kb.schema.KINDS`) of a row of the name table."""
        return str(self._kinds[self._name_kinds[name]])

    def lookup(
        self, name: str, *, types: Collection[str] | None = None, allowed: Mask | None = None
    ) -> list[Candidate]:
        """Concepts that have this name, the best first; [] when no name of the same normal form is
        known.

        `types` keeps concepts of one of these types, `allowed` those of a mask that `select` gives.
        A name with the same words in another order counts only where no name matches as it is.
        Scores are explained in `biopipe.kb.prior`. Equal ones are ordered by the place of their
        type in `types` (when that is a sequence), then by kind of name, then by id, with numbers in
        ids as numbers.
        """
        best: dict[int, NameMatch] = {}
        for match in self.matches(name, types=types, allowed=allowed):
            if match.concept not in best or match.rank < best[match.concept].rank:
                best[match.concept] = match
        return self._candidates(list(best.values()), types)

    def matches(
        self, name: str, *, types: Collection[str] | None = None, allowed: Mask | None = None
    ) -> list[NameMatch]:
        """Every stored name that `name` matches, in the order of the table; by word order only when
        nothing else is.
        """
        normalized = normalize_name(name)
        if not normalized:
            return []
        found = [
            match_name(name, text, kind, concept)
            for concept, text, kind in self._named(name_hash(normalized), types, allowed)
            if normalize_name(text) == normalized
        ]
        key = "" if found else word_order_key(name, normalized)
        if not key:
            return found
        return [
            match_name(name, text, kind, concept, in_order=False)
            for concept, text, kind in self._named(word_order_hash(key), types, allowed)
            if word_order_key(text, normalize_name(text)) == key
        ]

    def _named(
        self, hash_: int, types: Collection[str] | None, allowed: Mask | None
    ) -> Iterator[tuple[int, str, str]]:
        for row in self._exact.rows(hash_):
            concept = int(self._name_concepts[row])
            if allowed is not None and not allowed[concept]:
                continue
            if types is None or not self._types_of(concept).isdisjoint(types):
                yield concept, self._name_texts[row].as_py(), self._kinds[self._name_kinds[row]]

    def _candidates(
        self, matches: Sequence[NameMatch], types: Collection[str] | None
    ) -> list[Candidate]:
        preferred = (
            {type_: place for place, type_ in enumerate(types)}
            if isinstance(types, Sequence)
            else {}
        )
        groups: dict[tuple[str, float], list[_Ranked]] = defaultdict(list)
        for match in matches:
            id_, own = self._concept_ids[match.concept].as_py(), self._types_of(match.concept)
            place = min(
                (preferred.get(type_, len(preferred)) for type_ in own), default=len(preferred)
            )
            # Two vocabularies with the same name most often mean the same; within one it is
            # ambiguous.
            namespace, score = id_.partition(":")[0], prior(match, gene="Gene" in own)
            groups[namespace, score].append(((place, match.rank, _natural(id_)), id_, match))
        found = []
        for (_, score), group in groups.items():
            group.sort(key=lambda each: each[0])
            parts = shares(len(group), symbol=group[0][2].symbol)
            for part, (order, id_, match) in zip(parts, group, strict=True):
                name = self._concepts["name"][match.concept].as_py()
                found.append((order, Candidate(id_, name, round(score * part, 4))))
        found.sort(key=lambda each: (-each[1].score, each[0]))
        return [candidate for _, candidate in found]

    def _types_of(self, concept: int) -> set[str]:
        return set(self._concept_types[concept].as_py())

    def _concept_row(self, concept_id: str) -> int | None:
        for row in self._ids.rows(name_hash(concept_id)):
            if self._concept_ids[row].as_py() == concept_id:
                return row
        return None


class _Index:
    """Sorted hashes and the row of each, two mapped `.npy` files."""

    def __init__(self, directory: Path, name: str) -> None:
        self._hashes: npt.NDArray[np.uint64] = open_array(directory / f"{name}.npy")
        self._rows: npt.NDArray[np.uint32] = open_array(directory / f"{name}_rows.npy")

    def rows(self, hash_: int) -> list[int]:
        first = last = int(self._hashes.searchsorted(np.uint64(hash_)))
        # One or two names mostly, which is less than a second search takes.
        while last < len(self._hashes) and self._hashes[last] == hash_:
            last += 1
        return sorted(self._rows[first:last].tolist()) if last > first else []


def _natural(concept_id: str) -> tuple[tuple[str, int], ...]:
    # "HP:9" before "HP:10": an older id is the better guess, and the order must not depend on the
    # number of digits.
    return tuple((text, int(number or 0)) for text, number in _ID_PARTS.findall(concept_id))
