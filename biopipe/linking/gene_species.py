"""Genes of animals in the place of the human ones that bear their names: the species of a mention is
what the text says, and the base knows the orthologs.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from biopipe.document import Candidate, Document, Mention
from biopipe.document.labels import GENE
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.schema import Concept
from biopipe.kinds.gene.species_evidence import SpeciesEvidence
from biopipe.language.species_words import HUMAN_TAXON
from biopipe.linking.requests import LinkingRequest
from biopipe.linking.shared_names import are_likely_together
from biopipe.linking.species_weights import shipped_species_weights
from biopipe.text.sentences import with_sentences

__all__ = ["BaseOf", "HasLogits", "has_ortholog", "of_silent_places", "with_genes_of_animals"]

# The base that a request is answered by; None where it has none.
BaseOf = Callable[[LinkingRequest], KnowledgeBase | None]
Floats = NDArray[np.float64]
_Place = tuple[int, str]  # the number of a mention, and the id of one of its human genes


class HasLogits(Protocol):
    """A place of a gene: what its text says of the taxa, (taxa,), and whether its sentence says none."""

    @property
    def logits(self) -> Floats: ...

    @property
    def is_silent(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class _Gene:
    """A human gene of a mention which has orthologs: `genes` are those of each of `taxa`, None for
    human, `logits` what the text says of these, (taxa,). `is_silent`: the sentence
    of the mention says no species.
    """

    human: str
    taxa: tuple[str, ...]
    genes: tuple[Concept | None, ...]
    logits: Floats
    is_silent: bool


def with_genes_of_animals(
    document: Document,
    requests: Sequence[LinkingRequest],
    base_of: BaseOf,
    *,
    most: int,
    threshold: float,
) -> Document:
    """The document with the ortholog in the place of each human gene of a text, or a mention, about
    an animal. Human gene and orthologs share the probability of the former, of which `most`
    candidates are kept. The mention is NIL where no species has `threshold`, nor two of them
    together: it is one of the two then.
    """
    pairs = list(zip(document.mentions, requests, strict=True))
    if not any(mention.label == GENE and _names_animal(request) for mention, request in pairs):
        return document
    document = with_sentences(document)
    evidence = SpeciesEvidence(document)
    genes: dict[_Place, _Gene] = {}
    for index, (mention, request) in enumerate(pairs):
        for gene in _genes(mention, request, base_of(request), evidence):
            genes[index, gene.human] = gene
    mentions = list(document.mentions)
    for (index, human), shares in _shares(genes).items():
        gene, mention = genes[index, human], mentions[index]
        if len(document.mentions[index].concept_ids) == 1:
            mentions[index] = _shared(mention, gene, shares, most, threshold)
        else:
            mentions[index] = _with_likeliest(mention, gene, shares)
    return replace(document, mentions=tuple(mentions), concepts=None)


def has_ortholog(kb: KnowledgeBase, request: LinkingRequest, concept_id: str) -> bool:
    """Whether the base has the gene that the first species of the request with one has for a human
    gene; not where people come before. A species without orthologs in the base, such as yeast, is
    passed over, and so is one that is unlikely.
    """
    for taxon in request.preferred_types:
        if taxon in request.unlikely_types and taxon != HUMAN_TAXON:
            continue
        if taxon == HUMAN_TAXON:
            return False
        if kb.ortholog(concept_id, taxon) is not None:
            return True
    return False


def _names_animal(request: LinkingRequest) -> bool:
    """Whether a request prefers any organism but people."""
    return any(taxon != HUMAN_TAXON for taxon in request.preferred_types)


def _genes(
    mention: Mention,
    request: LinkingRequest,
    kb: KnowledgeBase | None,
    evidence: SpeciesEvidence,
) -> Iterator[_Gene]:
    """The human genes of a mention that have orthologs in the animals of the text."""
    if mention.label != GENE or mention.dictionary or kb is None:
        return
    named = dict.fromkeys((*request.preferred_types, *evidence.taxa))
    for human in mention.concept_ids:
        orthologs = {taxon: kb.ortholog(human, taxon) for taxon in named if taxon != HUMAN_TAXON}
        found = {taxon: gene for taxon, gene in orthologs.items() if gene is not None}
        if found:
            taxa, genes = (HUMAN_TAXON, *found), (None, *found.values())
            logits = evidence.features(mention, taxa) @ shipped_species_weights()
            yield _Gene(human, taxa, genes, logits, evidence.is_silent(mention))


def _shares(genes: Mapping[_Place, _Gene]) -> dict[_Place, Floats]:
    """The share of each taxon in each gene: where the sentence is silent, what the text says of the
    gene in all its places, of which those whose sentence says a species count as much as all.
    """
    places: dict[tuple[str, tuple[str, ...]], list[_Gene]] = defaultdict(list)
    for gene in genes.values():
        places[gene.human, gene.taxa].append(gene)
    shares = {}
    for place, gene in genes.items():
        alike = places[gene.human, gene.taxa]
        logits = of_silent_places(alike) if gene.is_silent else gene.logits
        exponents = np.exp(logits - logits.max())
        shares[place] = exponents / exponents.sum()
    return shares


def of_silent_places(places: Sequence[HasLogits]) -> Floats:
    """What the text says of a gene where a sentence says nothing, (taxa,), by all its places."""
    logits = np.array([place.logits for place in places])
    silent = np.array([place.is_silent for place in places])
    of_all: Floats = logits.mean(axis=0)
    return of_all if silent.all() else (of_all + logits[~silent].mean(axis=0)) / 2


def _with_likeliest(mention: Mention, gene: _Gene, shares: Floats) -> Mention:
    """A mention of several genes with the likeliest of the species for one of them: "Smad1/5/8" of
    mice are three genes of mice.
    """
    best = int(shares.argmax())
    ortholog = gene.genes[best]
    id_ = gene.human if ortholog is None else ortholog.id
    candidates = tuple(
        Candidate(
            id_,
            candidate.name if ortholog is None else ortholog.name,
            round(float(shares[best]) * candidate.score, 4),
        )
        if candidate.concept_id == gene.human
        else candidate
        for candidate in mention.candidates
    )
    ids = tuple(id_ if concept == gene.human else concept for concept in mention.concept_ids)
    return replace(mention, concept_ids=tuple(dict.fromkeys(ids)), candidates=candidates)


def _shared(mention: Mention, gene: _Gene, shares: Floats, most: int, threshold: float) -> Mention:
    candidates: list[Candidate] = []
    for candidate in mention.candidates:
        if candidate.concept_id != gene.human:
            candidates.append(candidate)
            continue
        for ortholog, share in zip(gene.genes, shares.tolist(), strict=True):
            score = round(share * candidate.score, 4)
            if ortholog is None:
                candidates.append(replace(candidate, score=score))
            else:
                candidates.append(Candidate(ortholog.id, ortholog.name, score))
    candidates.sort(key=lambda candidate: -candidate.score)
    own = [gene.human if ortholog is None else ortholog.id for ortholog in gene.genes]
    is_likely = candidates[0].score >= threshold or (
        all(candidate.concept_id in own for candidate in candidates[:2])
        and are_likely_together(candidates, threshold)
    )
    ids = (candidates[0].concept_id,) if is_likely else ()
    return replace(mention, concept_ids=ids, candidates=tuple(candidates[:most]))
