"""The knowledge bases of a linker by mention label, opened at first use."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from biopipe.kb.base import KnowledgeBase
from biopipe.kb.default import base_directory
from biopipe.linking.biencoder import find_encoder
from biopipe.linking.filters import ConceptFilters
from biopipe.linking.mention_prior import MentionPrior
from biopipe.linking.requests import LinkingRequest
from biopipe.linking.retriever import Retriever
from biopipe.linking.weights import WeightsByLabel, read_weights

__all__ = ["BaseSource", "RetrieversByLabel"]

BaseSource: TypeAlias = KnowledgeBase | str | Path


class RetrieversByLabel:
    """One retriever a knowledge base; the label "" is any that has no base of its own.

    Pickling keeps where the bases are and opens them again.
    """

    def __init__(
        self,
        sources: Mapping[str, BaseSource | None],
        filters: Mapping[str, ConceptFilters],
        *,
        encoder: str | Path | None,
        weights: WeightsByLabel | str | Path | None,
        prior: MentionPrior | None,
        device: str,
        threads: int | None,
    ) -> None:
        self._sources = sources
        self._filters = filters
        self._encoder, self._weights, self._prior = encoder, weights, prior
        self._device, self._threads = device, threads
        self._opened: dict[str, Retriever] | None = None

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_opened": None}

    def by_label(self) -> Mapping[str, Retriever]:
        """The retriever of each label that has a base of its own, and of ""."""
        if self._opened is None:
            by_path: dict[Path, Retriever] = {}
            self._opened = {
                label: self._open(source, by_path) for label, source in self._sources.items()
            }
        return self._opened

    def of(self, label: str) -> Retriever | None:
        """The retriever of a label; None where it has no base."""
        retrievers = self.by_label()
        return retrievers.get(label) or retrievers.get("")

    def grouped(
        self, requests: Iterable[LinkingRequest]
    ) -> list[tuple[Retriever | None, list[LinkingRequest]]]:
        """Different requests, in their order, by the retriever that answers them."""
        groups: dict[int, tuple[Retriever | None, list[LinkingRequest]]] = {}
        for request in dict.fromkeys(requests):
            retriever = self.of(request.label)
            groups.setdefault(id(retriever), (retriever, []))[1].append(request)
        return list(groups.values())

    def _open(self, source: BaseSource | None, by_path: dict[Path, Retriever]) -> Retriever:
        if not isinstance(source, KnowledgeBase):
            path = base_directory("default" if source is None else source)
            if path in by_path:
                return by_path[path]
            source = KnowledgeBase.open(path)
        encoder = find_encoder(source, self._encoder, device=self._device, threads=self._threads)
        given = self._weights
        weights = read_weights(Path(given)) if isinstance(given, str | Path) else given
        return by_path.setdefault(
            source.path, Retriever(source, self._filters, encoder, weights, self._prior)
        )
