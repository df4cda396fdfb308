"""Links of mentions that name several concepts at once, part by part."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from biopipe.document import Candidate, Document
from biopipe.kinds.context import DocumentContext
from biopipe.kinds.kind import names_to_look_up
from biopipe.kinds.registry import ENTITY_KINDS
from biopipe.linking.composite import split_composite
from biopipe.linking.requests import LinkingRequest
from biopipe.linking.retriever import Retriever
from biopipe.linking.unlikely import less_likely

__all__ = ["composite_candidates"]

# A part of a composite mention must be a name as it stands; near misses would split "head and neck
# cancer".
_LEAST_PART_SCORE = 0.5
# What is left of a part's score, as each part may be a name and the whole one concept all the same:
# of 46 such mentions of diseases in three dev sets 31 meant all parts ("breast/ovarian cancer" is
# one syndrome as often as two cancers).
_COMPOSITE_SHARE = 0.75
_NO_CONTEXT = DocumentContext(Document("", ""))


def composite_candidates(
    retriever: Retriever, request: LinkingRequest, *, threshold: float
) -> tuple[Candidate, ...]:
    """The concepts of the parts of a mention by falling score, each once; () where not every part
    is a name whose concept stays at least as likely as `threshold`.
    """
    least = max(threshold / _COMPOSITE_SHARE, _LEAST_PART_SCORE)
    for form in request.surface_forms:
        for parts in split_composite(form):
            candidates = _of_parts(retriever, request, parts, least)
            if candidates:
                likeliest = sorted(map(_as_part, candidates), key=lambda c: -c.score)
                return tuple({candidate.concept_id: candidate for candidate in likeliest}.values())
    return ()


def _as_part(candidate: Candidate) -> Candidate:
    return replace(candidate, score=round(_COMPOSITE_SHARE * candidate.score, 4))


def _of_parts(
    retriever: Retriever, request: LinkingRequest, parts: Sequence[str], least: float
) -> list[Candidate]:
    candidates: list[Candidate] = []
    for part in parts:
        of_part = _of_part(retriever, request, part)
        if not of_part or of_part[0].score < least:
            return []
        candidates.append(of_part[0])
    return candidates


def _of_part(retriever: Retriever, request: LinkingRequest, part: str) -> tuple[Candidate, ...]:
    for name in _names_of_part(request.label, part):
        candidates = retriever.exact(request.label, name, preferred_types=request.preferred_types)
        if candidates:
            return tuple(less_likely(retriever.kb, request, candidates))
    return ()


def _names_of_part(label: str, part: str) -> Iterator[str]:
    """The part itself, then other names that its kind makes of it, once they are asked for."""
    yield part
    kind = ENTITY_KINDS.get(label)
    if kind is None:
        return
    given = () if kind.names_in_text is None else kind.names_in_text(part, _NO_CONTEXT)
    words = len(part.split())
    for name in names_to_look_up(kind, part, given):
        # A part has its head from the other parts, so no form may lend it one: "breast" is not
        # "breast disease". But "hepatic toxicity" has a head, and is drug-induced liver injury.
        if len(name.split()) <= words + (words > 1):
            yield name
