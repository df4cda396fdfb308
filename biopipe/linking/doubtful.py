"""Links that the linker is not sure of, looked at again in their context."""

from collections.abc import Sequence
from dataclasses import replace

from biopipe.document import Candidate, Document, Mention
from biopipe.linking.bases import RetrieversByLabel
from biopipe.linking.requests import LinkingRequest
from biopipe.linking.rerank import Reranker, mention_context
from biopipe.linking.retriever import Retriever

__all__ = ["SURE_LINK", "is_doubtful", "rerank_doubtful"]

# Above this the cross-encoder is not asked: it would change almost nothing.
SURE_LINK = 0.94


def is_doubtful(
    retriever: Retriever | None, request: LinkingRequest, candidates: Sequence[Candidate]
) -> bool:
    """Whether a cross-encoder is to look at the first of `candidates` again.

    It is not asked where the linker is sure, nor where that concept alone bears the very name:
    there it was wrong about as often as it was right.
    """
    first = candidates[0]
    return first.score < SURE_LINK and (
        retriever is None or not retriever.bears_name(request, first.concept_id)
    )


def rerank_doubtful(
    document: Document,
    requests: Sequence[LinkingRequest],
    retrievers: RetrieversByLabel,
    reranker: Reranker,
    *,
    threshold: float,
) -> tuple[Mention, ...]:
    """The mentions of a linked document, the doubtful ones each with its own context."""
    mentions = list(document.mentions)
    doubtful: dict[int, tuple[Retriever, list[int]]] = {}
    for index, (mention, request) in enumerate(zip(mentions, requests, strict=True)):
        if (
            # What the mention itself writes may be in no knowledge base.
            request.written_concept is not None
            or len(mention.concept_ids) > 1
            or not mention.candidates
            or mention.dictionary
        ):
            continue
        retriever = retrievers.of(request)
        if retriever is not None and is_doubtful(retriever, request, mention.candidates):
            doubtful.setdefault(id(retriever), (retriever, []))[1].append(index)
    for retriever, indices in doubtful.values():
        asked = [
            (
                requests[index].surface_forms[0],
                mention_context(document, mentions[index]),
                mentions[index].candidates,
            )
            for index in indices
        ]
        for index, candidates in zip(indices, reranker.rerank(retriever.kb, asked), strict=True):
            ids = (candidates[0].concept_id,) if candidates[0].score >= threshold else ()
            mentions[index] = replace(mentions[index], concept_ids=ids, candidates=candidates)
    return tuple(mentions)
