"""A knowledge base directory, open: names to candidate concepts, ids to concepts, through mmap."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.hashing import name_hash, word_order_hash
from biopipe.kb.manifest import Manifest, load_manifest
from biopipe.kb.prior import NameMatch, match_name, prior, shares
from biopipe.kb.schema import Concept
from biopipe.text.normalize import normalize_name, word_order_key
from biopipe.types import Candidate

__all__ = ["KnowledgeBase"]

_Order = tuple[int, tuple[int, int], tuple[tuple[str, int], ...]]
_Ranked = tuple[_Order, str, NameMatch]
_ID_PARTS = re.compile(r"(\D*)([0-9]*)", re.ASCII)


class KnowledgeBase:
    """Open one with `KnowledgeBase.open(directory)`; pickling keeps the path and opens it again."""

    def __init__(self, directory: Path, manifest: Manifest) -> None:
        self.path = directory
        self.manifest = manifest
        try:
            self._concepts = _open_batch(directory / "concepts.arrow")
            self._names = _open_batch(directory / "names.arrow")
            self._exact = _Index(directory, "exact")
            self._ids = _Index(directory, "ids")
        except (OSError, ValueError, pa.ArrowException) as error:
            raise KnowledgeBaseError(
                f"The knowledge base {directory} cannot be read ({error}); build it again."
            ) from error
        self._name_concepts = _view(self._names["concept"], np.uint32)
        self._name_texts, kinds = self._names["text"], self._names["kind"]
        self._kinds = [kind.as_py() for kind in kinds.dictionary]
        self._name_kinds = _view(kinds.indices, np.int8)
        self._concept_ids, self._concept_types = self._concepts["id"], self._concepts["types"]

    @classmethod
    def open(cls, directory: str | Path, *, verify: bool = False) -> "KnowledgeBase":
        """Open a directory; KnowledgeBaseError when it is missing, altered, too new or of another normaliser.

        Files are mapped, not read. Large ones are hashed only with `verify` (see `load_manifest`).
        """
        path = Path(directory).resolve()
        return cls(path, load_manifest(path, verify=verify))

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
        """The concept with this id, retired ones too (their `replaced_by` says what to use); KeyError without."""
        row = self._concept_row(concept_id)
        if row is None:
            raise KeyError(concept_id)
        fields = self._concepts.slice(row, 1).to_pylist()[0]
        first, end = np.searchsorted(self._name_concepts, [row, row + 1])
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

    def lookup(self, name: str, *, types: Collection[str] | None = None) -> list[Candidate]:
        """Concepts that have this name, the best first; [] when no name of the same normal form is known.

        `types` keeps concepts of one of these types. A name with the same words in another order counts only
        where no name matches as it is. Scores are explained in `biopipe.kb.prior`. Equal ones are ordered by
        the place of their type in `types` (when that is a sequence), then by kind of name, then by id, with
        numbers in ids as numbers.
        """
        best: dict[int, NameMatch] = {}
        for match in self.matches(name, types=types):
            if match.concept not in best or match.rank < best[match.concept].rank:
                best[match.concept] = match
        return self._candidates(list(best.values()), types)

    def matches(self, name: str, *, types: Collection[str] | None = None) -> list[NameMatch]:
        """Every stored name that `name` matches, in the order of the table; by word order only when nothing else is."""
        normalized = normalize_name(name)
        if not normalized:
            return []
        found = [
            match_name(name, text, kind, concept)
            for concept, text, kind in self._named(name_hash(normalized), types)
            if normalize_name(text) == normalized
        ]
        key = "" if found else word_order_key(name, normalized)
        if not key:
            return found
        return [
            match_name(name, text, kind, concept, in_order=False)
            for concept, text, kind in self._named(word_order_hash(key), types)
            if word_order_key(text, normalize_name(text)) == key
        ]

    def _named(self, hash_: int, types: Collection[str] | None) -> Iterator[tuple[int, str, str]]:
        for row in self._exact.rows(hash_):
            concept = int(self._name_concepts[row])
            if types is None or not self._types_of(concept).isdisjoint(types):
                yield concept, self._name_texts[row].as_py(), self._kinds[self._name_kinds[row]]

    def _candidates(self, matches: Sequence[NameMatch], types: Collection[str] | None) -> list[Candidate]:
        preferred = {type_: place for place, type_ in enumerate(types)} if isinstance(types, Sequence) else {}
        groups: dict[tuple[str, float], list[_Ranked]] = defaultdict(list)
        for match in matches:
            id_, own = self._concept_ids[match.concept].as_py(), self._types_of(match.concept)
            place = min((preferred.get(type_, len(preferred)) for type_ in own), default=len(preferred))
            # Two vocabularies with the same name most often mean the same; within one it is ambiguous.
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
        self._hashes: npt.NDArray[np.uint64] = np.load(directory / f"{name}.npy", mmap_mode="r")
        self._rows: npt.NDArray[np.uint32] = np.load(directory / f"{name}_rows.npy", mmap_mode="r")

    def rows(self, hash_: int) -> list[int]:
        value = np.uint64(hash_)
        first = int(self._hashes.searchsorted(value))
        last = int(self._hashes.searchsorted(value, side="right"))
        return sorted(self._rows[first:last].tolist())


def _open_batch(path: Path) -> pa.RecordBatch:
    return pa.ipc.open_file(pa.memory_map(str(path))).get_batch(0)


def _view(column: pa.Array, dtype: type[np.generic]) -> npt.NDArray[np.generic]:
    # Arrow's own to_numpy imports pandas where that is installed, which takes longer than all the rest.
    values = np.frombuffer(column.buffers()[1], dtype)
    return values[column.offset : column.offset + len(column)]


def _natural(concept_id: str) -> tuple[tuple[str, int], ...]:
    # "HP:9" before "HP:10": an older id is the better guess, and the order must not depend on the number of digits.
    return tuple((text, int(number or 0)) for text, number in _ID_PARTS.findall(concept_id))
