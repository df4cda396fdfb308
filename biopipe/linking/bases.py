"""The knowledge bases of a linker by mention label, opened at first use."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from biopipe.document.labels import PHENOTYPE
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.default import base_directory
from biopipe.linking.biencoder import find_encoder
from biopipe.linking.filters import ConceptFilters
from biopipe.linking.mention_prior import MentionPrior
from biopipe.linking.requests import LinkingRequest
from biopipe.linking.retriever import Retriever
from biopipe.linking.weights import WeightsByLabel, read_weights

__all__ = ["BaseSource", "BaseSources", "PreferredSystems", "RetrieversByLabel"]

BaseSource: TypeAlias = KnowledgeBase | str | Path
BaseSources: TypeAlias = BaseSource | Sequence[BaseSource]
"""One knowledge base, or several, those of one's own first."""

PreferredSystems: TypeAlias = Sequence[str] | Mapping[str, Sequence[str]]
"""Systems of ids, the most wanted first, for all mention labels or by label."""

# Where a base joins systems, mentions of a label are wanted under the ids that their field uses.
_SYSTEMS_OF_LABELS: Mapping[str, Sequence[str]] = {PHENOTYPE: ("HP",)}


class RetrieversByLabel:
    """One retriever a knowledge base, order of systems and section with filters of its own; the
    label "" is any that has no base of its own.

    `filters` are those of `filters_by_section`. A label may have several bases: the first that has
    a name of the mention answers, and the last where none has. `prefer` are the systems of ids to
    answer with. Pickling keeps where the bases are and opens them again.
    """

    def __init__(
        self,
        sources: Mapping[str, BaseSources | None],
        filters: Mapping[str, Mapping[str, ConceptFilters]],
        *,
        encoder: str | Path | None,
        weights: WeightsByLabel | str | Path | None,
        prior: MentionPrior | None,
        device: str,
        threads: int | None,
        prefer: PreferredSystems | None = None,
    ) -> None:
        self._sources = {label: _as_sequence(source) for label, source in sources.items()}
        self._filters = filters
        self._encoder, self._weights, self._prior = encoder, weights, prior
        self._device, self._threads = device, threads
        by_label = prefer if isinstance(prefer, Mapping) else {"": prefer} if prefer else {}
        self._prefer = {label: tuple(systems) for label, systems in by_label.items()}
        self._opened: dict[tuple[str, str], tuple[Retriever, ...]] = {}
        self._bases: dict[Path, KnowledgeBase] = {}
        self._by_path: dict[tuple[Path, tuple[str, ...], str], Retriever] = {}

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_opened": {}, "_bases": {}, "_by_path": {}}

    def by_label(self) -> Mapping[str, tuple[Retriever, ...]]:
        """The retrievers of each label that has bases of its own, and of ""."""
        return {label: self._of_label(label, "") for label in self._sources}

    @property
    def sections(self) -> frozenset[str]:
        """The categories of sections that have filters of their own."""
        return frozenset(self._filters) - {""}

    def of(self, request: LinkingRequest) -> Retriever | None:
        """The retriever that answers a request; None where its label has no base."""
        *first, last = self._of_label(request.label, request.section) or (None,)
        for retriever in first:
            if retriever is not None and _has_name(retriever, request):
                return retriever
        return last

    def as_drug_induced(self, request: LinkingRequest) -> LinkingRequest:
        """The request by the name that its base has for the disease as one of drugs; unchanged
        where it has none, or where no chemical brought it about.
        """
        names = request.drug_induced
        retriever = None if names is None else self.of(request)
        if names is None or retriever is None or not retriever.knows_chemical(names.agent):
            return request
        known = [name for name in names.names if retriever.exact(request.label, name)]
        forms = tuple(dict.fromkeys((*known[:1], *request.surface_forms)))
        return replace(request, surface_forms=forms) if known else request

    def grouped(
        self, requests: Iterable[LinkingRequest]
    ) -> list[tuple[Retriever | None, list[LinkingRequest]]]:
        """Different requests, in their order, by the retriever that answers them."""
        groups: dict[int, tuple[Retriever | None, list[LinkingRequest]]] = {}
        for request in dict.fromkeys(requests):
            retriever = self.of(request)
            groups.setdefault(id(retriever), (retriever, []))[1].append(request)
        return list(groups.values())

    def _of_label(self, label: str, section: str) -> tuple[Retriever, ...]:
        key = label, section
        if key not in self._opened:
            sources = self._sources.get(label, self._sources.get("", ()))
            self._opened[key] = tuple(self._open(source, label, section) for source in sources)
        return self._opened[key]

    def _open(self, source: BaseSource | None, label: str, section: str) -> Retriever:
        if not isinstance(source, KnowledgeBase):
            path = base_directory("default" if source is None else source).resolve()
            if path not in self._bases:
                self._bases[path] = KnowledgeBase.open(path)
            source = self._bases[path]
        systems = self._systems(source, label)
        known = self._by_path.get((source.path, systems, section))
        if known is not None:
            return known
        base = source if systems == source.prefer else source.preferring(systems)
        encoder = find_encoder(base, self._encoder, device=self._device, threads=self._threads)
        given = self._weights
        weights = read_weights(Path(given)) if isinstance(given, str | Path) else given
        filters = self._filters.get(section) or self._filters.get("", {})
        retriever = Retriever(base, filters, encoder, weights, self._prior)
        return self._by_path.setdefault((base.path, systems, section), retriever)

    def _systems(self, base: KnowledgeBase, label: str) -> tuple[str, ...]:
        """The systems to answer with that the base has ids of: those asked for, else those of the
        label, before those that the base itself prefers.
        """
        own = tuple(base.manifest.prefer)
        asked = self._prefer.get(label, self._prefer.get(""))
        if asked is None:
            asked = tuple(_SYSTEMS_OF_LABELS.get(label, ())) if own else ()
            asked = asked or tuple(base.prefer)
        known = [system for system in asked if system in base.manifest.systems]
        return tuple(dict.fromkeys((*known, *own)))


def _has_name(retriever: Retriever, request: LinkingRequest) -> bool:
    return any(retriever.exact(request.label, form) for form in request.surface_forms)


def _as_sequence(source: BaseSources | None) -> Sequence[BaseSource | None]:
    if source is None or isinstance(source, KnowledgeBase | str | Path):
        return (source,)
    return tuple(source)
