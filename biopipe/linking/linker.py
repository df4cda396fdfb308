"""Mentions to concepts: candidates of a knowledge base, a probability for each, and NIL where none
is likely.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from biopipe.document import Candidate, Document, Mention
from biopipe.errors import ConfigError
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.default import base_directory
from biopipe.kinds.context import DocumentContext
from biopipe.linking.composite import split_composite
from biopipe.linking.mention_prior import DEFAULT_PRIOR, MentionPrior
from biopipe.linking.readings import Readings
from biopipe.linking.rerank import Reranker, context_of
from biopipe.linking.retrieve import DEFAULT_TYPES, Filters, Request, Retriever, find_encoder
from biopipe.linking.scoring import Found, WeightsByLabel, rank, read_weights
from biopipe.linking.strategies import STRATEGIES
from biopipe.runtime.manifest import Manifest

__all__ = ["DEFAULT_TYPES", "SURE", "Linker"]

KB = KnowledgeBase | str | Path

# A mention of a document, as the retrievers see it, what they found, and the base's id in use for
# an id.
Explanation = tuple[Document, Mention, Request, list[Found], Callable[[str], str | None]]

# About 30 MB, and 80 with twenty candidates a link.
_CACHED = 1 << 14
# Above this the cross-encoder is not asked: it would change almost nothing.
SURE = 0.94
# A part of a composite mention must be a name as it stands; near misses would split "head and neck
# cancer".
_PART_SCORE = 0.5
# What is left of a part's score, as each part may be a name and the whole one concept all the same:
# of 46 such mentions of diseases in three dev sets 31 meant all parts ("breast/ovarian cancer" is
# one syndrome as often as two cancers).
_COMPOSED = 0.75


@dataclass(frozen=True, slots=True)
class _Link:
    concept_ids: tuple[str, ...]
    candidates: tuple[Candidate, ...]


class Linker:
    """A predictor that sets `concept_ids` and `candidates` of every mention; NIL below `threshold`.

    Mentions with concepts that a dictionary gave them (`Mention.dictionary`) stay as they are.

    `kb` is one knowledge base (None or "default": the default one, built on first use), or one per
    mention label, where the label "" stands for any other; a label without one is NIL. `types`,
    `sources` and `branches` narrow the concepts of a mention label ("" for any other) before they
    are ranked; by default types are `DEFAULT_TYPES` where the knowledge base knows such. A
    knowledge base with vectors is searched with the encoder that made them. Each mention keeps its
    best `candidates`, whose scores are the probabilities that they are meant; `weights`, of
    `biopipe train linker`, turn what was found into these. `prior` names what concepts annotated
    text means by a name (`MentionPrior`); None goes by the base alone. `reranker` names a
    cross-encoder that looks again, in context, at mentions whose best candidate is not sure.
    Knowledge bases and models are opened at first use, so a linker can be pickled and passed to
    other processes.
    """

    def __init__(
        self,
        kb: KB | Mapping[str, KB] | None = None,
        *,
        threshold: float = 0.35,
        candidates: int = 20,
        types: Mapping[str, Sequence[str]] | None = None,
        sources: Mapping[str, Sequence[str]] | None = None,
        branches: Mapping[str, Sequence[str]] | None = None,
        encoder: str | Path | None = "auto",
        weights: WeightsByLabel | str | Path | None = None,
        prior: str | Path | None = DEFAULT_PRIOR,
        reranker: str | Path | None = None,
        device: str = "cpu",
        threads: int | None = None,
    ) -> None:
        if not 0 <= threshold <= 1:
            raise ConfigError(
                f"The linking threshold is {threshold}; give a probability from 0 to 1."
            )
        if candidates < 1:
            raise ConfigError(
                f"The linker was asked to keep {candidates} candidates; give 1 or more."
            )
        self.threshold = threshold
        self._most = candidates
        self._sources: dict[str, KB | None] = dict(kb) if isinstance(kb, Mapping) else {"": kb}
        self._filters = _filters(types or {}, sources or {}, branches or {})
        self._encoder, self._weights = encoder, weights
        self._prior = None if prior is None else MentionPrior(prior)
        self._device, self._threads = device, threads
        self._reranker = (
            None if reranker is None else Reranker(reranker, device=device, threads=threads)
        )
        self._opened: dict[str, Retriever] | None = None
        self._links: dict[Request, _Link] = {}

    def __getstate__(self) -> dict[str, object]:
        return self.__dict__ | {"_opened": None, "_links": {}}

    @property
    def kb_names(self) -> dict[str, str]:
        """Name of the knowledge base of each label; "" is the one of any other label."""
        return {label: each.kb.name for label, each in self._retrievers().items()}

    @property
    def kb_hashes(self) -> dict[str, str]:
        """Hash of the knowledge base of each label, as in `kb_names`."""
        return {label: each.kb.hash for label, each in self._retrievers().items()}

    @property
    def models(self) -> dict[str, Manifest]:
        """Manifests of the mention prior and the reranker, those of them that are used."""
        used = {"prior": self._prior, "reranker": self._reranker}
        return {what: each.manifest for what, each in used.items() if each is not None}

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        """The documents with every mention linked or NIL; `Document.abbreviations` are used where
        they are set.
        """
        requests = [_requests(document) for document in documents]
        links = self._resolve([request for each in requests for request in each])
        linked = [
            replace(
                document, mentions=tuple(map(_linked, document.mentions, (links[r] for r in each)))
            )
            for document, each in zip(documents, requests, strict=True)
        ]
        if self._reranker is None:
            return linked
        return [
            self._reranked(d, each, self._reranker)
            for d, each in zip(linked, requests, strict=True)
        ]

    def _reranked(
        self, document: Document, requests: Sequence[Request], reranker: Reranker
    ) -> Document:
        """The document with its doubtful links looked at again, each with its own context."""
        mentions = list(document.mentions)
        doubtful: dict[int, list[int]] = {}
        for place, (mention, request) in enumerate(zip(mentions, requests, strict=True)):
            if (
                request.spelled_out is not None
                or len(mention.concept_ids) > 1
                or not mention.candidates
            ):
                continue  # what the mention itself writes may be in no knowledge base
            if not mention.dictionary and self.is_doubtful(request, mention.candidates):
                doubtful.setdefault(id(self._retriever(mention.label)), []).append(place)
        for places in doubtful.values():
            retriever = self._retriever(mentions[places[0]].label)
            if retriever is None:
                continue
            asked = [
                (requests[p].readings[0], context_of(document, mentions[p]), mentions[p].candidates)
                for p in places
            ]
            for place, candidates in zip(places, reranker.rerank(retriever.kb, asked), strict=True):
                ids = (candidates[0].concept_id,) if candidates[0].score >= self.threshold else ()
                mentions[place] = replace(mentions[place], concept_ids=ids, candidates=candidates)
        return replace(document, mentions=tuple(mentions))

    def explain(self, documents: Sequence[Document]) -> Iterator[Explanation]:
        """What the retrievers find for each mention of a label that has a knowledge base, before
        any probability.
        """
        requests = [_requests(document) for document in documents]
        found: dict[Request, list[Found]] = {}
        for retriever, same in self._by_retriever(request for each in requests for request in each):
            if retriever is not None:
                found |= zip(same, retriever.retrieve(same), strict=True)
        for document, each in zip(documents, requests, strict=True):
            for mention, request in zip(document.mentions, each, strict=True):
                retriever = self._retriever(mention.label)
                if retriever is not None:
                    yield document, mention, request, found[request], retriever.kb.canonical

    def weigh(self, request: Request, found: Sequence[Found]) -> list[Candidate]:
        """Candidates by falling probability, of what `explain` gives for a request or of some of
        it.
        """
        retriever = self._retriever(request.label)
        weights = None if retriever is None else retriever.weights(request.label, found)
        return rank(request.readings[0], request.label, found, weights)

    def is_doubtful(self, request: Request, candidates: Sequence[Candidate]) -> bool:
        """Whether a cross-encoder is to look at the first of `candidates` again.

        It is not asked where the linker is sure, nor where that concept alone bears the very name:
        there it was wrong about as often as it was right.
        """
        retriever = self._retriever(request.label)
        first = candidates[0]
        return first.score < SURE and (
            retriever is None or not retriever.bears_name(request, first.concept_id)
        )

    def _by_retriever(
        self, requests: Iterable[Request]
    ) -> list[tuple[Retriever | None, list[Request]]]:
        """Different requests, in their order, by what answers them."""
        groups: dict[int, tuple[Retriever | None, list[Request]]] = {}
        for request in dict.fromkeys(requests):
            retriever = self._retriever(request.label)
            groups.setdefault(id(retriever), (retriever, []))[1].append(request)
        return list(groups.values())

    def _resolve(self, requests: Iterable[Request]) -> dict[Request, _Link]:
        """The link of each request; those not asked lately are answered together."""
        every = dict.fromkeys(requests)
        known = {
            request: link for request in every if (link := self._links.get(request)) is not None
        }
        for _, same in self._by_retriever(request for request in every if request not in known):
            known |= zip(same, self._answer(same), strict=True)
        for request in known:  # what was asked last goes last
            self._links.pop(request, None)
        self._links |= known
        if (
            len(self._links) > _CACHED
        ):  # a copy of the keys, for other threads add to them meanwhile
            for oldest in list(self._links)[: len(self._links) - _CACHED]:
                self._links.pop(oldest, None)
        return known

    def _answer(self, requests: Sequence[Request]) -> list[_Link]:
        retriever = self._retriever(requests[0].label)
        if retriever is None:
            return [_spelled_out(request, None) or _Link((), ()) for request in requests]
        said = [_spelled_out(request, retriever.kb) for request in requests]
        asked = [request for request, link in zip(requests, said, strict=True) if link is None]
        found = iter(retriever.retrieve(asked))
        return [
            link or self._link(retriever, request, next(found))
            for request, link in zip(requests, said, strict=True)
        ]

    def _link(self, retriever: Retriever, request: Request, found: Sequence[Found]) -> _Link:
        candidates = self.weigh(request, found)
        together = retriever.together(request)
        if together and together[0].score >= self.threshold:
            ids = tuple(candidate.concept_id for candidate in together)
            others = (candidate for candidate in candidates if candidate.concept_id not in ids)
            return _Link(ids, (*together, *others)[: self._most])
        best = candidates[0].score if candidates else 0.0
        if best < self.threshold or not any(each.exact for each in found):
            composite = self._composite(retriever, request)
            if composite is not None:
                return composite
        chosen = (candidates[0].concept_id,) if best >= self.threshold else ()
        return _Link(chosen, tuple(candidates[: self._most]))

    def _composite(self, retriever: Retriever, request: Request) -> _Link | None:
        for reading in request.readings:
            for parts in split_composite(reading):
                found = [self._part(retriever, request, part) for part in parts]
                least = max(self.threshold / _COMPOSED, _PART_SCORE)
                if all(each and each[0].score >= least for each in found):
                    likeliest = sorted(
                        (_composed(each[0]) for each in found), key=lambda c: -c.score
                    )
                    best = {candidate.concept_id: candidate for candidate in likeliest}
                    return _Link(tuple(best), tuple(best.values()))
        return None

    def _part(self, retriever: Retriever, request: Request, part: str) -> tuple[Candidate, ...]:
        strategy = STRATEGIES.get(request.label)
        words = len(part.split())
        # A part has its head from the other parts, so no form may lend it one: "breast" is not
        # "breast disease". But "hepatic toxicity" has a head, and is drug-induced liver injury.
        named = strategy.names(part, DocumentContext()) if strategy is not None else ()
        forms = (form for form in named if len(form.split()) <= words + (words > 1))
        every = (
            retriever.exact(request.label, form, narrow=request.narrow) for form in (part, *forms)
        )
        return next((found for found in every if found), ())

    def _retriever(self, label: str) -> Retriever | None:
        retrievers = self._retrievers()
        return retrievers.get(label) or retrievers.get("")

    def _retrievers(self) -> dict[str, Retriever]:
        if self._opened is None:
            opened: dict[Path, Retriever] = {}
            self._opened = {
                label: self._open(source, opened) for label, source in self._sources.items()
            }
        return self._opened

    def _open(self, source: KB | None, opened: dict[Path, Retriever]) -> Retriever:
        if not isinstance(source, KnowledgeBase):
            path = base_directory(source)
            if path in opened:
                return opened[path]
            source = KnowledgeBase.open(path)
        encoder = find_encoder(source, self._encoder, device=self._device, threads=self._threads)
        given = self._weights
        weights = read_weights(Path(given)) if isinstance(given, str | Path) else given
        return opened.setdefault(
            source.path, Retriever(source, self._filters, encoder, weights, self._prior)
        )


def _composed(part: Candidate) -> Candidate:
    return replace(part, score=round(_COMPOSED * part.score, 4))


def _requests(document: Document) -> list[Request]:
    readings, facts = Readings(document), DocumentContext.of(document)
    return [_request(mention, readings.of(mention), facts) for mention in document.mentions]


def _request(mention: Mention, readings: tuple[str, ...], facts: DocumentContext) -> Request:
    strategy = STRATEGIES.get(mention.label)
    if strategy is None:
        return Request(mention.label, readings)
    forms = dict.fromkeys(form for reading in readings for form in strategy.names(reading, facts))
    spelled_out = (
        c for c in (strategy.concept(reading, facts) for reading in readings) if c is not None
    )
    return Request(
        mention.label,
        readings,
        tuple(forms),
        strategy.types(facts) or (),
        spelled_out=next(spelled_out, None),
    )


def _spelled_out(request: Request, kb: KnowledgeBase | None) -> _Link | None:
    """The concept that the mention itself writes: any variant, and others where the base has them
    under that id.
    """
    concept = request.spelled_out
    if concept is None or (
        request.label != "Variant" and (kb is None or concept.concept_id not in kb)
    ):
        return None
    return _Link((concept.concept_id,), (concept,))


def _linked(mention: Mention, link: _Link) -> Mention:
    if mention.dictionary:
        return mention
    return replace(mention, concept_ids=link.concept_ids, candidates=link.candidates)


def _filters(
    types: Mapping[str, Sequence[str]],
    sources: Mapping[str, Sequence[str]],
    branches: Mapping[str, Sequence[str]],
) -> dict[str, Filters]:
    def of(chosen: Mapping[str, Sequence[str]], label: str) -> tuple[str, ...] | None:
        values = chosen.get(label, chosen.get(""))
        return None if values is None else tuple(values)

    labels = {"", *types, *sources, *branches}
    return {
        label: Filters(of(types, label), of(sources, label), of(branches, label))
        for label in labels
    }
