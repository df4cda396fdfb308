"""A knowledge base directory, open: names to candidate concepts, ids to concepts, through mmap."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from biopipe.document import Candidate
from biopipe.errors import KnowledgeBaseError
from biopipe.kb.concepts import ConceptRecord, ConceptTable
from biopipe.kb.exact import ExactNames, NameBearer
from biopipe.kb.files import BaseFiles
from biopipe.kb.groups import Mask, NameHit, NameHits
from biopipe.kb.hashing import name_hashes
from biopipe.kb.manifest import KBManifest, current_kb_sha256, load_kb_manifest
from biopipe.kb.near_values import near_values
from biopipe.kb.prior import NameMatch
from biopipe.kb.schema import Concept
from biopipe.kb.select import ConceptFilter
from biopipe.kb.semantic_types import types_of_base

__all__ = ["KnowledgeBase"]

# A base that is built again while it is opened is opened once more; building one takes far longer.
_OPENING_ATTEMPTS = 3


class KnowledgeBase:
    """Open one with `KnowledgeBase.open(directory)`; pickling keeps the path and opens it again.

        kb = KnowledgeBase.open("mesh")
        kb.lookup("heart attack", types=["Disease"])  # [Candidate("MESH:D009203", ...)]

    All processes share its files, which are opened together and stay those of this base whatever
    becomes of the directory. Concepts and names are also known by their rows in the tables, which
    the searches give.
    """

    def __init__(
        self,
        directory: Path,
        manifest: KBManifest,
        prefer: Sequence[str] | None = None,
        *,
        files: BaseFiles | None = None,
    ) -> None:
        self.path = directory
        self.manifest = manifest
        self.prefer = tuple(manifest.prefer if prefer is None else prefer)
        _refuse_unknown_systems(prefer or (), manifest)
        try:
            self.files = files or BaseFiles.open(directory, manifest)
            concepts, names = self.files.concepts, self.files.names
            self._table = ConceptTable(concepts, names, self.files.ids, self.prefer)
            self._exact = ExactNames(names, self.files.exact, self._table)
        except (OSError, ValueError, KeyError, pa.ArrowException) as error:
            raise KnowledgeBaseError(
                f"The knowledge base {directory} cannot be read ({error}); build it again."
            ) from error
        self._owners = self.files.owners
        self._filter = ConceptFilter(
            concepts, names, self.files.edges, self._table, self.types, self.name
        )

    @classmethod
    def open(
        cls, directory: str | Path, *, verify: bool = False, prefer: Sequence[str] | None = None
    ) -> "KnowledgeBase":
        """Open a directory; KnowledgeBaseError when it is missing, altered, too new or of another
        normaliser.

        `prefer` are systems of ids (prefixes, such as "MONDO"), the first the most wanted: concepts
        are shown under the id that they have there, and where concepts of several systems have a
        name, it means that of the first system. None is what the base was built with. Files are
        mapped, not read, once they have been hashed; see `load_kb_manifest`, and for `verify`.
        """
        path = Path(directory).resolve()
        for attempt in range(_OPENING_ATTEMPTS):
            state = _state_of(path)
            try:
                base = cls(path, load_kb_manifest(path, verify=verify), prefer)
                if _state_of(path) == state:
                    return base
            except KnowledgeBaseError:
                if attempt + 1 == _OPENING_ATTEMPTS or _state_of(path) == state:
                    raise
        raise KnowledgeBaseError(
            f"The knowledge base {path} is being built again and again while it is opened; wait "
            "until that is done."
        )

    def __reduce__(self) -> tuple[Callable[..., "KnowledgeBase"], tuple[str, tuple[str, ...]]]:
        return _open_again, (str(self.path), self.prefer)

    def preferring(self, prefer: Sequence[str]) -> "KnowledgeBase":
        """The same base with ids of other systems; see `open`."""
        return KnowledgeBase(self.path, self.manifest, prefer, files=self.files)

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

    def __repr__(self) -> str:
        counts = ", ".join(f"{count:,} {kind}" for kind, count in self.manifest.counts.items())
        return f"<KnowledgeBase '{self.name}' {self.manifest.version}: {counts}>"

    def __len__(self) -> int:
        return self.manifest.counts["concepts"]

    def __contains__(self, concept_id: object) -> bool:
        return isinstance(concept_id, str) and self._table.row(concept_id) is not None

    def concept(self, concept_id: str) -> Concept:
        """The concept with this id, retired ones too (their `replaced_by` says what to use);
        KeyError without.
        """
        return self._table.concept(concept_id)

    def concepts_with_id(self, concept_id: str) -> list[Concept]:
        """All concepts that an id means, with or without its prefix: the one whose own it is, else
        those that have it as a cross-reference.

        "D003920" is looked up in every system that the base has; [] when none has it. The orthologs
        of human genes in animals are concepts too.
        """
        ids = [concept_id, *(f"{system}:{concept_id}" for system in self.manifest.systems)]
        rows = dict.fromkeys(row for id_ in ids for row in self._table.rows(id_))
        if not rows and self.files.orthologs is not None:
            found = (self.files.orthologs.concept(id_) for id_ in ids)
            return [concept for concept in found if concept is not None]
        return [self._table.concept_in(row) for row in rows]

    @property
    def has_orthologs(self) -> bool:
        """Whether the base knows the genes of any animal beside the human ones."""
        return self.files.orthologs is not None

    def ortholog(self, concept_id: str, taxon: str) -> Concept | None:
        """The gene that an animal (NCBITaxon:10090) has for a human one; None where the base knows
        none. It is no concept of the table, and is known by its id alone.
        """
        orthologs = self.files.orthologs
        return None if orthologs is None else orthologs.of(concept_id, taxon)

    def concepts(self) -> Iterator[Concept]:
        """All concepts in the order of the table, retired ones left out."""
        return self._table.active()

    def canonical(self, concept_id: str) -> str | None:
        """The id in use for `concept_id`: what replaced a retired one, as far as it is known here;
        None if unknown.

        Ids that replace each other in a circle stand for the first of them in alphabetical order.
        """
        known = self._table.canonical(concept_id)
        if known is None and self.files.orthologs is not None:
            return concept_id if self.files.orthologs.concept(concept_id) else None
        return known

    def select(
        self,
        *,
        types: Collection[str] | None = None,
        sources: Collection[str] | None = None,
        branches: Collection[str] | None = None,
    ) -> Mask | None:
        """Which concepts pass every filter given, by row: (concepts,) bool, read-only; None when
        none is given. Equal filters give one array.

        `types` and `sources` keep concepts of any of them (semantic types and groups of UMLS by code
        or name), `branches` are ids and keep them and all below by is-a. KnowledgeBaseError for a
        type, source or id that the knowledge base does not have, and when nothing is left.
        """
        own_types = None if types is None else types_of_base(types, self.types)
        return self._filter.mask(own_types, sources, branches)

    @property
    def has_ngrams(self) -> bool:
        return self.files.ngrams is not None

    @property
    def has_dense(self) -> bool:
        return self.files.dense is not None

    @property
    def encoder(self) -> tuple[str, str] | None:
        """Name and hash of the encoder that made the vectors; None where there are none."""
        about = self.manifest.encoder
        return (about["name"], about["hash"]) if about else None

    def check_encoder(self, name: str, hash: str) -> None:
        """KnowledgeBaseError unless this encoder made the vectors."""
        if self.encoder is None:
            raise KnowledgeBaseError(
                f"The knowledge base {self.path} holds no vectors; build it again with the encoder "
                f"{name}."
            )
        if self.encoder[1] != hash:
            raise KnowledgeBaseError(
                f"The vectors of the knowledge base {self.path} are of the encoder "
                f"{self.encoder[0]} "
                f"({self.encoder[1][:12]}), not of {name} ({hash[:12]}); build it again with that "
                "one."
            )

    def search_ngrams(
        self, names: Sequence[str], k: int, allowed: Mask | None = None
    ) -> list[list[NameHit]]:
        """For each name the `k` concepts with the most similar names by character 3-grams (see
        `biopipe.kb.ngram`).

        `allowed` is what `select` gives. A concept is there once, by its best name; fewer where
        fewer share a 3-gram.
        """
        return self.ngram_hits(names, k, allowed).by_query(len(names))

    def search_dense(
        self, vectors: npt.NDArray[np.float32], k: int, allowed: Mask | None = None
    ) -> list[list[NameHit]]:
        """For each vector (unit rows, (n, dimension)) the `k` concepts with the nearest names by
        cosine.

        The vectors must be of the encoder that `encoder` names; `check_encoder` makes sure.
        """
        return self.dense_hits(vectors, k, allowed).by_query(len(vectors))

    def ngram_hits(self, names: Sequence[str], k: int, allowed: Mask | None = None) -> NameHits:
        """What `search_ngrams` gives, as columns.

        KnowledgeBaseError for a base without that index.
        """
        if self.files.ngrams is None:
            raise KnowledgeBaseError(
                f"The knowledge base {self.path} has no n-gram index; build it again."
            )
        return self.files.ngrams.search(names, k, allowed)

    def dense_hits(
        self, vectors: npt.NDArray[np.float32], k: int, allowed: Mask | None = None
    ) -> NameHits:
        """What `search_dense` gives, as columns.

        `vectors` are unit rows (names, dimension) float32. KnowledgeBaseError for a base without
        vectors, or with others.
        """
        if self.files.dense is None:
            raise KnowledgeBaseError(
                f"The knowledge base {self.path} holds no vectors; build it again with an encoder."
            )
        return self.files.dense.search(vectors, k, allowed)

    def name_counts(self, concepts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """How many names rows of the concept table have: (n,) rows to (n,) counts."""
        # Of the column's own type: numpy would convert the whole column to that of other numbers.
        rows = concepts.astype(self._owners.dtype)
        ends = self._owners.searchsorted(rows, side="right")
        return ends - self._owners.searchsorted(rows)

    def concept_row(self, concept_id: str) -> int | None:
        """The row of the concept table with this id, retired ones too; None when it is unknown."""
        return self._table.row(concept_id)

    def concept_records(self, concepts: Iterable[int]) -> Mapping[int, ConceptRecord]:
        """Id, preferred name and types of rows of the concept table, by row."""
        return self._table.records(concepts)

    def concept_id(self, concept: int) -> str:
        """The id of a row of the concept table."""
        return self._table.record(concept).id

    def preferred_name(self, concept: int) -> str:
        """The preferred name of a row of the concept table."""
        return self._table.record(concept).name

    def types_of(self, concept: int) -> tuple[str, ...]:
        """The types of a row of the concept table."""
        return self._table.record(concept).types

    def name_text(self, name: int) -> str:
        """The text of a row of the name table."""
        return self._exact.text(name)

    def name_kind(self, name: int) -> str:
        """The kind (of `biopipe.kb.schema.KINDS`) of a row of the name table."""
        return self._exact.kind(name)

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
        return self._exact.lookup(name, self._own_types(types), allowed)

    def bearers(
        self,
        names: Sequence[str],
        *,
        types: Collection[str] | None = None,
        allowed: Mask | None = None,
    ) -> list[list[NameBearer]]:
        """For each name what `lookup` finds, as rows of the concept table with their scores; many
        names take a fraction of the time of as many lookups.
        """
        return self._exact.bearers(names, types, allowed)

    def begins_names(self, forms: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Which normal forms are a name, or the first words of one: (forms,) bool. One in 200 of
        all others is held to be so by chance.
        """
        hashes = name_hashes(forms)
        begins = self.files.exact_hashes.known(hashes)
        return begins if self.files.prefixes is None else begins | self.files.prefixes.known(hashes)

    def matches_in_form(
        self,
        names: Sequence[str],
        *,
        types: Collection[str] | None = None,
        allowed: Mask | None = None,
    ) -> list[list[NameMatch]]:
        """For each name what `matches` gives of its own order of words; many names take a fraction
        of the time of as many questions.
        """
        return self._exact.matches_in_form(names, self._own_types(types), allowed)

    def matches(
        self, name: str, *, types: Collection[str] | None = None, allowed: Mask | None = None
    ) -> list[NameMatch]:
        """Every stored name that `name` matches, in the order of the table; by word order only when
        nothing else is.
        """
        return self._exact.matches(name, self._own_types(types), allowed)

    def _own_types(self, types: Collection[str] | None) -> Collection[str] | None:
        if types is None or all(type_ in self.types for type_ in types):
            return types
        return types_of_base(types, self.types)


def _state_of(directory: Path) -> tuple[object, ...]:
    """Something that differs once a base was built again in the place of another.

    The hash in the manifest does not tell when the base was another in between and is the same
    now, so the folder counts too; its inode may be given again, its times move on.
    """
    try:
        about = directory.stat()
    except OSError:
        return ()
    folder = (about.st_dev, about.st_ino, about.st_mtime_ns, about.st_ctime_ns)
    return (*folder, current_kb_sha256(directory))


def _open_again(directory: str, prefer: tuple[str, ...]) -> KnowledgeBase:
    return KnowledgeBase.open(directory, prefer=prefer)


def _refuse_unknown_systems(prefer: Sequence[str], manifest: KBManifest) -> None:
    for system in prefer:
        if system not in manifest.systems:
            raise KnowledgeBaseError(
                f"The knowledge base {manifest.name} has no ids of the system '{system}'; "
                f"{near_values(system, manifest.systems)}."
            )
