"""Links of mentions that name several concepts at once, part by part."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from biopipe.document import Candidate, Document
from biopipe.kinds.context import DocumentContext
from biopipe.kinds.kind import names_to_look_up
from biopipe.kinds.registry import ENTITY_KINDS
from biopipe.linking.compared_texts import name_form_of
from biopipe.linking.composite import split_composite
from biopipe.linking.name_comparison import shares_telling_word
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
# Only the likeliest counts; one of an unlikely type may stand before it.
_MOST_OF_PART = 3
_NO_CONTEXT = DocumentContext(Document("", ""))


def composite_candidates(
    retriever: Retriever, requests: Sequence[LinkingRequest], *, threshold: float
) -> list[tuple[Candidate, ...]]:
    """For each request the concepts of the parts of the mention by falling score, each once; ()
    where not every part is a name whose concept stays at least as likely as `threshold`.

    Every request has its likeliest way to be read looked up, all together, then those without an
    answer the next.
    """
    least = max(threshold / _COMPOSITE_SHARE, _LEAST_PART_SCORE)
    answers: list[tuple[Candidate, ...]] = [()] * len(requests)
    untried = {i: _named_ways(retriever, request) for i, request in enumerate(requests)}
    while untried:
        # Of each request the next way; those without one are done.
        ways = {i: way for i, named in untried.items() if (way := next(named, None)) is not None}
        of_parts = _likeliest(retriever, [(requests[i], way) for i, way in ways.items()])
        for i, candidates in zip(ways, of_parts, strict=True):
            if all(candidate and candidate.score >= least for candidate in candidates):
                answers[i] = _by_score(candidate for candidate in candidates if candidate)
        untried = {i: untried[i] for i in ways if not answers[i]}
    return answers


def _by_score(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    weighed = [
        replace(candidate, score=round(_COMPOSITE_SHARE * candidate.score, 4))
        for candidate in candidates
    ]
    weighed.sort(key=lambda candidate: -candidate.score)
    return tuple({candidate.concept_id: candidate for candidate in weighed}.values())


def _named_ways(retriever: Retriever, request: LinkingRequest) -> Iterator[tuple[str, ...]]:
    """The ways to read a mention whose parts are all names, each by these names."""
    for form in request.surface_forms:
        for parts in split_composite(form):
            names = []
            for part in parts:
                name = _name_of_part(retriever, request, part)
                if name is None:
                    break
                names.append(name)
            else:
                yield tuple(names)


def _name_of_part(retriever: Retriever, request: LinkingRequest, part: str) -> str | None:
    kind, types = ENTITY_KINDS.get(request.label), request.preferred_types
    is_misleading = kind.is_misleading if kind is not None and kind.name_form.codes else None
    if is_misleading is not None and is_misleading(part):
        return None  # "mTORC1/2" is two complexes
    for name in _names_of_part(request.label, part):
        bearers = retriever.exact(request.label, name, preferred_types=types)
        if bearers and (name == part or _has_word(retriever, request.label, part, bearers)):
            return name
    return None


def _has_word(retriever: Retriever, label: str, part: str, bearers: Sequence[Candidate]) -> bool:
    """Whether a code made of the words of a part is that of a concept with any of these words:
    "tuberous sclerosis protein 1" is no TSP1.
    """
    if name_form_of(label).other_names_are_words:
        return True
    concepts = (retriever.kb.concept(bearer.concept_id) for bearer in bearers)
    return any(shares_telling_word(part, (c.name, *c.synonyms)) for c in concepts)


def _likeliest(
    retriever: Retriever, ways: Sequence[tuple[LinkingRequest, tuple[str, ...]]]
) -> list[list[Candidate | None]]:
    """The likeliest candidate of each part of each (request, names of its parts), None for none."""
    parts = [
        replace(request, surface_forms=(name,), names_in_text=())
        for request, names in ways
        for name in names
    ]
    if not parts:
        return []
    evidence = retriever.retrieve(parts)
    ranked = retriever.ranker.rank(parts, evidence, most=_MOST_OF_PART)
    own = evidence.has_own_name().tolist()
    likeliest = iter(
        [
            next(iter(less_likely(retriever, part, candidates, has_own_name=has_own_name)), None)
            for part, candidates, has_own_name in zip(parts, ranked, own, strict=True)
        ]
    )
    return [[next(likeliest) for _ in names] for _, names in ways]


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
