"""Candidates of types that a mention hardly means, such as human genes in a text about yeast."""

from collections.abc import Sequence
from dataclasses import replace

from biopipe.document import Candidate
from biopipe.kb.base import KnowledgeBase
from biopipe.linking.gene_species import has_ortholog
from biopipe.linking.requests import LinkingRequest

__all__ = ["less_likely"]

# One in thirty of such links was right in the texts of BioRED and NLM-Gene (`biopipe.kinds.gene`).
_SHARE = 0.1


def less_likely(
    kb: KnowledgeBase, request: LinkingRequest, candidates: Sequence[Candidate]
) -> list[Candidate]:
    """The candidates by falling score, those of the request's unlikely types a tenth as likely."""
    if not request.unlikely_types:
        return list(candidates)
    weighed = [
        replace(candidate, score=round(_SHARE * candidate.score, 4))
        if _is_unlikely(kb, request, candidate.concept_id)
        else candidate
        for candidate in candidates
    ]
    return sorted(weighed, key=lambda candidate: -candidate.score)


def _is_unlikely(kb: KnowledgeBase, request: LinkingRequest, concept_id: str) -> bool:
    if has_ortholog(kb, request, concept_id):
        return False  # the name is that of the animal's gene too, which takes its place
    row = kb.concept_row(concept_id)
    return row is not None and not set(kb.types_of(row)).isdisjoint(request.unlikely_types)
