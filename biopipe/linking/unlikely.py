"""Candidates that a mention hardly means: of some types, such as human genes in a text about yeast,
and those that it has by a name which misleads, such as that of a family of genes.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from biopipe.document import Candidate
from biopipe.kb.base import KnowledgeBase
from biopipe.kinds.registry import ENTITY_KINDS
from biopipe.language.species_words import HUMAN_TAXON
from biopipe.linking.defined_forms import has_word_before_symbol
from biopipe.linking.gene_species import has_ortholog
from biopipe.linking.requests import LinkingRequest
from biopipe.linking.retriever import Retriever
from biopipe.text.normalize import normalize_name

__all__ = ["less_likely", "misleading_name"]

# One in thirty of such links was right in the texts of BioRED and NLM-Gene (`biopipe.kinds.gene`).
_SHARE = 0.1


def less_likely(
    retriever: Retriever,
    request: LinkingRequest,
    candidates: Sequence[Candidate],
    *,
    has_own_name: bool,
) -> list[Candidate]:
    """The candidates by falling score, those that are hardly meant a tenth as likely: of the
    request's unlikely types, human genes in texts about animals that lack them in the base, or what
    was found by a misleading name that is not its own.

    `has_own_name`: whether one of the request's surface forms is a name, see
    `CandidateEvidence.has_own_name`.
    """
    name = misleading_name(retriever, request, has_own_name=has_own_name) if candidates else ""
    if not (name or request.unlikely_types or request.about_animals):
        return list(candidates)
    written_out = _bearers_of_long_forms(retriever, request, name) if name else frozenset()
    weighed = [
        replace(candidate, score=round(_SHARE * candidate.score, 4))
        if _is_of_unlikely_types(retriever.kb, request, candidate.concept_id)
        or (
            name
            and not _is_called(candidate, name, request.label)
            and candidate.concept_id not in written_out
        )
        else candidate
        for candidate in candidates
    ]
    return sorted(weighed, key=lambda candidate: -candidate.score)


def misleading_name(retriever: Retriever, request: LinkingRequest, *, has_own_name: bool) -> str:
    """The misleading one of the names that a request is looked up by, "" where there is none or one
    before it is a name; for `has_own_name` see `less_likely`.
    """
    kind, first = ENTITY_KINDS.get(request.label), request.surface_forms[0]
    if kind is None:
        return ""
    if kind.is_defined_otherwise is not None and kind.is_defined_otherwise(first):
        return first
    if kind.is_misleading is None:
        return ""
    names = request.surface_forms
    place = next((i for i, name in enumerate(names) if kind.is_misleading(name)), None)
    # To make the other names takes ten times as long as to look at those there are, and where one
    # of these is a name, the other ones come too late.
    if place is None and not has_own_name:
        names = (*names, *request.other_names())
        place = next((i for i, name in enumerate(names) if kind.is_misleading(name)), None)
    if place is None or any(retriever.exact(request.label, name) for name in names[:place]):
        return ""
    return names[place]


def _bearers_of_long_forms(
    retriever: Retriever, request: LinkingRequest, name: str
) -> frozenset[str]:
    """The concepts that a surface form beside a short form that texts define otherwise names, such
    as the long form that they usually give it. The short form of a family is as misleading as its
    name.
    """
    is_defined_otherwise = ENTITY_KINDS[request.label].is_defined_otherwise
    if is_defined_otherwise is None or not is_defined_otherwise(name):
        return frozenset()
    others = (form for form in request.surface_forms if form != name)
    bearers = chain.from_iterable(retriever.exact(request.label, form) for form in others)
    return frozenset(candidate.concept_id for candidate in bearers)


def _is_called(candidate: Candidate, name: str, label: str) -> bool:
    """Whether a candidate is itself called by a misleading name: a base may have the family."""
    if normalize_name(candidate.name) == normalize_name(name):
        return has_word_before_symbol(candidate.name) or not has_word_before_symbol(name)
    is_misleading = ENTITY_KINDS[label].is_misleading
    return is_misleading is not None and is_misleading(candidate.name)


def _is_of_unlikely_types(kb: KnowledgeBase, request: LinkingRequest, concept_id: str) -> bool:
    """Whether a concept is of the request's unlikely types, or a human gene in a text about animals
    alone whose genes the base has, and is no human gene whose name is that of the animal's gene
    too, which takes its place.

    Of 194 links to human genes in texts of BioRED, NLM-Gene and GNormPlus (train, and BioRED dev)
    that name animals alone, none with an ortholog in the base, 29 were right.
    """
    about_animals = request.about_animals and kb.has_orthologs
    is_asked = about_animals or bool(request.unlikely_types)
    row = kb.concept_row(concept_id) if is_asked else None
    if row is None or has_ortholog(kb, request, concept_id):
        return False
    types = kb.types_of(row)
    return not set(types).isdisjoint(request.unlikely_types) or (
        about_animals and HUMAN_TAXON in types
    )
