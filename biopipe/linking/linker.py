"""Mentions to concepts: candidates of a knowledge base, a probability for each, and NIL where none
is likely.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from biopipe.document import Candidate, Document, Mention, Predictor, PredictorInfo, Resource
from biopipe.document.labels import GENE
from biopipe.errors import ConfigError
from biopipe.kb.base import KnowledgeBase
from biopipe.kinds.registry import ENTITY_KINDS
from biopipe.kinds.variant.genes import with_genes_of_variants
from biopipe.linking.bases import BaseSources, PreferredSystems, RetrieversByLabel
from biopipe.linking.composite_links import composite_candidates
from biopipe.linking.doubtful import is_doubtful, rerank_doubtful
from biopipe.linking.evidence import CandidateEvidence
from biopipe.linking.filters import filters_by_section
from biopipe.linking.gene_species import with_genes_of_animals
from biopipe.linking.linked_mention import with_link
from biopipe.linking.mention_certainty import with_certainty
from biopipe.linking.mention_prior import DEFAULT_PRIOR, MentionPrior
from biopipe.linking.requests import LinkingRequest, linking_requests
from biopipe.linking.rerank import Reranker
from biopipe.linking.retriever import Retriever
from biopipe.linking.shared_names import are_likely_together
from biopipe.linking.unlikely import less_likely, misleading_name
from biopipe.linking.weights import WeightsByLabel
from biopipe.text.abbreviations import with_abbreviations
from biopipe.text.concepts import with_concepts

__all__ = ["ExplainedMention", "Linker"]

# Links kept for requests that come again: about 30 MB, and 80 with twenty candidates a link.
_CACHED_LINKS = 1 << 14


@dataclass(frozen=True, slots=True)
class ExplainedMention:
    """A mention with what the retrievers found for it in `kb`, before any probability.

    `evidence` holds this mention alone. `misleads`: the name that it was looked up by hardly means
    its bearers, which are weighed once more after the probabilities.
    """

    document: Document
    mention: Mention
    request: LinkingRequest
    evidence: CandidateEvidence
    kb: KnowledgeBase
    misleads: bool = False

    @property
    def candidate_ids(self) -> list[str]:
        """The concept ids of the candidates of `evidence`, in their order."""
        return [self.kb.concept_id(row) for row in self.evidence.concepts.tolist()]


@dataclass(frozen=True, slots=True)
class _Link:
    concept_ids: tuple[str, ...]
    candidates: tuple[Candidate, ...]


class Linker(Predictor):
    """A predictor that sets `concept_ids` and `candidates` of every mention; NIL below `threshold`,
    and below `similar_threshold` where no concept bears the mention's name, nor was meant by it in
    annotated text: a name that is only similar says another thing more often than its probability
    tells, as what was fitted are mentions whose concepts the base has. A name that two concepts
    share goes to the likelier one where they have `threshold` together.

    Mentions with concepts that a dictionary gave them (`Mention.dictionary`) stay as they are. The
    documents come back with their abbreviations and their groups of mentions that are one concept.

    `kb` is one knowledge base (None or "default": the default one, built on first use), or one per
    mention label, where the label "" stands for any other; a label without one is NIL. Several in
    place of one are asked in their order: the first that has the mention's name answers, else the
    last. `prefer` are the systems of ids to answer with, such as ["MONDO", "MESH"], for all labels
    or by label; by default those of the base, and HP for phenotypes. `types`, `sources` and
    `branches` narrow the concepts of a mention label ("" for any other) before they are ranked,
    "Disease@family_history" and "@allergies" those in sections of notes; by default types are those
    of `biopipe.kinds`, where the knowledge base knows such. A knowledge base with vectors is
    searched with the encoder that made them. Each mention keeps its best `candidates`, whose scores
    are the probabilities that they are meant; `weights`, of `biopipe train linker`, turn what was
    found into these. `prior` names what concepts annotated text means by a name (`MentionPrior`);
    None goes by the base alone. In texts about animals genes are those of the animal where the base
    knows `orthologs`; without it, or where `types` name taxa of genes, they stay as found.
    `reranker` names a cross-encoder that looks again, in context, at mentions whose best candidate
    is not sure.
    Knowledge bases and models are opened at first use, so a linker can be pickled and passed to
    other processes.
    """

    def __init__(
        self,
        kb: BaseSources | Mapping[str, BaseSources] | None = None,
        *,
        threshold: float = 0.65,
        similar_threshold: float = 0.7,
        candidates: int = 20,
        types: Mapping[str, Sequence[str]] | None = None,
        sources: Mapping[str, Sequence[str]] | None = None,
        branches: Mapping[str, Sequence[str]] | None = None,
        prefer: PreferredSystems | None = None,
        encoder: str | Path | None = "auto",
        weights: WeightsByLabel | str | Path | None = None,
        prior: str | Path | None = DEFAULT_PRIOR,
        orthologs: bool = True,
        reranker: str | Path | None = None,
        device: str = "cpu",
        threads: int | None = None,
    ) -> None:
        _check_limits(candidates, threshold, similar_threshold)
        self.threshold, self.similar_threshold = threshold, similar_threshold
        self.orthologs = orthologs and not _names_taxa(types or {})
        self._most_candidates = candidates
        self._prior = None if prior is None else MentionPrior(prior)
        self._retrievers = RetrieversByLabel(
            dict(kb) if isinstance(kb, Mapping) else {"": kb},
            filters_by_section(types or {}, sources or {}, branches or {}),
            encoder=encoder,
            weights=weights,
            prior=self._prior,
            device=device,
            threads=threads,
            prefer=prefer,
        )
        self._reranker = (
            None if reranker is None else Reranker(reranker, device=device, threads=threads)
        )
        self._links: dict[LinkingRequest, _Link] = {}

    def __getstate__(self) -> dict[str, object]:
        return self.__dict__ | {"_links": {}}

    @property
    def info(self) -> PredictorInfo:
        """Needs mentions; finds abbreviations itself where nobody has looked for them."""
        return PredictorInfo(
            name="linker", needs=frozenset({"mentions"}), gives=frozenset({"concepts"})
        )

    @property
    def knowledge_bases(self) -> tuple[KnowledgeBase, ...]:
        """All its bases, each once, opened."""
        by_label = self._retrievers.by_label().values()
        bases = {retriever.kb.path: retriever.kb for some in by_label for retriever in some}
        return tuple(bases.values())

    def resources(self) -> tuple[Resource, ...]:
        """The knowledge base of each label ("" is any other), the mention prior, the reranker."""
        bases = [
            Resource(role="kb", name=retriever.kb.name, hash=retriever.kb.hash, label=label)
            for label, retrievers in self._retrievers.by_label().items()
            for retriever in retrievers
        ]
        models = {"prior": self._prior, "reranker": self._reranker}
        used = [m.manifest.resource(role) for role, m in models.items() if m is not None]
        return (*bases, *used)

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        """The documents with every mention linked or NIL."""
        documents = [with_abbreviations(document) for document in documents]
        requests = [self._requests(document) for document in documents]
        # Mentions of a document that ask the same have one request: that is hashed once.
        different = {id(request): request for of_document in requests for request in of_document}
        by_request = self._resolve(different.values())
        links = {key: by_request[request] for key, request in different.items()}
        linked = []
        for document, of_document in zip(documents, requests, strict=True):
            pairs = zip(document.mentions, of_document, strict=True)
            mentions = tuple([_linked(mention, links[id(request)]) for mention, request in pairs])
            if self._reranker is not None:
                mentions = rerank_doubtful(
                    replace(document, mentions=mentions),
                    of_document,
                    self._retrievers,
                    self._reranker,
                    threshold=self.threshold,
                )
            document = replace(document, mentions=mentions, concepts=None)
            if self.orthologs:
                document = with_genes_of_animals(
                    document,
                    of_document,
                    self._base_of,
                    most=self._most_candidates,
                    threshold=self.threshold,
                )
            mentions = with_certainty(
                document, document.mentions, of_document, threshold=self.threshold
            )
            document = replace(document, mentions=mentions, concepts=None)
            linked.append(with_concepts(with_genes_of_variants(document)))
        return linked

    def explain(self, documents: Sequence[Document]) -> Iterator[ExplainedMention]:
        """What the retrievers find for each mention of a label that has a knowledge base."""
        documents = [with_abbreviations(document) for document in documents]
        requests = [self._requests(document) for document in documents]
        evidence: dict[LinkingRequest, tuple[CandidateEvidence, KnowledgeBase, bool]] = {}
        for retriever, asked in self._retrievers.grouped(r for each in requests for r in each):
            if retriever is not None:
                table = retriever.retrieve(asked)
                has_own_name = table.has_own_name().tolist()
                for index, request in enumerate(asked):
                    misleads = bool(
                        misleading_name(retriever, request, has_own_name=has_own_name[index])
                    )
                    evidence[request] = table.of(index), retriever.kb, misleads
        for document, of_document in zip(documents, requests, strict=True):
            for mention, request in zip(document.mentions, of_document, strict=True):
                if request in evidence:
                    yield ExplainedMention(document, mention, request, *evidence[request])

    def weigh(self, request: LinkingRequest, evidence: CandidateEvidence) -> list[Candidate]:
        """Candidates by falling probability, of what `explain` gives for a request or of some of
        it.
        """
        retriever = self._retrievers.of(request)
        return [] if retriever is None else retriever.ranker.rank([request], evidence)[0]

    def _requests(self, document: Document) -> list[LinkingRequest]:
        """The request of each mention; equal ones are one object."""
        requests = linking_requests(document, self._retrievers.sections, animals=self.orthologs)
        drug_induced = {
            id(request): self._retrievers.as_drug_induced(request)
            for request in requests
            if request.drug_induced is not None
        }
        return [drug_induced.get(id(request), request) for request in requests]

    def _base_of(self, request: LinkingRequest) -> KnowledgeBase | None:
        retriever = self._retrievers.of(request)
        return None if retriever is None else retriever.kb

    def is_doubtful(self, request: LinkingRequest, candidates: Sequence[Candidate]) -> bool:
        """Whether a cross-encoder is to look at the first of `candidates` again."""
        return is_doubtful(self._retrievers.of(request), request, candidates)

    def _resolve(self, requests: Iterable[LinkingRequest]) -> dict[LinkingRequest, _Link]:
        """The link of each request; those not asked lately are answered together."""
        links: dict[LinkingRequest, _Link] = {}
        unanswered: list[LinkingRequest] = []
        for request in dict.fromkeys(requests):
            link = self._links.pop(request, None)  # what was asked last goes last
            if link is None:
                unanswered.append(request)
            else:
                links[request] = link
        for retriever, asked in self._retrievers.grouped(unanswered):
            links.update(zip(asked, self._answer(retriever, asked), strict=True))
        self._links.update(links)
        surplus = len(self._links) - _CACHED_LINKS
        # A copy of the keys: other threads add links meanwhile.
        for oldest in list(self._links)[:surplus] if surplus > 0 else ():
            self._links.pop(oldest, None)
        return links

    def _answer(
        self, retriever: Retriever | None, requests: Sequence[LinkingRequest]
    ) -> list[_Link]:
        written = [_written(request, retriever) for request in requests]
        if retriever is None:
            return [link or _Link((), ()) for link in written]
        asked = [r for r, link in zip(requests, written, strict=True) if link is None]
        evidence = retriever.retrieve(asked)
        joint = [retriever.joint_concepts(request) for request in asked]
        most = self._most_candidates + max(map(len, joint), default=0)
        ranked = [
            less_likely(retriever, request, candidates, has_own_name=has_own_name)
            for request, candidates, has_own_name in zip(
                asked,
                retriever.ranker.rank(asked, evidence, most=most),
                evidence.has_own_name().tolist(),
                strict=True,
            )
        ]
        has_exact, is_known = evidence.has_exact().tolist(), evidence.is_known().tolist()
        links = [
            self._link(retriever, *each)
            for each in zip(asked, ranked, joint, is_known, strict=True)
        ]
        unsure = [
            place
            for place, link in enumerate(links)
            if not link.concept_ids or not (has_exact[place] or self._is_joint(joint[place]))
        ]
        parts = composite_candidates(
            retriever, [asked[place] for place in unsure], threshold=self.threshold
        )
        for place, of_parts in zip(unsure, parts, strict=True):
            if of_parts:
                links[place] = _Link(tuple(part.concept_id for part in of_parts), of_parts)
        answered = iter(links)
        return [next(answered) if link is None else link for link in written]

    def _is_joint(self, joint: Sequence[Candidate]) -> bool:
        return bool(joint) and joint[0].score >= self.threshold

    def _link(
        self,
        retriever: Retriever,
        request: LinkingRequest,
        candidates: Sequence[Candidate],
        joint: Sequence[Candidate],
        is_known: bool,
    ) -> _Link:
        """The link of one name as a whole."""
        if self._is_joint(joint):
            ids = tuple(candidate.concept_id for candidate in joint)
            others = (candidate for candidate in candidates if candidate.concept_id not in ids)
            return _Link(ids, (*joint, *others)[: self._most_candidates])
        least = self.threshold if is_known else max(self.threshold, self.similar_threshold)
        is_likely = bool(candidates) and (
            candidates[0].score >= least
            or (
                are_likely_together(candidates, least)
                and _share_name(retriever, request, candidates)
            )
        )
        ids = (candidates[0].concept_id,) if is_likely else ()
        return _Link(ids, tuple(candidates[: self._most_candidates]))


def _share_name(
    retriever: Retriever, request: LinkingRequest, candidates: Sequence[Candidate]
) -> bool:
    """Whether the first two candidates bear the very name, as a disease and its sign may."""
    bearers = retriever.bearers(request)
    return all(candidate.concept_id in bearers for candidate in candidates[:2])


def _check_limits(candidates: int, *thresholds: float) -> None:
    for value in thresholds:
        if not 0 <= value <= 1:
            raise ConfigError(f"The linking threshold is {value}; give a probability from 0 to 1.")
    if candidates < 1:
        raise ConfigError(f"The linker was asked to keep {candidates} candidates; give 1 or more.")


def _names_taxa(types: Mapping[str, Sequence[str]]) -> bool:
    """Whether the filters of types say which species' genes are wanted."""
    of_genes = (of for label, of in types.items() if label.partition("@")[0] in ("", GENE))
    return any(type_.startswith("NCBITaxon:") for of in of_genes for type_ in of)


def _written(request: LinkingRequest, retriever: Retriever | None) -> _Link | None:
    """The concept that the mention itself writes, where its kind needs no base or the base has it
    under that id.
    """
    concept = request.written_concept
    if concept is None:
        return None
    if ENTITY_KINDS[request.label].needs_base and (
        retriever is None or concept.concept_id not in retriever.kb
    ):
        return None
    return _Link((concept.concept_id,), (concept,))


def _linked(mention: Mention, link: _Link) -> Mention:
    return mention if mention.dictionary else with_link(mention, link.concept_ids, link.candidates)
