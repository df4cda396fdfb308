"""Mentions to concepts, by the names a knowledge base holds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from biopipe.errors import ConfigError
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.default import default_kb
from biopipe.linking.composite import split_composite
from biopipe.linking.readings import Readings
from biopipe.linking.variants import rs_number
from biopipe.types import Candidate, Document, Mention

__all__ = ["DEFAULT_TYPES", "Linker"]

KB = KnowledgeBase | str | Path

# The concept types a mention label may mean, the likeliest first.
DEFAULT_TYPES: Mapping[str, tuple[str, ...]] = {
    "CellLine": ("CellLine",),
    "Chemical": ("Chemical",),
    "Disease": ("Disease", "Phenotype"),
    "Gene": ("Gene",),
    "Phenotype": ("Phenotype", "Disease"),
    "Species": ("Species",),
    "Variant": ("Variant",),
}
_KNOWN_TYPES = frozenset(type_ for types in DEFAULT_TYPES.values() for type_ in types)
_MOST_CANDIDATES = 20
_CACHED_SURFACES = 1 << 16


@dataclass(frozen=True, slots=True)
class _Link:
    concept_ids: tuple[str, ...]
    candidates: tuple[Candidate, ...]


class Linker:
    """A predictor that sets `concept_ids` and `candidates` of every mention; NIL below `threshold`.

    `kb` is one knowledge base (None or "default": the default one, built on first use), or one per mention label,
    where the label "" stands for any other; a label without one is NIL. `types` are the concept types each label
    may mean, in order of preference; by default `DEFAULT_TYPES`, where the knowledge base knows such types.
    Knowledge bases are opened at first use, so a linker can be pickled and passed to other processes.
    """

    def __init__(
        self,
        kb: KB | Mapping[str, KB] | None = None,
        *,
        threshold: float = 0.5,
        types: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        if not 0 <= threshold <= 1:
            raise ConfigError(f"The linking threshold is {threshold}; give a probability from 0 to 1.")
        self.threshold = threshold
        self._sources: dict[str, KB | None] = dict(kb) if isinstance(kb, Mapping) else {"": kb}
        self._types = None if types is None else {label: tuple(each) for label, each in types.items()}
        self._opened: dict[str, KnowledgeBase] | None = None
        self._link: Callable[[str, tuple[str, ...]], _Link] | None = None

    def __getstate__(self) -> dict[str, object]:
        return self.__dict__ | {"_opened": None, "_link": None}

    @property
    def kb_names(self) -> dict[str, str]:
        """Name of the knowledge base of each label; "" is the one of any other label."""
        return {label: kb.name for label, kb in self._knowledge_bases().items()}

    @property
    def kb_hashes(self) -> dict[str, str]:
        """Hash of the knowledge base of each label, as in `kb_names`."""
        return {label: kb.hash for label, kb in self._knowledge_bases().items()}

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        """The documents with every mention linked or NIL; `Document.abbreviations` are used where they are set."""
        if self._link is None:
            self._link = lru_cache(maxsize=_CACHED_SURFACES)(self._resolve)
        return [self._predict_one(document, self._link) for document in documents]

    def _predict_one(self, document: Document, link: Callable[[str, tuple[str, ...]], _Link]) -> Document:
        readings = Readings(document)
        mentions: list[Mention] = []
        for mention in document.mentions:
            found = link(mention.label, readings.of(mention))
            mentions.append(replace(mention, concept_ids=found.concept_ids, candidates=found.candidates))
        return replace(document, mentions=tuple(mentions))

    def _resolve(self, label: str, readings: tuple[str, ...]) -> _Link:
        if label == "Variant" and (candidate := rs_number(readings[0])):
            return _Link((candidate.concept_id,), (candidate,))
        found = [self._lookup(label, reading) for reading in readings]
        for candidates in found:
            if self._good(candidates):
                return _Link((candidates[0].concept_id,), candidates)
        return self._composite(label, readings) or _Link((), next((each for each in found if each), ()))

    def _composite(self, label: str, readings: Sequence[str]) -> _Link | None:
        for reading in readings:
            for parts in split_composite(reading):
                found = [self._lookup(label, part) for part in parts]
                if all(self._good(candidates) for candidates in found):
                    best = {candidates[0].concept_id: candidates[0] for candidates in found}
                    return _Link(tuple(best), tuple(best.values()))
        return None

    def _good(self, candidates: Sequence[Candidate]) -> bool:
        return bool(candidates) and candidates[0].score >= self.threshold

    def _lookup(self, label: str, surface: str) -> tuple[Candidate, ...]:
        knowledge_bases = self._knowledge_bases()
        kb = knowledge_bases.get(label) or knowledge_bases.get("")
        if kb is None:
            return ()
        return tuple(kb.lookup(surface, types=self._types_of(label, kb))[:_MOST_CANDIDATES])

    def _types_of(self, label: str, kb: KnowledgeBase) -> tuple[str, ...] | None:
        if self._types is not None:
            return self._types.get(label)
        # A knowledge base with types of its own (semantic types, namespaces) cannot be asked for ours.
        return DEFAULT_TYPES.get(label, (label,)) if not _KNOWN_TYPES.isdisjoint(kb.types) else None

    def _knowledge_bases(self) -> dict[str, KnowledgeBase]:
        if self._opened is None:
            opened: dict[Path, KnowledgeBase] = {}
            self._opened = {label: _open(source, opened) for label, source in self._sources.items()}
        return self._opened


def _open(source: KB | None, opened: dict[Path, KnowledgeBase]) -> KnowledgeBase:
    if isinstance(source, KnowledgeBase):
        return source
    path = default_kb() if source is None or str(source) == "default" else Path(source)
    return opened.setdefault(path, KnowledgeBase.open(path))
